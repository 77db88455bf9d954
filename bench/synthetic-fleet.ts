/** Series as a fleet of EMR clusters has them: names and labels are real, values only plausible. */
import { nodePage, ownPage, recordedCpuPage, scrapePage } from './synthetic-node-page.ts';
import { daemonPage, sparkPage, type Shape } from './synthetic-shapes.ts';

export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly type: Shape['type'];
  /** Seconds since the beginning between which it has samples: a Spark process ends. */
  readonly from: number;
  readonly to: number;
}

export interface Fleet {
  /** Nodes of each cluster: one master, half of the others CORE. */
  readonly clusters: readonly number[];
  readonly seconds: number;
  /** Whose series are made; a real fleet's others would be in the index only. */
  readonly names: ReadonlySet<string>;
  /** Of every cluster but the first, where that is fewer. */
  readonly namesOfOthers?: ReadonlySet<string>;
}

interface Node {
  readonly labels: Readonly<Record<string, string>>;
  readonly daemons: readonly string[];
  readonly index: number;
}

/** An application lives an hour, has two executors on each node of its cluster's share, and then another comes. */
const APPLICATION_SECONDS = 3600;
const APPLICATIONS_AT_ONCE = 5;
const EXECUTORS_PER_NODE = 2;

const PAGES = new Map(
  ['namenode', 'datanode', 'resourcemanager', 'nodemanager'].map((name) => [name, daemonPage(name)]),
);
const SPARK = { driver: sparkPage('driver'), executor: sparkPage('executor') };

export function* syntheticFleet(whole: Fleet): Generator<Series> {
  for (const [cluster, nodes] of whole.clusters.entries()) {
    const fleet = cluster === 0 ? whole : { ...whole, names: whole.namesOfOthers ?? whole.names };
    const labels = clusterLabels(cluster);
    for (let index = 0; index < nodes; index++) yield* nodeSeries(nodeOf(labels, cluster, index), fleet);
    yield* sparkSeries(labels, cluster, nodes, fleet);
    yield* sidecarSeries(labels, cluster, nodes, fleet);
  }
}

const clusterLabels = (cluster: number) => ({
  cluster_id: `j-${(1000 + cluster).toString(36).toUpperCase().padStart(13, '2')}`,
  cluster_name: `etl-${cluster}`,
  region: 'eu-west-1',
  account_id: '123456789012',
  release_label: 'emr-7.13.0',
});

function nodeOf(labels: Node['labels'], cluster: number, index: number): Node {
  const role = index === 0 ? 'MASTER' : index % 2 === 1 ? 'CORE' : 'TASK';
  return {
    index,
    daemons: { MASTER: ['namenode', 'resourcemanager'], CORE: ['datanode', 'nodemanager'], TASK: ['nodemanager'] }[
      role
    ],
    labels: {
      ...labels,
      cluster_role: role,
      instance: `i-${(cluster * 100_000 + index).toString(16).padStart(17, '0')}`,
      node_name: `ip-10-${cluster % 256}-${index >> 8}-${index & 255}.eu-west-1.compute.internal`,
      instance_type: 'm5.2xlarge',
      market: role === 'TASK' ? 'SPOT' : 'ON_DEMAND',
      availability_zone: 'eu-west-1a',
    },
  };
}

function* nodeSeries({ labels, daemons }: Node, fleet: Fleet): Generator<Series> {
  yield* page([...scrapePage, ...nodePage], { ...labels, job: 'node' }, fleet);
  yield* page(scrapePage, { ...labels, job: 'graphite' }, fleet);
  const { account_id: _account, release_label: _release, availability_zone: _zone, ...kept } = labels;
  yield* page(recordedCpuPage, kept, fleet);
  for (const daemon of daemons) {
    yield* page([...scrapePage, ...(PAGES.get(daemon) ?? [])], { ...labels, job: 'jmx', daemon }, fleet);
  }
}

