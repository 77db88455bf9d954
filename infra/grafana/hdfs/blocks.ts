import type { Row } from '../rows.ts';
import { IN_CLUSTER } from '../selectors.ts';
import { timeseries } from '../timeseries.ts';
import { ofNameNode, rateOfNameNode } from './namenode.ts';

export const storage: Row = {
  title: 'Storage',
  collapsed: true,
  panels: [
    timeseries({
      title: 'Blocks',
      description: 'Blocks that there are, and for how many more the map of the NameNode has room.',
      queries: [
        { expr: ofNameNode('blocks'), legend: 'blocks' },
        { expr: `${ofNameNode('blocks_max')} - ${ofNameNode('blocks')}`, legend: 'room for' },
      ],
    }),
    timeseries({
      title: 'Blocks added',
      description: 'Blocks that writers asked for. Many with few bytes: small files.',
      unit: 'ops',
      queries: [
        {
          expr: `max(rate(hdfs_namenode_operations_total{${IN_CLUSTER}, operation="add_block"}[$__rate_interval]))`,
          legend: 'blocks added',
        },
      ],
    }),
    timeseries({
      title: 'Files',
      description:
        'Files and directories; those being written. Each takes some 150 bytes of the NameNode’s heap, and each block as much.',
      queries: [
        { expr: ofNameNode('files'), legend: 'files and directories' },
        { expr: ofNameNode('files_under_construction'), legend: 'being written' },
      ],
    }),
    timeseries({
      title: 'Files created and deleted',
      description: 'Files and directories a second.',
      unit: 'ops',
      queries: [
        { expr: rateOfNameNode('created_files_total'), legend: 'created' },
        { expr: rateOfNameNode('deleted_files_total'), legend: 'deleted' },
      ],
    }),
    timeseries({
      title: 'Excess replicas, blocks to be deleted',
      description:
        'Replicas beyond what is asked, as after a node came back, and those whose files are gone. Both fall by themselves.',
      queries: [
        { expr: ofNameNode('blocks_excess'), legend: 'excess' },
        { expr: ofNameNode('blocks_pending_deletion'), legend: 'to be deleted' },
      ],
    }),
    timeseries({
      title: 'Failed volumes, capacity lost with them',
      description: 'Volumes that DataNodes gave up. Replace the node: EMR does not mend a disk.',
      queries: [
        { expr: ofNameNode('failed_volumes'), legend: 'failed volumes' },
        { expr: ofNameNode('estimated_capacity_lost_bytes'), legend: 'capacity lost', unit: 'bytes' },
      ],
    }),
  ],
};

export const replication: Row = {
  title: 'Replication',
  collapsed: true,
  panels: [
    timeseries({
      title: 'Under-replicated blocks',
      description:
        'Must fall after a node left. A line that stays: fewer DataNodes than replicas asked (dfs.replication), or no room.',
      queries: [{ expr: ofNameNode('blocks_under_replicated'), legend: 'under-replicated' }],
    }),
    timeseries({
      title: 'Blocks on their way',
      description: 'To be copied, and being copied by DataNodes.',
      queries: [
        { expr: ofNameNode('blocks_scheduled_replication'), legend: 'to be copied' },
        { expr: ofNameNode('blocks_pending_replication'), legend: 'being copied' },
      ],
    }),
    timeseries({
      title: 'Missing and corrupt, of replicated blocks',
      description:
        'Without those of erasure coding. Those with one replica were lost with their node: somebody asked for that.',
      queries: [
        { expr: ofNameNode('blocks_missing_replicated'), legend: 'missing' },
        { expr: ofNameNode('missing_blocks_replication_one'), legend: 'missing, had one replica' },
        { expr: ofNameNode('blocks_corrupt_replicated'), legend: 'corrupt' },
      ],
    }),
    timeseries({
      title: 'Copies that succeeded, and that did not',
      description: 'No DataNode to copy to: they are full, or too few.',
      unit: 'ops',
      queries: [
        { expr: rateOfNameNode('replications_successful_total'), legend: 'succeeded' },
        { expr: rateOfNameNode('replications_timed_out_total'), legend: 'timed out' },
        { expr: rateOfNameNode('replications_not_scheduled_total'), legend: 'no DataNode to copy to' },
      ],
    }),
  ],
};
