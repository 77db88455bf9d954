import { highestOf } from '../highest.ts';
import type { Query } from '../query.ts';
import type { Row } from '../rows.ts';
import { timeseries } from '../timeseries.ts';

/** The twenty clusters where it was highest. */
const perCluster = (series: string): readonly Query[] => [
  { expr: highestOf('cluster_id', `emr_cluster:${series}`), legend: '{{cluster_name}} {{cluster_id}}' },
];

export const overTime: Row = {
  title: 'Over time (lines: the 20 highest clusters)',
  panels: [
    timeseries({
      title: 'Nodes by role, all clusters',
      description: 'How the fleet breathes. Nights as high as days: clusters that nobody ends.',
      stacked: true,
      queries: [{ expr: 'sum by (cluster_role) (emr_role:nodes:count)', legend: '{{cluster_role}}' }],
    }),
    timeseries({
      title: 'Machines nobody uses, by cluster',
      description:
        'Machines’ worth of memory and vcores not given to any container. The first lines are where money is.',
      queries: perCluster('nodes_idle:sum'),
    }),
  ],
};

export const more: Row = {
  title: 'More over time',
  collapsed: true,
  panels: [
    timeseries({
      title: 'CPU busy by cluster',
      description: 'Share of a cluster’s CPUs.',
      unit: 'percentunit',
      max: 1,
      queries: perCluster('cpu_busy:ratio_rate5m'),
    }),
    timeseries({
      title: 'Memory used by cluster',
      description: 'Share of a cluster’s memory.',
      unit: 'percentunit',
      max: 1,
      queries: perCluster('memory_used:ratio'),
    }),
    timeseries({
      title: 'YARN memory given, by cluster',
      description: 'Share of YARN’s memory that containers have.',
      unit: 'percentunit',
      max: 1,
      queries: perCluster('yarn_memory_allocated:ratio'),
    }),
    timeseries({
      title: 'Containers waiting, by cluster',
      description: 'Asked for and not given: these clusters are too small now.',
      queries: perCluster('yarn_containers_pending:sum'),
    }),
    timeseries({
      title: 'Applications running, by cluster',
      description: 'In YARN.',
      queries: perCluster('yarn_applications_running:sum'),
    }),
    timeseries({
      title: 'HDFS used by cluster',
      description: 'Share of the capacity.',
      unit: 'percentunit',
      max: 1,
      queries: perCluster('hdfs_capacity_used:ratio'),
    }),
  ],
};
