import type { Row } from '../rows.ts';
import { IN_CLUSTER } from '../selectors.ts';
import { timeseries } from '../timeseries.ts';

const cluster = (series: string): string => `max(emr_cluster:${series}{${IN_CLUSTER}})`;
const roles = (series: string): string => `max by (cluster_role) (emr_role:${series}{${IN_CLUSTER}})`;
const ROLE = '{{cluster_role}}';

export const overTime: Row = {
  title: 'Over time',
  panels: [
    timeseries({
      title: 'CPU busy by role',
      description: 'Share of a role’s CPUs. CORE idle while TASK works: the core group is there for HDFS alone.',
      unit: 'percentunit',
      max: 1,
      queries: [{ expr: roles('cpu_busy:ratio_rate5m'), legend: ROLE }],
    }),
    timeseries({
      title: 'Memory used by role',
      description: 'Share of a role’s memory that is not available.',
      unit: 'percentunit',
      max: 1,
      queries: [{ expr: roles('memory_used:ratio'), legend: ROLE }],
    }),
    timeseries({
      title: 'Memory of YARN',
      description:
        'Given, free and asked for without being there. Asked for and free together: queues or labels hold it.',
      unit: 'bytes',
      queries: [
        { expr: cluster('yarn_memory_allocated_bytes:sum'), legend: 'given' },
        { expr: cluster('yarn_memory_available_bytes:sum'), legend: 'free' },
        { expr: cluster('yarn_memory_pending_bytes:sum'), legend: 'asked for' },
      ],
    }),
    timeseries({
      title: 'Applications and containers',
      description: 'What runs and what waits in YARN.',
      queries: [
        { expr: cluster('yarn_applications_running:sum'), legend: 'applications running' },
        { expr: cluster('yarn_applications_pending:sum'), legend: 'applications waiting' },
        { expr: cluster('yarn_containers_allocated:sum'), legend: 'containers running' },
        { expr: cluster('yarn_containers_pending:sum'), legend: 'containers waiting' },
      ],
    }),
    timeseries({
      title: 'Nodes by role',
      description: 'Steps are scale-out and scale-in; a lone fall is a lost spot instance or a broken machine.',
      stacked: true,
      queries: [{ expr: roles('nodes:count'), legend: ROLE }],
    }),
    timeseries({
      title: 'Disks and HDFS used',
      description: 'Shares: HDFS, and the fullest file system of each role. At 0.9 YARN takes nodes out.',
      unit: 'percentunit',
      max: 1,
      queries: [
        { expr: cluster('hdfs_capacity_used:ratio'), legend: 'HDFS' },
        { expr: roles('filesystem_used:max_ratio'), legend: 'fullest disk, {{cluster_role}}' },
      ],
    }),
  ],
};
