import type { Row } from '../rows.ts';
import { IN_CLUSTER } from '../selectors.ts';
import { timeseries } from '../timeseries.ts';

const cluster = (series: string): string => `max(emr_cluster:${series}{${IN_CLUSTER}})`;

export const work: Row = {
  title: 'Spark, HDFS, vcores, idle machines',
  collapsed: true,
  panels: [
    timeseries({
      title: 'Spark: tasks',
      description: 'Tasks that run at once. Far fewer than vcores given: partitions are too few or skewed.',
      queries: [
        { expr: cluster('spark_active_tasks:sum'), legend: 'tasks' },
        { expr: cluster('yarn_vcores_allocated:sum'), legend: 'vcores given (memory alone counts: one a container)' },
      ],
    }),
    timeseries({
      title: 'Spark: applications and executors',
      description: 'Those that send metrics.',
      queries: [
        { expr: cluster('spark_applications:count'), legend: 'applications' },
        { expr: cluster('spark_executors:count'), legend: 'executors' },
      ],
    }),
    timeseries({
      title: 'DataNodes',
      description:
        'Dead ones that do not go away after a scale-in are forgotten by the NameNode after its restart only.',
      queries: [
        { expr: cluster('hdfs_live_datanodes:max'), legend: 'live' },
        { expr: cluster('hdfs_dead_datanodes:max'), legend: 'dead' },
      ],
    }),
    timeseries({
      title: 'NodeManagers by state',
      description:
        'Unhealthy ones are paid for and get no work. Lost ones are counted since the ResourceManager began, each spot loss too.',
      queries: [{ expr: `max by (state) (emr_cluster:yarn_nodemanagers:max{${IN_CLUSTER}})`, legend: '{{state}}' }],
    }),
    timeseries({
      title: 'Machines that nobody uses',
      description:
        'Idle: not given to a container. Wasted: given, and not busy. Without masters that run no container; Cost has money.',
      queries: [
        { expr: cluster('nodes:count'), legend: 'all' },
        { expr: cluster('nodes_idle:sum'), legend: 'idle' },
        { expr: cluster('nodes_wasted:sum'), legend: 'wasted' },
      ],
    }),
    timeseries({
      title: 'Targets that answer',
      description:
        'Share of the cluster’s endpoints, by job. Under 1: Automation tells which exporter is missing, and why.',
      unit: 'percentunit',
      max: 1,
      queries: [{ expr: `avg by (job) (up{${IN_CLUSTER}})`, legend: '{{job}}' }],
    }),
  ],
};
