/** Lines that a screen can hold; of a thousand nodes, those with the highest values are what somebody looks for. */
const LINES = 20;

/** Those that were highest, by `rank`, with what they are named by. */
export const theHighest = (by: string, rank: string): string => `topk(${LINES}, max by (${by}) (${rank}))`;

/** The highest that a gauge was over the whole time shown. */
export const peakOf = (selector: string): string => `max_over_time(${selector}[$__range] @ end())`;

/**
 * Only the series of those that were highest over the whole time shown: the same ones at each point, where `topk` alone
 * would choose anew for each. `by` names what a line is, `rank` what they are ordered by, as of the end.
 */
export const highest = (by: string, expr: string, rank: string): string =>
  `${expr} and on (${by}) ${theHighest(by, rank)}`;

/** Of a gauge. */
export const highestOf = (by: string, selector: string): string => highest(by, selector, peakOf(selector));

/** Of a counter, its rate. */
export const highestRate = (by: string, selector: string): string =>
  highest(by, `sum by (${by}) (rate(${selector}[$__rate_interval]))`, `rate(${selector}[$__range] @ end())`);
