import type { Row } from '../rows.ts';
import { IN_CLUSTER } from '../selectors.ts';
import { timeseries } from '../timeseries.ts';
import { ofNameNode, rateOfNameNode } from './namenode.ts';

export const overview: Row = {
  title: 'Capacity, blocks, load',
  panels: [
    timeseries({
      title: 'Capacity by use',
      description:
        'By HDFS, by anything else on the same disks (YARN’s local directories), and what is left. Other use that grows takes HDFS its room.',
      unit: 'bytes',
      stacked: true,
      queries: [
        { expr: ofNameNode('capacity_used_bytes'), legend: 'used by HDFS' },
        { expr: ofNameNode('capacity_used_non_dfs_bytes'), legend: 'used by others' },
        { expr: ofNameNode('capacity_remaining_bytes'), legend: 'remaining' },
      ],
    }),
    timeseries({
      title: 'Capacity and block map used',
      description: 'Shares. Either at its end stops all writes.',
      unit: 'percentunit',
      max: 1,
      queries: [
        { expr: `max(emr_cluster:hdfs_capacity_used:ratio{${IN_CLUSTER}})`, legend: 'capacity' },
        { expr: `${ofNameNode('blocks')} / ${ofNameNode('blocks_max')}`, legend: 'block map' },
      ],
    }),
    timeseries({
      title: 'Blocks in trouble',
      description:
        'Missing ones cannot be read. Under-replicated ones that do not fall for an hour: too few DataNodes, or full ones.',
      queries: [
        { expr: ofNameNode('blocks_missing'), legend: 'missing' },
        { expr: ofNameNode('blocks_corrupt'), legend: 'corrupt' },
        { expr: ofNameNode('blocks_under_replicated'), legend: 'under-replicated' },
      ],
    }),
    timeseries({
      title: 'DataNodes by state',
      description: 'Live ones fall and emptied ones rise together: a scale-in. Live ones fall alone: nodes were lost.',
      queries: [
        { expr: ofNameNode('live_datanodes'), legend: 'live' },
        { expr: ofNameNode('stale_datanodes'), legend: 'stale' },
        { expr: ofNameNode('dead_datanodes'), legend: 'dead, emptied ones too' },
        { expr: ofNameNode('decommissioning_datanodes'), legend: 'being emptied' },
        { expr: ofNameNode('decommissioned_live_datanodes'), legend: 'emptied, still there' },
      ],
    }),
    timeseries({
      title: 'Operations by kind',
      description:
        'What clients ask of the NameNode. A job that lists or opens small files by the thousand stands out.',
      unit: 'ops',
      queries: [
        {
          expr: `max by (operation) (rate(hdfs_namenode_operations_total{${IN_CLUSTER}}[$__rate_interval]))`,
          legend: '{{operation}}',
        },
        { expr: rateOfNameNode('all_operations_total'), legend: 'all, also those without a name here' },
      ],
    }),
    timeseries({
      title: 'RPC of the NameNode',
      description:
        'Time of a call in the queue, and to answer it. A queue above 0.1 s for minutes: the NameNode is overloaded, or collects garbage.',
      unit: 's',
      queries: [
        {
          expr: `max by (port) (hadoop_rpc_queue_average_seconds{${IN_CLUSTER}, daemon="namenode"})`,
          legend: 'in the queue, port {{port}}',
        },
        {
          expr: `max by (port) (hadoop_rpc_processing_average_seconds{${IN_CLUSTER}, daemon="namenode"})`,
          legend: 'to answer, port {{port}}',
        },
      ],
    }),
    timeseries({
      title: 'Transfers (concurrent file access)',
      description: 'Reads and writes that the DataNodes are busy with, all together.',
      queries: [{ expr: ofNameNode('load'), legend: 'transfers' }],
    }),
    timeseries({
      title: 'Read and written by the DataNodes',
      description: 'By clients and by DataNodes that copy blocks.',
      unit: 'Bps',
      queries: [
        { expr: bytesOf('read'), legend: 'read' },
        { expr: bytesOf('written'), legend: 'written' },
      ],
    }),
  ],
};

function bytesOf(what: 'read' | 'written'): string {
  return `sum(rate(hdfs_datanode_${what}_bytes_total{${IN_CLUSTER}}[$__rate_interval]))`;
}
