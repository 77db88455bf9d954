/** The recording rules that are shipped, evaluated over a time that is past. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { encodeLabels, encodeSamples, sender } from './remote-write.ts';

const ROOT = join(import.meta.dirname, '..');
const SECONDS = { '30s': 30, '1m': 60 } as const;
/** evaluation_interval of infra/prometheus/prometheus.yml. */
const EVERY = '30s';

export interface RecordRule {
  readonly record: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly interval: keyof typeof SECONDS;
}

interface RuleFile {
  readonly groups: readonly {
    readonly interval?: keyof typeof SECONDS;
    readonly rules: readonly Omit<RecordRule, 'interval'>[];
  }[];
}

/** In an order in which each finds what it reads. */
export function readRecordRules(): readonly RecordRule[] {
  const files = globSync('infra/prometheus/rules/record-*.rules.yml', { cwd: ROOT }).toSorted();
  const rules = files
    .map((file) => parse(readFileSync(join(ROOT, file), 'utf8')) as RuleFile)
    .flatMap(({ groups }) => groups.flatMap((group) => group.rules.map((rule) => withInterval(rule, group.interval))));
  const ordered: RecordRule[] = [];
  const rest = new Set(rules);
  while (rest.size > 0) {
    const ready = [...rest].filter(
      (rule) => ![...rest].some((other) => other.record !== rule.record && namesIn(rule.expr).has(other.record)),
    );
    if (ready.length === 0)
      throw new Error(`rules wait for each other: ${[...rest].map(({ record }) => record).join(', ')}`);
    for (const rule of ready) {
      ordered.push(rule);
      rest.delete(rule);
    }
  }
  return ordered;
}

const withInterval = (rule: Omit<RecordRule, 'interval'>, interval: RecordRule['interval'] = EVERY): RecordRule => ({
  ...rule,
  interval,
});

/** Everything in an expression that could be a metric's name. */
export const namesIn = (expr: string): ReadonlySet<string> => new Set(expr.match(/[a-zA-Z_:][\w:]*/g));

/** Writes what the rules make of the time between, as Prometheus would have. */
export async function recordRules(url: string, rules: readonly RecordRule[], from: number, to: number): Promise<void> {
  for (const { record, expr, labels, interval } of rules) {
    const step = SECONDS[interval];
    const body = new URLSearchParams({ query: expr, start: String(from), end: String(to - step), step: String(step) });
    const response = await fetch(`${url}/api/v1/query_range`, { method: 'POST', body });
    const { data, error } = (await response.json()) as Answer;
    if (data === undefined) throw new Error(`${record}: ${error}`);
    const send = sender(url);
    for (const { metric, values } of data.result) {
      const { __name__: _name, ...rest } = metric;
      const named = Object.entries({ ...rest, ...labels, __name__: record }).toSorted(([a], [b]) => (a < b ? -1 : 1));
      await send.add(
        encodeLabels(Object.fromEntries(named)),
        encodeSamples(values.map(([time, value]) => ({ time: Math.round(time * 1000), value: Number(value) }))),
      );
    }
    await send.flush();
  }
}

interface Answer {
  readonly error?: string;
  readonly data?: {
    readonly result: readonly {
      readonly metric: Readonly<Record<string, string>>;
      readonly values: readonly (readonly [number, string])[];
    }[];
  };
}
