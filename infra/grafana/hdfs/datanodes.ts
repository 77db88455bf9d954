import { highestOf, highestRate } from '../highest.ts';
import { linkTo } from '../links.ts';
import { NONE_IS_GOOD, worseAbove } from '../panel.ts';
import type { Row } from '../rows.ts';
import { ON_NODES } from '../selectors.ts';
import { table } from '../table.ts';
import { timeseries } from '../timeseries.ts';

const NODE = 'instance, node_name';
const LEGEND = '{{node_name}}';
const gauge = (name: string): string => highestOf(NODE, `hdfs_datanode_${name}{${ON_NODES}}`);
const rate = (name: string): string => highestRate(NODE, `hdfs_datanode_${name}{${ON_NODES}}`);
const now = (name: string): string => `hdfs_datanode_${name}{${ON_NODES}}`;
const rateNow = (name: string): string => `rate(hdfs_datanode_${name}{${ON_NODES}}[$__rate_interval])`;
const sumRate = (name: string): string => `sum(${rateNow(name)})`;

const lines = (title: string, description: string, expr: string, unit: string) =>
  timeseries({ title, description, unit, queries: [{ expr, legend: LEGEND }] });

export const dataNodes: Row = {
  title: 'DataNodes',
  collapsed: true,
  panels: [
    table({
      title: 'DataNodes',
      description:
        'As of now; click a node for its machine. One that is much fuller than the others takes no new blocks.',
      key: ['instance'],
      rows: now('capacity_bytes'),
      labels: [
        {
          label: 'node_name',
          title: 'Node',
          link: linkTo('nodes', 'The machine', { cluster_id: '$cluster_id', instance: 'instance' }),
        },
        { label: 'instance', title: 'Instance' },
      ],
      values: [
        { title: 'Used', expr: `${now('dfs_used_bytes')} / ${now('capacity_bytes')}`, unit: 'percentunit', bar: true },
        { title: 'Capacity', expr: now('capacity_bytes'), unit: 'bytes' },
        { title: 'Remaining', expr: now('remaining_bytes'), unit: 'bytes' },
        { title: 'Failed volumes', expr: now('failed_volumes'), steps: NONE_IS_GOOD },
        { title: 'Transfers', expr: now('active_transfers'), steps: worseAbove(2000, 4000) },
        { title: 'Read', expr: rateNow('read_bytes_total'), unit: 'Bps' },
        { title: 'Written', expr: rateNow('written_bytes_total'), unit: 'Bps' },
        { title: 'Heartbeat', expr: now('heartbeats_average_seconds'), unit: 's' },
      ],
      sortBy: 'Used',
    }),
    lines('Read, by node', 'The 20 DataNodes that read most.', rate('read_bytes_total'), 'Bps'),
    lines('Written, by node', 'The 20 DataNodes that write most.', rate('written_bytes_total'), 'Bps'),
    lines(
      'Transfers, by node',
      'The 20 highest. At dfs.datanode.max.transfer.threads (4096) clients are refused.',
      gauge('active_transfers'),
      'short',
    ),
    lines(
      'Time of a write, by node',
      'The 20 slowest, time to take a block. One node above all others: its disk, see the machine.',
      gauge('write_operations_average_seconds'),
      's',
    ),
    lines(
      'Time of a read, by node',
      'The 20 slowest, time to send a block.',
      gauge('read_operations_average_seconds'),
      's',
    ),
    lines(
      'Acknowledgement of a packet, by node',
      'The 20 slowest, from the next DataNode and back: network, or the other’s disk.',
      gauge('packet_ack_round_trip_average_seconds'),
      's',
    ),
    lines('Flush to the system, by node', 'The 20 slowest.', gauge('flushes_average_seconds'), 's'),
    lines(
      'Heartbeat, by node',
      'The 20 slowest. The NameNode is slow when all are.',
      gauge('heartbeats_average_seconds'),
      's',
    ),
    timeseries({
      title: 'Blocks read, written, copied, removed',
      description: 'All chosen DataNodes together. Copied ones: the NameNode replaces what a lost node had.',
      unit: 'ops',
      queries: [
        { expr: sumRate('blocks_read_total'), legend: 'read' },
        { expr: sumRate('blocks_written_total'), legend: 'written' },
        { expr: sumRate('blocks_replicated_total'), legend: 'copied' },
        { expr: sumRate('blocks_removed_total'), legend: 'removed' },
      ],
    }),
    timeseries({
      title: 'What goes wrong',
      description: 'All chosen DataNodes together. Anything but the network’s errors deserves a look at the node.',
      unit: 'ops',
      queries: [
        { expr: sumRate('network_errors_total'), legend: 'errors of the network' },
        { expr: sumRate('block_verification_failures_total'), legend: 'replicas found corrupt' },
        { expr: sumRate('volume_failures_total'), legend: 'volumes failed' },
        { expr: sumRate('packets_slow_to_disk_total'), legend: 'packets slow to disk' },
        { expr: sumRate('packets_slow_to_mirror_total'), legend: 'packets slow to the next DataNode' },
        { expr: sumRate('slow_flushes_total'), legend: 'slow flushes' },
      ],
    }),
  ],
};
