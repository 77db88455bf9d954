export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
/** Every history is an hour: things happen and go wrong until CALM, and then it has to come right. */
export const LENGTH = 60 * MINUTE;
export const CALM = 36 * MINUTE;
export const START = new Date('2026-11-22T12:00:00.000Z');
/** How old the look may be that somebody acts upon. */
export const LOOK_AGE = 90 * SECOND;