function* sparkSeries(labels: Node['labels'], cluster: number, nodes: number, fleet: Fleet): Generator<Series> {
  const workers = Math.max(1, nodes - 1);
  for (let from = 0; from < fleet.seconds; from += APPLICATION_SECONDS) {
    const life = { from, to: from + APPLICATION_SECONDS };
    for (let number = 0; number < APPLICATIONS_AT_ONCE; number++) {
      const id = `application_1700000000000_${from / APPLICATION_SECONDS}${number}`;
      const on = (index: number) => ({ ...nodeOf(labels, cluster, index).labels, job: 'graphite', application_id: id });
      const info = { ...nodeOf(labels, cluster, 0).labels, job: 'node', application_id: id };
      const named = { application_name: `job-${number}`, user: 'hadoop', queue: 'default' };
      yield* page([{ name: 'spark_application_info', type: 'gauge', labels: named }], info, fleet, life);
      yield* page(SPARK.driver, { ...on(1 % nodes), executor_id: 'driver' }, fleet, life);
      const executors = workers * EXECUTORS_PER_NODE;
      for (let executor = number; executor < executors; executor += APPLICATIONS_AT_ONCE) {
        const node = Math.min(nodes - 1, 1 + (executor % workers));
        yield* page(SPARK.executor, { ...on(node), executor_id: String(executor + 1) }, fleet, life);
      }
    }
  }
}

const gauge = (name: string, labels: Shape['labels']): Shape => ({ name, type: 'gauge', labels });
const EXPORTERS = ['node', 'jmx', 'graphite'];

/** What the sidecar says of a cluster, and an alert or two of it. */
function* sidecarSeries(
  { cluster_name = '', ...labels }: Node['labels'],
  cluster: number,
  nodes: number,
  fleet: Fleet,
) {
  const { cluster_id = '', region = '', release_label = '' } = labels;
  const target = { job: 'prometheus-on-emr-sidecar', instance: '127.0.0.1:9199', cluster_id };
  const leaving = nodeOf({}, cluster, Math.min(2, nodes - 1)).labels['instance'] ?? '';
  const group = { instance_type: 'm5.2xlarge' };
  const shapes = [
    gauge('emr_cluster_info', { cluster_name, state: 'RUNNING', region, release_label }),
    gauge('emr_cluster_first_seen_timestamp_seconds', {}),
    gauge('emr_node_leaving', { instance: leaving }),
    gauge('emr_cluster_nodes', { ...group, cluster_role: 'CORE', market: 'ON_DEMAND' }),
    gauge('emr_cluster_nodes', { ...group, cluster_role: 'TASK', market: 'SPOT' }),
    ...EXPORTERS.flatMap((exporter) => [
      gauge('emr_nodes', { exporter, phase: 'installed' }),
      gauge('emr_nodes_pending', { exporter, why: 'in_flight' }),
      gauge('emr_nodes_pending_since_timestamp_seconds', { exporter, why: 'in_flight' }),
      gauge('emr_endpoints', { exporter }),
    ]),
    ...EXPORTERS.map((job) => gauge('emr_targets', { job })),
  ];
  yield* page(shapes, target, fleet);
  const alert = { alertname: 'EmrClusterIdle', alertstate: 'firing', severity: 'info', emr: 'money' };
  yield* page([gauge('ALERTS', alert)], { cluster_id, cluster_name, region }, fleet);
  if (cluster > 0) return;
  const prices = ['SPOT', 'ON_DEMAND'].map((market) =>
    gauge('emr_instance_price_usd_per_hour', { ...group, region, market }),
  );
  yield* page([...prices, ...ownPage], { job: target.job, instance: target.instance }, fleet);
}

function* page(
  shapes: readonly Shape[],
  { executor_id: executor, ...target }: Readonly<Record<string, string>>,
  { names, seconds }: Fleet,
  life = { from: 0, to: seconds },
): Generator<Series> {
  for (const { name, type, labels } of shapes) {
    if (!names.has(name)) continue;
    const own = 'executor_id' in labels && executor !== undefined ? { ...labels, executor_id: executor } : labels;
    yield { type, labels: sorted({ ...target, ...own, __name__: name }), ...life };
  }
}

/** As the remote-write protocol wants them. */
const sorted = (labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)));
