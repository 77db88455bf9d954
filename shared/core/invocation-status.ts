/** States of an SSM invocation that has not ended (Systems Manager user guide, "Understanding command statuses"). */
const UNFINISHED: ReadonlySet<string> = new Set(['Pending', 'InProgress', 'Delayed', 'Cancelling']);

export const isUnfinished = (status: string): boolean => UNFINISHED.has(status);
