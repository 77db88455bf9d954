import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import { registerClusterSeries } from './cluster-series.ts';
import type { Known } from './known.ts';

export type Metrics = ReturnType<typeof createMetrics>;

/** The sidecar's own health, and what is known of the clusters. */
export function createMetrics(known: Known) {
  const registry = new Registry();
  const registers = [registry];
  const counter = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
    new Counter({ name, help, labelNames, registers });
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers });

  collectDefaultMetrics({ register: registry });
  registerClusterSeries(registry, known);

  return {
    registry,
    syncs: counter('emr_sidecar_syncs_total', 'Passes over targets/ in S3, failed ones included.'),
    syncFailures: counter('emr_sidecar_sync_failures_total', 'Passes that failed, wholly or in part.', 'reason'),
    syncSeconds: gauge('emr_sidecar_last_sync_duration_seconds', 'How long the last pass took.'),
    lastSync: gauge('emr_sidecar_last_successful_sync_timestamp_seconds', 'End of the last pass without failure.'),
    fileFailures: counter('emr_sidecar_file_failures_total', 'Target files that could not be taken over.', 'reason'),
    written: counter('emr_sidecar_files_written_total', 'Target files written.'),
    removed: counter('emr_sidecar_files_removed_total', 'Target files removed.', 'reason'),
    files: gauge('emr_sidecar_files', 'Target files on disk.'),
    refused: gauge(
      'emr_sidecar_files_refused',
      'Target files in S3 that are refused as they are: an older one is in use, or none.',
    ),
    held: gauge(
      'emr_sidecar_files_held',
      'Target files whose key vanished from S3 and that will be removed after the hold.',
    ),
    kept: gauge(
      'emr_sidecar_files_kept',
      'Target files kept, because over half of all keys vanished, until somebody accepts it.',
    ),
    foreign: gauge('emr_sidecar_foreign_keys', 'Keys under targets/ that are not <cluster id>.json.'),
    statusFailures: counter(
      'emr_sidecar_status_failures_total',
      'Records under clusters/ that could not be read.',
      'reason',
    ),
  };
}
