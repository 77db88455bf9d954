import { Gauge, type Registry } from 'prom-client';
import type { Known, ListedStatus } from './known.ts';
import type { Upgrade } from './parse-status.ts';

interface Series {
  readonly labels: readonly string[];
  readonly value: number;
}

/** A gauge whose series are exactly what `series` answers at the scrape: an ended cluster leaves none behind. */
interface Kind {
  readonly help: string;
  readonly labels: readonly string[];
  readonly series: (known: Known) => readonly Series[];
}

/** One series or more of every cluster that has a record. */
const ofClusters =
  (series: (id: string, status: ListedStatus) => readonly Series[]) =>
  ({ statuses }: Known): readonly Series[] =>
    [...statuses].flatMap(([id, status]) => series(id, status));

const PENDING = ['cluster_id', 'exporter', 'why'];

const KINDS: Readonly<Record<string, Kind>> = {
  emr_cluster_info: {
    help: 'State of a watched EMR cluster; always 1.',
    labels: ['cluster_id', 'cluster_name', 'state', 'region', 'release_label'],
    series: ofClusters((id, { name, state, region, releaseLabel }) => [
      { labels: [id, name, state, region, releaseLabel], value: 1 },
    ]),
  },
  emr_cluster_first_seen_timestamp_seconds: {
    help: 'When the longest known of its nodes was first seen.',
    labels: ['cluster_id'],
    series: ofClusters((id, { firstSeen }) =>
      firstSeen === undefined ? [] : [{ labels: [id], value: firstSeen / 1000 }],
    ),
  },
  emr_cluster_nodes: {
    help: 'Nodes that EMR says a cluster has, with exporters or without.',
    labels: ['cluster_id', 'cluster_role', 'market', 'instance_type'],
    series: ofClusters((id, { groups }) =>
      groups.map(({ role, market, instanceType, count }) => ({
        labels: [id, role, market, instanceType],
        value: count,
      })),
    ),
  },
  emr_nodes: {
    help: 'Nodes by how far an exporter has come on them.',
    labels: ['cluster_id', 'exporter', 'phase'],
    series: ofClusters((id, { nodes }) =>
      nodes.map(({ exporter, phase, count }) => ({ labels: [id, exporter, phase], value: count })),
    ),
  },
  emr_nodes_pending: {
    help: 'Nodes on which the work on an exporter is not done, by why.',
    labels: PENDING,
    series: ofClusters((id, { pending }) =>
      pending.map(({ exporter, why, count }) => ({ labels: [id, exporter, why], value: count })),
    ),
  },
  emr_nodes_pending_since_timestamp_seconds: {
    help: 'Since when that is so on the node where it is longest.',
    labels: PENDING,
    series: ofClusters((id, { pending }) =>
      pending.flatMap(({ exporter, why, since }) =>
        since === undefined ? [] : [{ labels: [id, exporter, why], value: since / 1000 }],
      ),
    ),
  },
  emr_node_leaving: {
    help: 'A spot interruption warning was seen for this node; always 1.',
    labels: ['cluster_id', 'instance'],
    series: ofClusters((id, { leaving }) => leaving.map((instance) => ({ labels: [id, instance], value: 1 }))),
  },
  emr_endpoints: {
    help: 'Endpoints that a record says are there; its target file should have as many targets.',
    labels: ['cluster_id', 'exporter'],
    series: ofClusters((id, { endpoints }) =>
      [...endpoints].map(([exporter, count]) => ({ labels: [id, exporter], value: count })),
    ),
  },
  emr_targets: {
    help: 'Targets in the file on disk.',
    labels: ['cluster_id', 'job'],
    series: ({ targets }) =>
      [...targets].flatMap(([id, jobs]) => [...jobs].map(([job, count]) => ({ labels: [id, job], value: count }))),
  },
  emr_upgrade_nodes: {
    help: 'Nodes of the fleet that change to another version of an exporter, by outcome.',
    labels: ['exporter', 'version', 'outcome'],
    series: ({ statuses }) => sumUp([...statuses.values()].flatMap(({ upgrades }) => upgrades)),
  },
  emr_sidecar_last_successful_status_timestamp_seconds: {
    help: 'End of the last look at all records under clusters/.',
    labels: [],
    series: ({ last }) => [{ labels: [], value: (last.get('look')?.getTime() ?? 0) / 1000 }],
  },
};

function sumUp(upgrades: readonly Upgrade[]): readonly Series[] {
  const alike = Map.groupBy(upgrades, ({ exporter, version, outcome }) => [exporter, version, outcome].join('\n'));
  return [...alike.values()].flatMap((some) => {
    const value = some.reduce((sum, { count }) => sum + count, 0);
    return some.slice(0, 1).map(({ exporter, version, outcome }) => ({ labels: [exporter, version, outcome], value }));
  });
}

/** What the records and the target files say, asked at each scrape. */
export function registerClusterSeries(registry: Registry, known: Known): void {
  for (const [name, { help, labels, series }] of Object.entries(KINDS)) {
    const gauge: Gauge = new Gauge({
      name,
      help,
      labelNames: [...labels],
      registers: [registry],
      collect() {
        gauge.reset();
        for (const one of series(known)) gauge.labels(...one.labels).set(one.value);
      },
    });
  }
}
