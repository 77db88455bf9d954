const MINUTE = 60_000;

/** After so many failed runs of one version a node is given up until a new version comes or somebody says `force`. */
export const MAX_ATTEMPTS = 6;

/** How long after the n-th failed run (n ≥ 1) the next one is due: 1, 2, 4, 8, 16 minutes. */
export const failureDelay = (failures: number): number => 2 ** (failures - 1) * MINUTE;

/** How long after the n-th "try again later" in a row (n ≥ 1): 1, 2, 4 … at most 60 minutes. */
export const deferralDelay = (deferrals: number): number => Math.min(60, 2 ** Math.min(deferrals - 1, 6)) * MINUTE;

/** Seconds: what a node asks for, or twice what it asked for before, up to an hour. */
export const againAfter = (asked: number, before = 0): number => Math.max(asked, Math.min(3600, 2 * before));

/** A conflict, an unsupported node and a pending restart are looked at again once an hour. */
export const RECHECK_DELAY = 60 * MINUTE;

/** Delivery (300 s) and run time (600 s) of a command, and a minute for clocks and queues. */
export const LEASE = 16 * MINUTE;

/** Younger claims without a command id may still be on their way to being saved. */
export const CLAIM_SETTLES = 2 * MINUTE;

/** Nothing is sent under an older claim. Retries after throttling may add to it: the functions' timeouts of a minute end them. */
export const CLAIM_EXPIRES = 1 * MINUTE;

/** A result that has not rung by then is asked for. */
export const RESULT_OVERDUE = 45_000;

/** `at` is an ISO instant, as records keep it. */
export const isOver = (at: string, milliseconds: number, now: Date): boolean =>
  now.getTime() - Date.parse(at) >= milliseconds;
