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
  [/_ratio$/, 0.5, 0.8],
  [/timestamp_seconds$|start_time|boot_time/, 1_700_000_000, 0],
  [/missing|corrupt|dead|failed|lost|unhealthy|readonly|_error|safe_mode|dropped|bad_/, 0, 0],
  [/(size|max|total|capacity|MemTotal|memory|remaining|limit)_bytes$/i, 64 * GIB, 0.01],
  [/_bytes$/, 16 * GIB, 0.5],
  [/_seconds$/, 0.02, 0.8],
  [/usd_per_hour/, 0.4, 0],
];

/** The series' value at a second since the beginning: a counter that grows, a gauge that swings once an hour. */
export function valuesOf({ labels, type }: Series, seed: number): (second: number) => number {
  const name = labels['__name__'] ?? '';
  const spread = 0.5 + ((seed * 2_654_435_761) % 1000) / 1000;
  const share = name === 'node_cpu_seconds_total' ? CPU_MODES[labels['mode'] ?? ''] : undefined;
  if (type === 'counter') return counter(share ?? (name.endsWith('_seconds_total') ? 0.3 : 40) * spread);
  const [, level, swing] = GAUGES.find(([pattern]) => pattern.test(name)) ?? [/^/, 20, 0.5];
  if (swing === 0) return () => level;
  return (second) => level * (1 + swing * Math.sin(second / 573 + seed)) * spread;
}

/** Milliseconds are what real ones are counted in; a busy minute now and then. */
const counter = (rate: number) => (second: number) =>
  Math.round((second + 20 * Math.sin(second / 300)) * rate * 1000) / 1000;
