import { linkTo } from '../links.ts';
import { inWords, NONE_IS_GOOD, worseAbove } from '../panel.ts';
import type { Row } from '../rows.ts';
import { IN_CLUSTER, ON_NODES } from '../selectors.ts';
import { stat } from '../stat.ts';
import { table } from '../table.ts';
import { INTERFACES } from './lines.ts';

const STATE = inWords({ 0: ['silent', 'red'], 1: ['answers', 'green'] });
const LEAVING = inWords({ 0: ['–'], 1: ['spot warning', 'orange'] });

const rateOfNode = (metric: string, only = ''): string =>
  `sum by (instance) (rate(${metric}{${ON_NODES}${only}}[$__rate_interval]))`;

export const machines: Row = {
  title: 'Machines',
  panels: [
    stat({
      title: 'Nodes that answer',
      description: 'Chosen nodes of which some exporter answers Prometheus.',
      queries: [{ expr: `sum(emr_node:up:max{${ON_NODES}})` }],
    }),
    stat({
      title: 'Nodes that do not answer',
      description: 'Nodes with targets of which none answers: the node hangs, the network is closed, or it just ended.',
      steps: NONE_IS_GOOD,
      queries: [{ expr: `count(emr_node:up:max{${ON_NODES}} == 0) or 0 * count(emr_node:up:max{${ON_NODES}})` }],
    }),
    stat({
      title: 'CPUs',
      description: 'Of all chosen nodes together.',
      queries: [{ expr: `sum(emr_node:cpus:count{${ON_NODES}})` }],
    }),
    stat({
      title: 'Memory',
      description: 'Of all chosen nodes together.',
      unit: 'bytes',
      queries: [{ expr: `sum(node_memory_MemTotal_bytes{${ON_NODES}})` }],
    }),
    stat({
      title: 'Disk space',
      description: 'Of all chosen nodes together, each device once, however often it is mounted.',
      unit: 'bytes',
      queries: [{ expr: `sum(max by (instance, device) (node_filesystem_size_bytes{${ON_NODES}}))` }],
    }),
    stat({
      title: 'Fullest disk',
      description: 'The share used of the fullest file system of all chosen nodes. At 90 % YARN takes the node out.',
      unit: 'percentunit',
      steps: worseAbove(0.8, 0.9),
      queries: [
        {
          expr: `1 - min(emr_filesystem:available:ratio{${ON_NODES}})`,
        },
      ],
    }),
    table({
      title: 'Nodes',
      description:
        'Every chosen node, the busiest first. A click on its name opens its daemons; a column’s head sorts, its funnel filters.',
      height: 15,
      key: ['instance'],
      rows: `emr_node:up:max{${ON_NODES}}`,
      labels: [
        {
          label: 'node_name',
          title: 'Node',
          width: 260,
          link: linkTo('jvm', 'Its daemons', { cluster_id: '$cluster_id', instance: 'instance' }),
        },
        { label: 'instance', title: 'EC2 instance', width: 180 },
        { label: 'cluster_role', title: 'Role' },
        { label: 'instance_type', title: 'Type' },
        { label: 'market', title: 'Market' },
      ],
      values: [
        { title: 'State', expr: `emr_node:up:max{${ON_NODES}}`, mappings: [STATE] },
        {
          title: 'Leaving',
          expr: `emr_node_leaving{${IN_CLUSTER}} or max by (instance) (emr_node:up:max{${ON_NODES}}) * 0`,
          mappings: [LEAVING],
        },
        { title: 'Up for', expr: `time() - node_boot_time_seconds{${ON_NODES}}`, unit: 's', decimals: 1 },
        { title: 'CPUs', expr: `emr_node:cpus:count{${ON_NODES}}` },
        { title: 'CPU busy', expr: `emr_node:cpu_busy:ratio_rate5m{${ON_NODES}}`, unit: 'percentunit' },
        { title: 'Load 5m', expr: `node_load5{${ON_NODES}}`, decimals: 1 },
        { title: 'Memory', expr: `node_memory_MemTotal_bytes{${ON_NODES}}`, unit: 'bytes' },
        {
          title: 'Memory used',
          expr: `1 - node_memory_MemAvailable_bytes{${ON_NODES}} / node_memory_MemTotal_bytes{${ON_NODES}}`,
          unit: 'percentunit',
          steps: worseAbove(0.9, 0.97),
        },
        {
          title: 'Fullest disk',
          expr: `1 - min by (instance) (emr_filesystem:available:ratio{${ON_NODES}})`,
          unit: 'percentunit',
          steps: worseAbove(0.8, 0.9),
        },
        { title: 'Read', expr: rateOfNode('node_disk_read_bytes_total'), unit: 'Bps' },
        { title: 'Written', expr: rateOfNode('node_disk_written_bytes_total'), unit: 'Bps' },
        { title: 'Received', expr: rateOfNode('node_network_receive_bytes_total', INTERFACES), unit: 'Bps' },
        { title: 'Sent', expr: rateOfNode('node_network_transmit_bytes_total', INTERFACES), unit: 'Bps' },
        { title: 'TCP open', expr: `node_netstat_Tcp_CurrEstab{${ON_NODES}}` },
        { title: 'TCP closing', expr: `node_sockstat_TCP_tw{${ON_NODES}}` },
      ],
      sortBy: 'CPU busy',
    }),
  ],
};
