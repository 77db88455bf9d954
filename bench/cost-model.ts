/** What was counted in some minutes of the functions' life. */
export interface Counts {
  readonly minutes: number;
  readonly invocations: number;
  /** Of the calls that were waited for, 20 to 150 ms each; computing comes on top. */
  readonly gbSeconds: number;
  /** PUT and LIST. */
  readonly s3Writes: number;
  /** GET and HEAD. */
  readonly s3Reads: number;
  readonly s3Deletes: number;
  /** EMR, EC2 and SSM. */
  readonly freeCalls: number;
  /** Through the queue. */
  readonly messages: number;
  readonly batches: number;
  /** Of our own lines; Lambda's come on top. */
  readonly logBytes: number;
  /** Sets of dimensions. */
  readonly metrics: number;
}

/** bench/cost.json: written by `npm run bench -- cost`. */
export interface CostCounts {
  readonly clusters: number;
  readonly nodes: number;
  readonly phases: Readonly<Record<'empty' | 'launch' | 'steady' | 'end', Counts>>;
}

/** US dollars, us-east-1, without any free tier. Where each is from: docs/cost.md, "Prices". */
export const PRICES = {
  invocation: 0.2 / 1e6,
  gbSecond: 0.0000133334, // arm64
  s3Write: 0.005 / 1000, // PUT, LIST
  s3Read: 0.0004 / 1000, // GET, HEAD
  sqsRequest: 0.4 / 1e6,
  logByte: 0.5 / 1e9,
  metric: 0.3,
  alarm: 0.1,
  dashboard: 3,
} as const;

export const MINUTES_A_MONTH = 730 * 60;
/** Lambda's own START and REPORT lines of one run, in JSON: an estimate. */
export const PLATFORM_BYTES = 600;
/** An event source mapping polls even an empty queue: five pollers, 20 s each (Lambda, "Using Lambda with Amazon SQS"). */
const IDLE_POLLS_A_MINUTE = 15;
/** The sidecar's defaults: targets each 5 s, records once a minute. */
const SIDECAR_LISTS_A_MINUTE = 60 / 5 + 1;

/** What a month costs, by what is charged. */
export type Bill = Readonly<
  Record<'lambda' | 's3' | 'sqs' | 'logs' | 'metrics' | 'alarms' | 'dashboard' | 'sidecar', number>
>;

const requestsOf = ({ messages, batches }: Counts): number => messages + 2 * batches; // sent one by one; received and deleted by the batch

/** What these counts cost: without what is charged by the month. */
export const costOf = (counts: Counts): number =>
  counts.invocations * PRICES.invocation +
  counts.gbSeconds * PRICES.gbSecond +
  counts.s3Writes * PRICES.s3Write +
  counts.s3Reads * PRICES.s3Read +
  requestsOf(counts) * PRICES.sqsRequest +
  (counts.logBytes + counts.invocations * PLATFORM_BYTES) * PRICES.logByte;

/** A month in which every minute is like those counted. */
export function monthOf(counts: Counts, { alarms }: { readonly alarms: number }): Bill {
  const times = MINUTES_A_MONTH / counts.minutes;
  return {
    lambda: times * (counts.invocations * PRICES.invocation + counts.gbSeconds * PRICES.gbSecond),
    s3: times * (counts.s3Writes * PRICES.s3Write + counts.s3Reads * PRICES.s3Read),
    sqs: (times * requestsOf(counts) + IDLE_POLLS_A_MINUTE * MINUTES_A_MONTH) * PRICES.sqsRequest,
    logs: times * (counts.logBytes + counts.invocations * PLATFORM_BYTES) * PRICES.logByte,
    metrics: counts.metrics * PRICES.metric,
    alarms: alarms * PRICES.alarm,
    dashboard: PRICES.dashboard,
    sidecar: SIDECAR_LISTS_A_MINUTE * MINUTES_A_MONTH * PRICES.s3Write,
  };
}

export const sumOf = (bill: Bill): number => Object.values(bill).reduce((sum, part) => sum + part, 0);

/** What one phase has more than the same minutes of another. */
export function beyond(phase: Counts, base: Counts): Counts {
  const share = phase.minutes / base.minutes;
  const more: Record<keyof Counts, number> = { ...phase };
  for (const name of Object.keys(more) as (keyof Counts)[]) more[name] -= base[name] * share;
  return { ...more, minutes: phase.minutes };
}

/** Custom metrics by the month: 10,000, the next 240,000, the next 750,000, all others. */
const TIERS = [
  [10_000, 0.3],
  [240_000, 0.1],
  [750_000, 0.05],
  [Infinity, 0.02],
] as const;

export function customMetrics(series: number): number {
  let [left, sum] = [series, 0];
  for (const [size, price] of TIERS) {
    sum += Math.min(left, size) * price;
    left = Math.max(0, left - size);
  }
  return sum;
}

/** PutMetricData takes 1,000 metrics a request, and costs $0.01 for 1,000 requests; once a minute. */
export const putMetricData = (series: number): number => (Math.ceil(series / 1000) * MINUTES_A_MONTH * 0.01) / 1000;
