import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { Log, Meter } from '../ports.ts';

/** Powertools reads POWERTOOLS_SERVICE_NAME, POWERTOOLS_METRICS_NAMESPACE and POWERTOOLS_LOG_LEVEL itself. */
export const logger = new Logger();
const metrics = new Metrics();

/** One JSON line each. An Error goes under the field `error`: Powertools writes its name, message, stack and causes. */
export const log: Log = {
  info: (message, fields) => logger.info(message, { ...fields }),
  warn: (message, fields) => logger.warn(message, { ...fields }),
  error: (message, fields) => logger.error(message, { ...fields }),
};

/** The only dimension is `service`. */
export const meter: Meter = { count: (metric, value) => metrics.addMetric(metric, 'Count', value) };

/** Writes what was counted as one EMF line; Powertools would warn about a run that counted nothing. */
export function flushMetrics(): void {
  if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
}
