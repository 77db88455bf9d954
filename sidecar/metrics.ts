import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { ClusterStatus } from './parse-status.ts';

export type Metrics = ReturnType<typeof createMetrics>;

/** The sidecar's own health, and what the records in S3 say; `statuses` is asked at each scrape. */
export function createMetrics(statuses: () => Iterable<readonly [string, ClusterStatus]>) {
  const registry = new Registry();
  const registers = [registry];
  const counter = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
    new Counter({ name, help, labelNames, registers });
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers });

  collectDefaultMetrics({ register: registry });
  gaugeOf(
    registry,
    'emr_cluster_info',
    'State of a watched EMR cluster; always 1.',
    ['cluster_id', 'cluster_name', 'state'],
    () => [...statuses()].map(([id, { name, state }]) => ({ labels: [id, name, state], value: 1 })),
  );
  gaugeOf(
    registry,
    'emr_nodes',
    'Nodes by how far an exporter has come on them.',
    ['cluster_id', 'exporter', 'phase'],
    () =>
      [...statuses()].flatMap(([id, { nodes }]) =>
        nodes.map(({ exporter, phase, count }) => ({ labels: [id, exporter, phase], value: count })),
      ),
  );
  gaugeOf(
    registry,
    'emr_node_leaving',
    'A spot interruption warning was seen for this node; always 1.',
    ['cluster_id', 'instance'],
    () =>
      [...statuses()].flatMap(([id, { leaving }]) => leaving.map((instance) => ({ labels: [id, instance], value: 1 }))),
  );

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

/** A gauge whose series are exactly what `series` answers at the scrape: an ended cluster leaves none behind. */
function gaugeOf(
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly string[],
  series: () => readonly { readonly labels: readonly string[]; readonly value: number }[],
): void {
  const gauge: Gauge = new Gauge({
    name,
    help,
    labelNames: [...labelNames],
    registers: [registry],
    collect() {
      gauge.reset();
      for (const { labels, value } of series()) gauge.labels(...labels).set(value);
    },
  });
}
