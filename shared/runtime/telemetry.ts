import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { Dimensions, Log, Meter } from '../ports.ts';

/** Powertools reads POWERTOOLS_SERVICE_NAME, POWERTOOLS_METRICS_NAMESPACE and POWERTOOLS_LOG_LEVEL itself. */
export const logger = new Logger();
const metrics = new Metrics();

/** One JSON line each. An Error goes under the field `error`: Powertools writes its name, message, stack and causes. */
export const log: Log = {
  info: (message, fields) => logger.info(message, { ...fields }),
  warn: (message, fields) => logger.warn(message, { ...fields }),
  error: (message, fields) => logger.error(message, { ...fields }),
};

interface Sum {
  readonly metric: string;
  readonly unit: 'Count' | 'Seconds';
  readonly dimensions: Dimensions;
  readonly value: number;
}

/** Added up during a run: an EMF line is written for each set of dimensions, not for each call. */
const sums = new Map<string, Sum>();
/** What the metrics of a run are about: properties of its EMF lines, which CloudWatch Logs Insights finds. */
const subjects = new Map<string, Set<string>>();
/** A line of a log may have 256 kB (CloudWatch Logs quotas). */
const MAX_SUBJECTS = 100;

/** The dimension `service` is always there. */
export const meter: Meter = {
  count: (metric, value, dimensions = {}, about = {}) => {
    const key = JSON.stringify([metric, dimensions]);
    sums.set(key, { metric, unit: 'Count', dimensions, value: (sums.get(key)?.value ?? 0) + value });
    for (const [name, id] of Object.entries(about)) note(name, id);
  },
  gauge: (metric, value, unit, dimensions = {}) =>
    void sums.set(JSON.stringify([metric, dimensions]), { metric, unit, dimensions, value }),
};

function note(name: string, id: string): void {
  const ids = subjects.get(name) ?? new Set();
  if (ids.size < MAX_SUBJECTS) subjects.set(name, ids.add(id));
}

/** Writes what was counted, one EMF line for each set of dimensions; Powertools would warn about an empty one. */
export function flushMetrics(): void {
  const groups = [...Map.groupBy(sums.values(), ({ dimensions }) => JSON.stringify(dimensions)).values()];
  sums.clear();
  for (const group of groups) {
    const [{ dimensions }] = group as [Sum];
    for (const [name, value] of Object.entries(dimensions)) metrics.addDimension(name, value);
    for (const { metric, unit, value } of group) metrics.addMetric(metric, unit, value);
    for (const [name, ids] of subjects) metrics.addMetadata(name, [...ids].toSorted().join(' '));
    metrics.publishStoredMetrics();
  }
  subjects.clear();
}
