import type { Fault, Faults } from '../../sandbox/account/faults.ts';
import type { Random } from './random.ts';
import { MINUTE, SECOND } from './time.ts';

/** What can go wrong, in groups that shrinking leaves out one by one. */
export const TROUBLES = [
  'event lost',
  'event doubled',
  'event late',
  'throttled',
  'server error',
  'answer lost',
  'lost race',
  'crash',
  'page fails',
  'slow',
  'skewed clock',
  'sweep overlaps',
  'other customers',
  'late agent',
  'failed install',
  'dead agent',
  'cut output',
  'eventual consistency',
] as const;
export type Trouble = (typeof TROUBLES)[number];

export interface Troubles {
  /** Does it go wrong this time? Never, once it is calm. */
  readonly strikes: (trouble: Trouble, probability: number) => boolean;
  readonly random: (trouble: Trouble) => Random;
}

export function troubles(random: Random, isOff: ReadonlySet<Trouble>, isCalm: () => boolean): Troubles {
  // One history is unlucky with its throttling, another with its crashes.
  const streams = new Map(TROUBLES.map((trouble) => [trouble, random.fork(trouble)]));
  const stream = (trouble: Trouble): Random => streams.get(trouble) ?? random;
  const intensity = new Map(TROUBLES.map((trouble) => [trouble, stream(trouble).pick([0, 0.5, 1, 1, 2.5])]));
  return {
    strikes: (trouble, probability) =>
      !isOff.has(trouble) && !isCalm() && stream(trouble).chance(probability * (intensity.get(trouble) ?? 1)),
    random: stream,
  };
}

const error = (status: number, code: string): Fault => ({ kind: 'error', status, code });
const isS3 = (operation: string): boolean => /Object/.test(operation);
const isWrite = (operation: string): boolean => operation === 'PutObject' || operation === 'DeleteObject';

/** The simulated account asks at every API call, every page of a list too. */
export const randomFaults = (trouble: Troubles): Faults => ({
  arm: () => undefined,
  clear: () => undefined,
  take(operation) {
    if (trouble.strikes('throttled', 0.01)) {
      return isS3(operation) ? error(503, 'SlowDown') : error(400, 'ThrottlingException');
    }
    if (trouble.strikes('server error', 0.01)) return error(500, 'InternalError');
    if (trouble.strikes('answer lost', 0.01)) return { kind: 'lost' };
    if (isWrite(operation) && trouble.strikes('lost race', 0.01)) {
      return trouble
        .random('lost race')
        .pick([error(409, 'ConditionalRequestConflict'), error(412, 'PreconditionFailed'), error(404, 'NoSuchKey')]);
    }
    return undefined;
  },
});

/** Milliseconds that one half of a round trip takes. */
export function travelTime(random: Random, trouble: Troubles): number {
  if (trouble.strikes('slow', 0.006)) return trouble.random('slow').between(SECOND, 20 * SECOND);
  return random.between(5, 120);
}

export const skew = (trouble: Troubles): number =>
  trouble.strikes('skewed clock', 1) ? trouble.random('skewed clock').between(-5 * SECOND, 5 * SECOND) : 0;

export const latenessOfEvent = (trouble: Troubles): number =>
  trouble.random('event late').between(5 * SECOND, 5 * MINUTE);
