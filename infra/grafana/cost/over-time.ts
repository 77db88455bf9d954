import type { Row } from '../rows.ts';
import { timeseries } from '../timeseries.ts';
import { cluster, IN_CLUSTERS, market, workers } from './clusters.ts';

const LINES = 20;
const NAMED = '{{cluster_name}} {{cluster_id}}';
/** The same clusters at each point: those with the most over the whole time shown. */
const highest = (expr: string): string =>
  `${expr} and on (cluster_id) topk(${LINES}, sum_over_time(${expr}[$__range] @ end()))`;

const TYPES = ['vcores', 'memory'] as const;
const UNITS = { vcores: 'short', memory: 'bytes' } as const;
const PARTS = {
  vcores: ['vcores', 'vcores_idle', 'vcores_wasted'],
  memory: ['memory_bytes', 'memory_idle_bytes', 'memory_wasted_bytes'],
} as const;

export const overTime: Row = {
  title: 'Over time',
  panels: [
    timeseries({
      title: 'Idle machines, by cluster',
      description:
        'Given to no container, masters that run none apart. The 20 clusters with the most. A line that never falls: too many nodes for good.',
      queries: [{ expr: highest(cluster('nodes_idle:sum')), legend: NAMED }],
    }),
    timeseries({
      title: 'Wasted machines, by cluster',
      description:
        'Given to containers whose CPU does nothing. The 20 clusters with the most: smaller containers, or another instance family.',
      queries: [{ expr: highest(cluster('nodes_wasted:sum')), legend: NAMED }],
    }),
  ],
};

export const waste: Row = {
  title: 'Vcores and memory: paid for, idle, wasted',
  collapsed: true,
  panels: [
    ...TYPES.map((type) =>
      timeseries({
        title: type === 'vcores' ? 'Vcores: paid for, idle, wasted' : 'Memory: paid for, idle, wasted',
        description:
          'All chosen clusters, masters apart. Idle: given to no container. Wasted: given to a container that does not use it.',
        unit: UNITS[type],
        queries: PARTS[type].map((name, index) => ({
          expr: `sum(${workers(name)})`,
          legend: ['paid for', 'idle', 'wasted'][index] ?? '',
        })),
      }),
    ),
    timeseries({
      title: 'Idle machines, by role and market',
      description:
        'All chosen clusters. Idle task nodes go at once by managed scaling; idle core nodes hold blocks of HDFS.',
      stacked: true,
      queries: [
        {
          expr: `sum by (cluster_role, market) (${market('workers_idle')})`,
          legend: '{{cluster_role}} {{market}}',
        },
      ],
    }),
    timeseries({
      title: 'Nodes there are, and nodes needed',
      description:
        'Needed: the peak of the last 6 hours with a fifth to spare (docs/cost-and-idle.md). Between the lines is what could go.',
      queries: [
        {
          expr: `sum by (cluster_role) (emr_role:nodes:count{${IN_CLUSTERS}, cluster_role!="MASTER"})`,
          legend: 'there are, {{cluster_role}}',
        },
        {
          expr: `sum by (cluster_role) (emr_role:nodes_needed:max6h{${IN_CLUSTERS}})`,
          legend: 'needed, {{cluster_role}}',
        },
      ],
    }),
  ],
};

export const spot: Row = {
  title: 'Spot',
  collapsed: true,
  panels: [
    timeseries({
      title: 'Machines by role and market',
      description: 'All chosen clusters.',
      stacked: true,
      queries: [
        {
          expr: `sum by (cluster_role, market) (emr_market:nodes:count{${IN_CLUSTERS}})`,
          legend: '{{cluster_role}} {{market}}',
        },
      ],
    }),
    timeseries({
      title: 'Share of spot, by cluster',
      description: 'The 20 clusters with the highest. Core nodes as spot lose blocks of HDFS with each interruption.',
      unit: 'percentunit',
      max: 1,
      queries: [{ expr: highest(cluster('spot:ratio')), legend: NAMED }],
    }),
    timeseries({
      title: 'Interruptions of the last hour, by cluster',
      description:
        'Nodes that got a spot interruption warning. The 20 clusters with the most; many: other types or zones.',
      queries: [{ expr: highest(cluster('spot_interruptions:count1h')), legend: NAMED }],
    }),
  ],
};

export const money: Row = {
  title: 'Money (with prices.csv)',
  collapsed: true,
  panels: [
    timeseries({
      title: 'Cost an hour, by cluster',
      description: 'The 20 clusters that cost most, by the prices of prices.csv.',
      unit: 'currencyUSD',
      queries: [{ expr: highest(cluster('cost_usd_per_hour:sum')), legend: NAMED }],
    }),
    timeseries({
      title: 'Idle cost an hour, by cluster',
      description: 'The 20 clusters that waste most, masters that run no containers apart.',
      unit: 'currencyUSD',
      queries: [{ expr: highest(cluster('idle_cost_usd_per_hour:sum')), legend: NAMED }],
    }),
    timeseries({
      title: 'Cost an hour: all, idle, wasted',
      description: 'All chosen clusters.',
      unit: 'currencyUSD',
      queries: [
        { expr: `sum(${cluster('cost_usd_per_hour:sum')})`, legend: 'all' },
        { expr: `sum(${cluster('idle_cost_usd_per_hour:sum')})`, legend: 'idle' },
        { expr: `sum(${cluster('wasted_cost_usd_per_hour:sum')})`, legend: 'wasted' },
      ],
    }),
    timeseries({
      title: 'Prices',
      description: 'As prices.csv has them. Empty without it.',
      unit: 'currencyUSD',
      queries: [
        {
          expr: 'max by (instance_type, market) (emr_instance_price_usd_per_hour)',
          legend: '{{instance_type}} {{market}}',
        },
      ],
    }),
  ],
};
