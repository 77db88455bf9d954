/** Base unit and factor of what an attribute counts in; the metric's name ends in the suffix. */
export const UNITS = {
  none: { factor: 1, suffix: '' },
  bytes: { factor: 1, suffix: '_bytes' },
  mebibytes: { factor: 2 ** 20, suffix: '_bytes' },
  gibibytes: { factor: 2 ** 30, suffix: '_bytes' },
  seconds: { factor: 1, suffix: '_seconds' },
  milliseconds: { factor: 1e-3, suffix: '_seconds' },
  microseconds: { factor: 1e-6, suffix: '_seconds' },
  nanoseconds: { factor: 1e-9, suffix: '_seconds' },
  'milliseconds since 1970': { factor: 1e-3, suffix: '_timestamp_seconds' },
  'bytes a second': { factor: 1, suffix: '_bytes_per_second' },
  'mebibyte seconds': { factor: 2 ** 20, suffix: '_byte_seconds' },
  ratio: { factor: 1, suffix: '_ratio' },
  percent: { factor: 1e-2, suffix: '_ratio' },
  'microseconds a second': { factor: 1e-6, suffix: '_ratio' },
} as const;

export type Unit = keyof typeof UNITS;
export type Labels = Readonly<Record<string, string>>;

/** One attribute of a bean, and the metric that it becomes. */
export interface Metric {
  readonly type: 'gauge' | 'counter';
  /** Whole but for the bean's prefix: ends in its unit, and a counter in `_total` after that. */
  readonly name: string;
  /** As JMX has it; in a composite `Attribute.key`, told by the colon: `HeapMemoryUsage:used`. */
  readonly attribute: string;
  readonly unit: Unit;
  /** A sentence. */
  readonly help: string;
  readonly labels: Labels;
  /**
   * Words that `%` stands for in attribute, help and name (there in lower case): as many metrics, and one rule for
   * jmx_exporter, which holds every attribute of every bean against one rule after the other.
   */
  readonly variants?: readonly string[];
  /** For a string: the texts that it can be (a regular expression; group 1 is `$state` in a label), and the number. */
  readonly text?: { readonly pattern: string; readonly value: 0 | 1 };
}

/** An attribute that is not exported: a name, or several with spaces between them, `*` for any letters. */
export interface LeftOut {
  readonly attributes: string;
  readonly reason: string;
}

export interface Bean {
  /** Its name, keys in the order in which the daemon registers them; a `*` stands for what changes. */
  readonly objectName: string;
  /** Before every metric's name. */
  readonly prefix: string;
  /** Of every metric: `$1` is what the first `*` stands for. */
  readonly labels: Labels;
  readonly metrics: readonly Metric[];
  readonly leftOut: readonly LeftOut[];
  /** Attributes that cost the daemon something to build: not even read. */
  readonly unread: readonly string[];
  /** Where the key order differs between JVMs: the match text instead of the one made of the object name. */
  readonly match?: string;
}

/** Beans that are not read at all. */
export interface LeftOutBeans {
  readonly objectName: string;
  readonly reason: string;
  /** The name of a bean above stands for them too: they have to be taken out. */
  readonly isExcluded?: true;
}

export interface DaemonRules {
  readonly daemon: string;
  /** False: written from documentation, never run against the daemon here (docs/unproven.md). */
  readonly isTested: boolean;
  readonly beans: readonly Bean[];
  readonly leftOut: readonly LeftOutBeans[];
}

const NO_LABELS: Labels = {};

export const gauge = (name: string, attribute: string, unit: Unit, help: string, labels = NO_LABELS): Metric => ({
  type: 'gauge',
  name,
  attribute,
  unit,
  help,
  labels,
});

export const counter = (name: string, attribute: string, unit: Unit, help: string, labels = NO_LABELS): Metric => ({
  ...gauge(name, attribute, unit, help, labels),
  type: 'counter',
});

/** The same of several attributes: `%` stands for a word of each. */
export const each = (variants: readonly string[], metric: Metric): Metric => ({ ...metric, variants });

/** A metric with variants, one by one. */
export const expand = ({ variants, ...metric }: Metric): readonly Metric[] =>
  variants?.map((word) => ({
    ...metric,
    attribute: metric.attribute.replace('%', word),
    name: metric.name.replace('%', word.toLowerCase()),
    help: metric.help.replace('%', word),
  })) ?? [metric];

/** A string attribute as a series of value 1, with the string as the label `state`. */
export const state = (name: string, attribute: string, help: string): Metric => ({
  ...gauge(name, attribute, 'none', help, { state: '$state' }),
  text: { pattern: '(\\w+)', value: 1 },
});

/** A string attribute as 1 for one text and 0 for another. */
export const flag = (name: string, attribute: string, on: string, off: string, help: string): readonly Metric[] => [
  { ...gauge(name, attribute, 'none', help), text: { pattern: on, value: 1 } },
  { ...gauge(name, attribute, 'none', help), text: { pattern: off, value: 0 } },
];

/** How often something was done, and how long it took of late: what Hadoop's metrics call a stat or a rate. */
export const timed = (name: string, attribute: string, unit: Unit, what: string): readonly Metric[] => [
  counter(`${name}_total`, `${attribute}NumOps`, 'none', `${what}: how many.`),
  gauge(`${name}_average_seconds`, `${attribute}AvgTime`, unit, `${what}: average time, in the last interval.`),
];

export const leftOut = (attributes: string, reason: string): LeftOut => ({ attributes, reason });

interface BeanParts {
  readonly metrics: readonly (Metric | readonly Metric[])[];
  readonly labels?: Labels;
  readonly leftOut?: readonly LeftOut[];
  readonly unread?: readonly string[];
  readonly match?: string;
}

export const bean = (objectName: string, prefix: string, { metrics, match, ...parts }: BeanParts): Bean => ({
  labels: NO_LABELS,
  leftOut: [],
  unread: [],
  ...parts,
  objectName,
  prefix,
  metrics: metrics.flat(),
  ...(match === undefined ? {} : { match }),
});
