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

/** The dimension `service` is always there. */
export const meter: Meter = {
  count: (metric, value, dimensions = {}) => {
    const key = JSON.stringify([metric, dimensions]);
    sums.set(key, { metric, unit: 'Count', dimensions, value: (sums.get(key)?.value ?? 0) + value });
  },
  gauge: (metric, value, unit, dimensions = {}) =>
    void sums.set(JSON.stringify([metric, dimensions]), { metric, unit, dimensions, value }),
};

/** Writes what was counted, one EMF line for each set of dimensions; Powertools would warn about an empty one. */
export function flushMetrics(): void {
  const groups = Map.groupBy(sums.values(), ({ dimensions }) => JSON.stringify(dimensions));
  sums.clear();
  for (const [dimensions, group] of groups) {
    metrics.addDimensions(JSON.parse(dimensions) as Dimensions);
    for (const { metric, unit, value } of group) metrics.addMetric(metric, unit, value);
    metrics.publishStoredMetrics();
    metrics.clearDimensions();
  }
}
