import type { Series } from './synthetic-fleet.ts';

const GIB = 2 ** 30;
/** Share of a CPU's time by mode: one second a second in all. */
const CPU_MODES: Readonly<Record<string, number>> = {
  idle: 0.5,
  user: 0.35,
  system: 0.08,
  iowait: 0.04,
  steal: 0.01,
  softirq: 0.01,
  irq: 0.005,
  nice: 0.005,
};

/** A name's gauge: what it is about, and by how much of that it swings. The first that fits. */
const GAUGES: readonly (readonly [RegExp, number, number])[] = [
  [/^up$|_info$|_state$|network_up|sync_status/, 1, 0],
  [/cpus:count/, 8, 0],
  [/ratio/, 0.5, 0.8],
  [/timestamp_seconds$|start_time|boot_time/, 1_700_000_000, 0],
  [/missing|corrupt|dead|stale|failed|lost|pending|readonly|_error|safe_mode|dropped|bad_/, 0, 0],
  [/^emr_(?:endpoints|targets)$/, 50, 0],
  [/(size|max|total|capacity|MemTotal|memory|remaining|limit)_bytes$/i, 64 * GIB, 0.01],
  [/_avail_bytes$/, 40 * GIB, 0.01],
  [/_bytes$/, 16 * GIB, 0.5],
  [/_seconds$/, 0.02, 0.8],
  [/usd_per_hour/, 0.4, 0],
];

/** A name's counter: its rate. The first that fits; else 40 a second. */
const RATES: readonly (readonly [RegExp, number])[] = [
  [/gc_seconds_total$/, 0.02],
  [/_seconds_total$/, 0.3],
];

/** Counters of what does not happen on a healthy node: alerts for each of them would be measured, too. */
const QUIET = /oom_kill|_errs_total$|_drop_total$|memory_stalled|dropped|failed|exceeded/;
/** Labels that say of which kind some are, and kinds of which there are none, for the same reason. */
const KINDS = ['state', 'result', 'reason'];
const NONE = /unhealthy|lost|failed|unexpectedly/;

/** So many series differ in when they swing. */
const PHASES = 16;

/** A counter that grows with busy minutes, or a gauge that swings in an hour: `level` times a shape that many share. */
export interface Course {
  readonly level: number;
  /** Constant: `level` itself. */
  readonly shape: 'constant' | 'counter' | number;
  readonly swing: number;
}

const rateOf = (labels: Series['labels'], name: string): number =>
  (name === 'node_cpu_seconds_total' ? CPU_MODES[labels['mode'] ?? ''] : undefined) ??
  RATES.find(([pattern]) => pattern.test(name))?.[1] ??
  40;

export function courseOf({ labels, type }: Series, seed: number): Course {
  const name = labels['__name__'] ?? '';
  const spread = 0.5 + ((seed * 2_654_435_761) % 1000) / 1000;
  const isQuiet = (type === 'counter' && QUIET.test(name)) || KINDS.some((kind) => NONE.test(labels[kind] ?? ''));
  if (isQuiet) return { level: 0, shape: 'constant', swing: 0 };
  if (type === 'counter') return { level: rateOf(labels, name) * spread, shape: 'counter', swing: 1 };
  const [, level, swing] = GAUGES.find(([pattern]) => pattern.test(name)) ?? [/^/, 20, 0.5];
  return swing === 0 ? { level, shape: 'constant', swing } : { level: level * spread, shape: seed % PHASES, swing };
}

/** The shapes at some seconds since the beginning: worked out once for all series. */
export function shapesAt(times: readonly number[]) {
  const counter = times.map((second) => second + 20 * Math.sin(second / 300));
  const waves = Array.from({ length: PHASES }, (_, phase) => times.map((second) => Math.sin(second / 573 + phase)));
  return ({ level, shape, swing }: Course, index: number): number => {
    if (shape === 'constant') return level;
    if (shape === 'counter') return Math.round((counter[index] ?? 0) * level * 1000) / 1000;
    return level * (1 + swing * (waves[shape]?.[index] ?? 0));
  };
}
