/** Series that each node, each of its daemons or each Spark process has: a large cluster has thousands of each name. */
const OF_EVERY_NODE =
  /\b(?:node|hdfs_datanode|yarn_nodemanager|hadoop_jvm|hadoop_process|hadoop_rpc|hadoop_ugi|spark_executor|spark_shuffle|spark_jvm|spark_process|up)(?:_\w+)?\{/;

/**
 * A panel of such series has so many points in its width, one each three minutes of six hours: what a query costs is
 * series times points, and with one each 20 s a cluster of 1,000 nodes took seconds. A rate is over the time between two
 * points, so none of it is lost.
 */
const POINTS = 120;

export const maxPoints = (queries: readonly { readonly expr: string }[]): number | undefined =>
  queries.some(({ expr }) => OF_EVERY_NODE.test(expr)) ? POINTS : undefined;
