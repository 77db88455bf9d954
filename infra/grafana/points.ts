/** Series that each node, each of its disks or daemons, or each Spark process has: a large cluster has thousands. */
const OF_EVERY_NODE =
  /(?<![\w:])(?:emr_node:|emr_filesystem:|node_|hdfs_datanode_|yarn_nodemanager_|hadoop_|spark_executor_|spark_shuffle_|spark_jvm_|spark_process_|up\{)/;
/** But for those of one master's daemon. */
const OF_ONE_DAEMON = /\w+\{[^}]*daemon="[^}]*\}/g;

/**
 * A panel of such series has so many points in its width, one each three minutes of six hours: what a query costs is
 * series times points, and with one each 20 s a cluster of 1,000 nodes took seconds. A rate is over the time between two
 * points, so none of it is lost.
 */
const POINTS = 120;

export const maxPoints = (queries: readonly { readonly expr: string }[]): number | undefined =>
  queries.some(({ expr }) => OF_EVERY_NODE.test(expr.replaceAll(OF_ONE_DAEMON, ''))) ? POINTS : undefined;
