import { type AlarmState, alarmState, rangeOf } from './alarm-state.ts';
import type { Clock } from './clock.ts';
import { type AlarmSettings, type Statistic, watched } from './cloudwatch-resources.ts';

/** One data point, of a service's own metrics or of a function's log. */
export interface MetricPoint {
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Alarm {
  readonly settings: AlarmSettings;
  readonly state: AlarmState;
  readonly since: Date;
}

/** CloudWatch, as far as alarms go. */
export interface Alarms {
  /** Answers what takes it back. */
  put(settings: AlarmSettings): () => void;
  record(point: MetricPoint): void;
  all(): readonly Alarm[];
  /** Asked before every evaluation for what services report once a minute. */
  onMinute(report: () => readonly MetricPoint[]): void;
}

const MINUTE = 60_000;

export function createAlarms(clock: Clock): Alarms {
  const alarms = new Map<string, Alarm>();
  const points = new Map<string, { readonly at: number; readonly value: number }[]>();
  const reports: (() => readonly MetricPoint[])[] = [];
  let isWatching = false;

  const record = ({ namespace, metric, dimensions, value }: MetricPoint): void => {
    const key = keyOf(namespace, metric, Object.entries(dimensions));
    const at = clock.now().getTime();
    // No alarm looks back further than a day (PutMetricAlarm).
    const kept = (points.get(key) ?? []).filter((point) => at - point.at <= 1440 * MINUTE);
    points.set(key, [...kept, { at, value }]);
  };
  const valuesOf = (settings: AlarmSettings, now: number): readonly (number | undefined)[] => {
    const { metrics, statistic, period, missing } = watched(settings);
    const ends = Array.from({ length: rangeOf(settings) }, (_, index) => now - index * period * 1000).toReversed();
    const all = metrics.map(({ Namespace, MetricName, Dimensions }) => {
      const key = keyOf(
        Namespace,
        MetricName,
        Dimensions.map(({ Name, Value }) => [Name, Value]),
      );
      return ends.map((end) => {
        const within = (points.get(key) ?? []).filter(({ at }) => at <= end && at > end - period * 1000);
        return aggregate(
          within.map(({ value }) => value),
          statistic,
        );
      });
    });
    const [only = []] = all;
    if (missing === undefined) return only;
    return ends.map((_, at) => all.reduce((sum, values) => sum + (values[at] ?? missing), 0));
  };
  const evaluate = (): void => {
    for (const point of reports.flatMap((report) => report())) record(point);
    const now = clock.now();
    for (const [name, { settings, state, since }] of alarms) {
      const next = alarmState(settings, valuesOf(settings, now.getTime()), state);
      alarms.set(name, { settings, state: next, since: next === state ? since : now });
    }
    clock.after(MINUTE, evaluate);
  };

  return {
    put(settings) {
      alarms.set(settings.AlarmName, { settings, state: 'INSUFFICIENT_DATA', since: clock.now() });
      if (!isWatching) clock.after(MINUTE, evaluate);
      isWatching = true;
      return () => void alarms.delete(settings.AlarmName);
    },
    record,
    all: () => [...alarms.values()],
    onMinute: (report) => void reports.push(report),
  };
}

/** A metric is its namespace, name and exact set of dimensions. */
const keyOf = (namespace: string, metric: string, dimensions: readonly (readonly [string, string])[]): string =>
  JSON.stringify([namespace, metric, dimensions.map(([name, value]) => `${name}=${value}`).toSorted()]);

function aggregate(values: readonly number[], name: Statistic): number | undefined {
  if (values.length === 0) return undefined;
  const sum = values.reduce((total, value) => total + value, 0);
  switch (name) {
    case 'SampleCount':
      return values.length;
    case 'Sum':
      return sum;
    case 'Average':
      return sum / values.length;
    case 'Minimum':
      return Math.min(...values);
    case 'Maximum':
      return Math.max(...values);
    default:
      return name satisfies never;
  }
}
