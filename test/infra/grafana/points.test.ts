import { expect, test } from 'vitest';
import { maxPoints } from '../../../infra/grafana/points.ts';

test.each<[string, string, number | undefined]>([
  ['a series of every node', 'rate(node_disk_read_bytes_total{cluster_id="$cluster_id"}[$__rate_interval])', 120],
  ['a recorded one of every node', 'emr_node:cpu_busy:ratio_rate5m{cluster_id="$cluster_id"}', 120],
  ['a recorded one of every disk', 'emr_filesystem:available:ratio{cluster_id="$cluster_id"}', 120],
  ['one of every executor', 'sum(spark_executor_active_tasks{cluster_id="$cluster_id"})', 120],
  ['one of every daemon', 'hadoop_jvm_threads_current{cluster_id="$cluster_id", daemon=~"$daemon"}', 120],
  [
    'one of a master’s daemon',
    'max(hadoop_rpc_call_queue_length{cluster_id="$cluster_id", daemon="namenode"})',
    undefined,
  ],
  ['one of a cluster', 'emr_cluster:nodes_idle:sum{cluster_id="$cluster_id"}', undefined],
  ['one of the NameNode', 'max(hdfs_namenode_files{cluster_id="$cluster_id"})', undefined],
])('a panel that asks for %s has few points only if a large cluster makes that slow', (_what, expr, points) => {
  expect(maxPoints([{ expr: 'vector(1)' }, { expr }])).toBe(points);
});
