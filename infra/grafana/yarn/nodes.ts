import { highestOf, highestRate } from '../highest.ts';
import { linkTo } from '../links.ts';
import { NONE_IS_GOOD, worseAbove } from '../panel.ts';
import type { Row } from '../rows.ts';
import { ON_NODES } from '../selectors.ts';
import { table } from '../table.ts';
import { timeseries } from '../timeseries.ts';

const NODE = 'instance, node_name';
const now = (name: string): string => `yarn_nodemanager_${name}{${ON_NODES}}`;
const sumRate = (name: string, labels = ''): string =>
  `sum(rate(yarn_nodemanager_${name}{${ON_NODES}${labels}}[$__rate_interval]))`;
const sum = (name: string): string => `sum(${now(name)})`;

const lines = (title: string, description: string, expr: string, unit = 'short') =>
  timeseries({ title, description, unit, queries: [{ expr, legend: '{{node_name}}' }] });

export const nodeManagers: Row = {
  title: 'NodeManagers and containers',
  collapsed: true,
  panels: [
    table({
      title: 'NodeManagers',
      description: 'As of now; click a node for its machine. Memory in whole GiB, as YARN tells it.',
      key: ['instance'],
      rows: now('allocated_containers'),
      labels: [
        {
          label: 'node_name',
          title: 'Node',
          link: linkTo('nodes', 'The machine', { cluster_id: '$cluster_id', instance: 'instance' }),
        },
        { label: 'instance', title: 'Instance' },
      ],
      values: [
        { title: 'Containers', expr: now('allocated_containers') },
        { title: 'Memory given', expr: now('allocated_memory_bytes'), unit: 'bytes' },
        { title: 'Memory free', expr: now('available_memory_bytes'), unit: 'bytes' },
        { title: 'Memory used by containers', expr: now('containers_used_memory_bytes'), unit: 'bytes' },
        {
          title: 'Disks for data',
          expr: now('local_directories_used_ratio'),
          unit: 'percentunit',
          steps: worseAbove(0.75, 0.88),
        },
        { title: 'Bad directories', expr: now('bad_local_directories'), steps: NONE_IS_GOOD },
      ],
      sortBy: 'Containers',
    }),
    timeseries({
      title: 'Containers launched, and how they ended',
      description: 'All chosen nodes. Killed ones are normal at an application’s end, failed ones are not.',
      unit: 'ops',
      queries: [
        { expr: sumRate('containers_launched_total'), legend: 'launched' },
        ...['completed', 'failed', 'killed'].map((how) => ({
          expr: sumRate('containers_ended_total', `, result="${how}"`),
          legend: how,
        })),
      ],
    }),
    lines(
      'Containers that failed, by node',
      'The 20 highest. One node above all others: its disk or memory.',
      highestRate(NODE, `yarn_nodemanager_containers_ended_total{${ON_NODES}, result="failed"}`),
      'ops',
    ),
    timeseries({
      title: 'Memory given to containers, and used by them',
      description: 'All chosen nodes. Given and unused memory is what smaller containers would give back.',
      unit: 'bytes',
      queries: [
        { expr: sum('allocated_memory_bytes'), legend: 'given' },
        { expr: sum('containers_used_memory_bytes'), legend: 'used' },
      ],
    }),
    lines('Containers, by node', 'The 20 highest.', highestOf(NODE, now('allocated_containers'))),
    lines(
      'Disks for data, by node',
      'The 20 fullest. At 90 % YARN takes a directory away, and with its last one the node (unhealthy).',
      highestOf(NODE, now('local_directories_used_ratio')),
      'percentunit',
    ),
    lines('Bad directories, by node', 'Of local data: full or broken.', highestOf(NODE, now('bad_local_directories'))),
    lines(
      'Launch of a container, by node',
      'The 20 slowest, of late.',
      highestOf(NODE, now('container_launch_average_seconds')),
      's',
    ),
    lines(
      'Fetch of what a container needs, by node',
      'The 20 slowest, of late: jars and archives from HDFS or S3.',
      highestOf(NODE, now('localization_average_seconds')),
      's',
    ),
  ],
};

export const shuffle: Row = {
  title: 'Shuffle services',
  collapsed: true,
  panels: [
    timeseries({
      title: 'Spark’s shuffle service: sent',
      description: 'All chosen nodes. Nothing while Spark shuffles: the service is down, or dynamic allocation is off.',
      unit: 'Bps',
      queries: [{ expr: sumRate('spark_shuffle_transferred_bytes_total'), legend: 'sent' }],
    }),
    timeseries({
      title: 'Spark’s shuffle service: clients',
      description: 'Executors whose output is served, and connections.',
      queries: [
        { expr: sum('spark_shuffle_registered_executors'), legend: 'executors' },
        { expr: sum('spark_shuffle_active_connections'), legend: 'connections' },
      ],
    }),
    timeseries({
      title: 'Spark’s shuffle service: errors',
      description: 'All chosen nodes. Fetch failures of stages come from here.',
      unit: 'ops',
      queries: [{ expr: sumRate('spark_shuffle_exceptions_total'), legend: 'errors' }],
    }),
    timeseries({
      title: 'MapReduce’s shuffle: sent',
      description: 'Map output that reducers fetched, and transfers that failed.',
      unit: 'Bps',
      queries: [{ expr: sumRate('shuffle_output_bytes_total'), legend: 'sent' }],
    }),
    timeseries({
      title: 'MapReduce’s shuffle: transfers',
      description: 'Failed ones: a reducer gave up, or the disk did.',
      unit: 'ops',
      queries: [
        { expr: sumRate('shuffle_outputs_succeeded_total'), legend: 'succeeded' },
        { expr: sumRate('shuffle_outputs_failed_total'), legend: 'failed' },
      ],
    }),
  ],
};
