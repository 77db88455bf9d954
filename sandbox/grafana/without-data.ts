/** Queries of panels that the demo has no data for, by why. One that has some must go from here. */
export const WITHOUT_DATA: Readonly<Record<string, readonly string[]>> = {
  'three masters': [
    'emr-hdfs: JournalNodes: edits behind the others, A',
    'emr-hdfs: JournalNodes: time of a write to disk, A',
    'emr-hdfs: Standby is behind by, A',
  ],
  'Spark on YARN; here it has a cluster of its own': [
    'emr-spark: Application masters, A',
    'emr-spark: Application masters, B',
    'emr-yarn: Spark’s shuffle service: clients, A',
    'emr-yarn: Spark’s shuffle service: clients, B',
    'emr-yarn: Spark’s shuffle service: errors, A',
    'emr-yarn: Spark’s shuffle service: sent, A',
  ],
  'hours of data': [
    'emr-cost: Nodes there are, and nodes needed, B',
    'emr-cost: What to do, A',
    'emr-cost: What to do, B',
  ],
  'an upgrade of an exporter': ['emr-automation: Upgrades of exporters, A'],
  'an alert that fires': [
    'emr-cluster: Alerts that fire, A',
    'emr-cluster: Alerts that fire, B',
    'emr-cluster: Alerts that fire, C',
    'emr-fleet: Alerts of no cluster, A',
    'emr-fleet: Alerts of no cluster, B',
    'emr-fleet: Alerts of no cluster, C',
  ],
};

/** Those that have data now and then, by when. */
export const SOMETIMES: Readonly<Record<string, readonly string[]>> = {
  'while something is read from a disk': ['emr-nodes: Size of a request, A', 'emr-nodes: Time of a read, A'],
  'once the clock has passed a multiple of five minutes': ['emr-cost: Machine-hours, A'],
  'while an order is under way': [
    'emr-automation: Clusters with work that is not done, A',
    'emr-automation: Clusters with work that is not done, B',
    'emr-automation: Clusters with work that is not done, C',
  ],
};

/** Recorded names that the demo has no series of, by why. */
export const WITHOUT_SERIES: Readonly<Record<string, readonly string[]>> = {
  'Spark on YARN; here it has a cluster of its own': ['emr_cluster:yarn_shuffle_services:count'],
  'hours of data': ['emr_role:nodes_needed:max6h', 'emr_cluster:recommendation:nodes'],
};

/** Those that have series now and then, by when. */
export const SOMETIMES_SERIES: Readonly<Record<string, readonly string[]>> = {
  'while tasks take a tenth of one core': ['emr_application:spark_shuffle_wait:max_ratio_rate5m'],
  'where three quarters of the disk are used': ['emr_filesystem:available_low:ratio'],
};

/** What the healthy demo raises, for its job has a stage that fails. */
export const RAISED: readonly string[] = ['EmrSparkStagesFailed'];

/** What a machine that stays busy may make pending for as long, and not more: none of them is right within minutes. */
export const PENDING: readonly string[] = [
  'EmrDataNodesStale',
  'EmrExporterDown',
  'EmrMemoryPressure',
  'EmrNameNodeRpcSlow',
  'EmrRulesFailing',
  'EmrSparkGarbageCollection',
  'EmrSparkShuffleSkewed',
  'EmrYarnMemoryPending',
  'EmrYarnVcoresPending',
];

type Listed = Readonly<Record<string, readonly string[]>>;

/** What has no series and is not listed; what is listed and has some, or is not there at all. */
export function differences(
  series: ReadonlyMap<string, number>,
  without: Listed,
  sometimes: Listed = {},
): readonly string[] {
  const never = Object.values(without).flat();
  const maybe = Object.values(sometimes).flat();
  const excused = new Set([...never, ...maybe]);
  return [
    ...[...series].flatMap(([name, count]) => (count === 0 && !excused.has(name) ? [`no data: ${name}`] : [])),
    ...never
      .filter((name) => (series.get(name) ?? 0) > 0)
      .map((name) => `listed as without data, and has some: ${name}`),
    ...[...excused].filter((name) => !series.has(name)).map((name) => `listed, and not there: ${name}`),
  ];
}
