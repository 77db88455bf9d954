import { MappingType } from '@grafana/grafana-foundation-sdk/dashboard';
import { NEUTRAL, NONE_IS_GOOD, worseAbove, worseBelow, type Steps } from '../panel.ts';
import type { Row } from '../rows.ts';
import { IN_CLUSTER } from '../selectors.ts';
import { stat } from '../stat.ts';
import { ofNameNode } from './namenode.ts';

const WIDTH = 3;
const ONE_IS_GOOD: Steps = [
  [null, 'red'],
  [1, 'green'],
  [2, 'red'],
];

const number = (title: string, description: string, expr: string, unit = 'short', steps: Steps = NEUTRAL) =>
  stat({ title, description, unit, steps, width: WIDTH, queries: [{ expr }] });

export const now: Row = {
  title: 'HDFS now',
  panels: [
    number(
      'NameNodes answering',
      'Share of the NameNodes whose metrics can be read; there are one, or two to three with three masters. 0 %: the NameNode is down, or its exporter is.',
      `avg(up{${IN_CLUSTER}, daemon="namenode"})`,
      'percentunit',
      worseBelow(1, 0.5),
    ),
    number(
      'Active NameNodes',
      'Exactly one must be active. 0: nobody can write. 2: fencing has failed, stop one of them.',
      `sum(hdfs_namenode_ha_state{${IN_CLUSTER}, state="active"} or 0 * hdfs_namenode_ha_state{${IN_CLUSTER}})`,
      'short',
      ONE_IS_GOOD,
    ),
    stat({
      title: 'Safe mode',
      description:
        'While it is on, HDFS takes no writes: right after a start, or when blocks or disk space are missing.',
      width: WIDTH,
      steps: NONE_IS_GOOD,
      mappings: [{ type: MappingType.ValueToText, options: { '0': { text: 'off' }, '1': { text: 'ON' } } }],
      queries: [{ expr: ofNameNode('safe_mode') }],
    }),
    number(
      'Last checkpoint',
      'Age of the last FSImage. With one master none is made while the cluster runs: what counts are the edits since.',
      `time() - max(hdfs_namenode_last_checkpoint_timestamp_seconds{${IN_CLUSTER}})`,
      's',
    ),
    number('Capacity', 'Of all DataNodes that live.', ofNameNode('capacity_bytes'), 'bytes'),
    number(
      'Capacity used',
      'Share of the capacity that holds blocks. Above 85 % add core nodes or delete: EMR shares the disks with YARN.',
      `max(emr_cluster:hdfs_capacity_used:ratio{${IN_CLUSTER}})`,
      'percentunit',
      worseAbove(0.75, 0.85),
    ),
    number('Files', 'Files and directories.', ofNameNode('files')),
    number(
      'Block map used',
      'Blocks of those that the map has room for. It grows with the heap of the NameNode.',
      `${ofNameNode('blocks')} / ${ofNameNode('blocks_max')}`,
      'percentunit',
      worseAbove(0.7, 0.9),
    ),
    number('Live DataNodes', 'DataNodes whose heartbeats come.', ofNameNode('live_datanodes')),
    number(
      'Dead DataNodes',
      'DataNodes whose heartbeats stopped, ever since the NameNode started: every spot node that was taken away stays among them. Those that EMR had emptied do not. What is missing now is beside.',
      `max(emr_cluster:hdfs_dead_datanodes:max{${IN_CLUSTER}})`,
    ),
    number(
      'DataNodes missing',
      'Nodes that should have a DataNode, and whose heartbeats the NameNode does not get. A starting or leaving node for minutes.',
      `clamp_min(count(up{${IN_CLUSTER}, daemon="datanode"} unless on (instance) emr_node_leaving) - ${ofNameNode('live_datanodes')}, 0)`,
      'short',
      worseAbove(1, 2),
    ),
    number(
      'Failed volumes',
      'Of all DataNodes. Replace the node.',
      ofNameNode('failed_volumes'),
      'short',
      NONE_IS_GOOD,
    ),
    number(
      'Missing blocks',
      'No good replica is within reach: these files cannot be read. `hdfs fsck / -list-corruptfileblocks` names them.',
      ofNameNode('blocks_missing'),
      'short',
      NONE_IS_GOOD,
    ),
    number(
      'Corrupt blocks',
      'At least one replica is corrupt; HDFS copies a good one while there is one.',
      ofNameNode('blocks_corrupt'),
      'short',
      NONE_IS_GOOD,
    ),
    number(
      'Under-replicated blocks',
      'Fewer replicas than asked. It rises when a DataNode leaves and must fall again within minutes.',
      ofNameNode('blocks_under_replicated'),
      'short',
      worseAbove(1, 10_000),
    ),
    number(
      'Edits since the checkpoint',
      'A NameNode that restarts replays all of them: a million take minutes. `hdfs dfsadmin -saveNamespace` in a quiet hour.',
      `min(hdfs_namenode_transactions_since_last_checkpoint{${IN_CLUSTER}})`,
      'short',
      worseAbove(1_000_000, 2_000_000),
    ),
  ],
};
