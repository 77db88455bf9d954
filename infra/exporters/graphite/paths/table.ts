/** Base unit and factor of what a line counts in; the metric's name ends in the suffix. */
export const UNITS = {
  none: { factor: 1, suffix: '' },
  bytes: { factor: 1, suffix: '_bytes' },
  mebibytes: { factor: 2 ** 20, suffix: '_bytes' },
  milliseconds: { factor: 1e-3, suffix: '_seconds' },
  nanoseconds: { factor: 1e-9, suffix: '_seconds' },
  'milliseconds since 1970': { factor: 1e-3, suffix: '_timestamp_seconds' },
  'rows a second': { factor: 1, suffix: '_rows_per_second' },
} as const;

export type Unit = keyof typeof UNITS;
export type Labels = Readonly<Record<string, string>>;
/** `full` has everything of `essential`, too. */
export type Tier = 'essential' | 'full';
/** The first Spark that sends it; 3.3 is the oldest that was looked at, and 4.0 has nothing more. */
export type Since = '3.3' | '3.5';

/** A line's path below its area's, and the metric that it becomes. */
export interface Metric {
  /** `*` stands for one component, `**` for one or more. */
  readonly path: string;
  /** Whole: ends in its unit, and a counter in `_total` after that. */
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  readonly unit: Unit;
  /** A sentence. Spark and graphite_exporter have none: for docs/metrics/spark.md. */
  readonly help: string;
  /** Besides the area's; `$1` is what the first star of the whole path stands for. */
  readonly labels: Labels;
  readonly tier: Tier;
  readonly since: Since;
}

/** Lines that are dropped: a path, or several with spaces between them. */
export interface LeftOut {
  readonly paths: string;
  readonly reason: string;
  /** Regular expressions: what of it Spark is told not to send at all, by name, without the statistic. */
  readonly cut: readonly string[];
}

export interface Area {
  readonly title: string;
  /** Before every path: `*.*.executor.`, or nothing. */
  readonly prefix: string;
  /** Of every metric. */
  readonly labels: Labels;
  readonly metrics: readonly Metric[];
  readonly leftOut: readonly LeftOut[];
}

type Of = 'process' | 'driver' | 'application' | 'nobody';

/** Whose lines they are, as MetricsSystem.buildRegistryName puts it before a source's name. */
const OWNERS: Readonly<Record<Of, { readonly prefix: string; readonly labels: Labels }>> = {
  process: { prefix: '*.*.', labels: { application_id: '$1', executor_id: '$2' } },
  driver: { prefix: '*.driver.', labels: { application_id: '$1', executor_id: 'driver' } },
  application: { prefix: '*.', labels: { application_id: '$1' } },
  nobody: { prefix: '', labels: {} },
};

interface AreaText {
  readonly of: Of;
  readonly source?: string;
  readonly metrics?: readonly Metric[];
  readonly leftOut?: readonly LeftOut[];
}

export const area = (title: string, { of, source, metrics = [], leftOut: rest = [] }: AreaText): Area => ({
  title,
  prefix: OWNERS[of].prefix + (source === undefined ? '' : `${source}.`),
  labels: OWNERS[of].labels,
  metrics,
  leftOut: rest,
});

export const gauge = (name: string, path: string, unit: Unit, help: string, labels: Labels = {}): Metric => ({
  path,
  name,
  type: 'gauge',
  unit,
  help,
  labels,
  tier: 'full',
  since: '3.3',
});

/** Spark's counters are sent as `….count`; some of what only grows is a gauge to Spark. */
export const counter = (name: string, path: string, unit: Unit, help: string, labels: Labels = {}): Metric => ({
  ...gauge(name, path, unit, help, labels),
  type: 'counter',
});

export const essential = (metric: Metric): Metric => ({ ...metric, tier: 'essential' });
export const since = (version: Since, metric: Metric): Metric => ({ ...metric, since: version });

const snake = (word: string): string =>
  word
    .replaceAll('-', '')
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_')
    .toLowerCase();

/** The same metric of several paths: `%` stands for a word of each, which is the label. */
export const each = (label: string, words: readonly string[], metric: Metric): readonly Metric[] =>
  words.map((word) => ({
    ...metric,
    path: metric.path.replace('%', word),
    labels: { ...metric.labels, [label]: snake(word) },
  }));

export const leftOut = (paths: string, reason: string, ...cut: readonly string[]): LeftOut => ({ paths, reason, cut });

const QUANTILES = { p50: '0.5', p95: '0.95', p99: '0.99', max: '1' };

/** Of a timer's 15 statistics and a histogram's 11, five. */
export const timed = (
  name: string,
  path: string,
  events: string,
  what: string,
  labels: Labels = {},
): readonly Metric[] => [
  counter(events, `${path}.count`, 'none', `${what}: how many.`, labels),
  ...Object.entries(QUANTILES).map(([statistic, quantile]) =>
    gauge(name, `${path}.${statistic}`, 'milliseconds', `${what}: how long each took of late.`, {
      ...labels,
      quantile,
    }),
  ),
];

export const otherStatistics = (path: string): LeftOut =>
  leftOut(`${path}.*`, 'other statistics: p50, p95, p99, max and the number of events say enough');
