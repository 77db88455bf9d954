import type { Row } from '../rows.ts';
import { IN_CLUSTER } from '../selectors.ts';
import { timeseries } from '../timeseries.ts';
import { ofNameNode, rateOfNameNode } from './namenode.ts';

export const inside: Row = {
  title: 'Inside the NameNode',
  collapsed: true,
  panels: [
    timeseries({
      title: 'Edits',
      description: 'Changes of the namespace, and writes of them to the journal.',
      unit: 'ops',
      queries: [
        { expr: rateOfNameNode('transactions_total'), legend: 'edits' },
        { expr: rateOfNameNode('syncs_total'), legend: 'writes to the journal' },
      ],
    }),
    timeseries({
      title: 'Time of an edit',
      description: 'A journal that is slow makes every write of every client slow: look at the disk of the master.',
      unit: 's',
      queries: [
        { expr: ofNameNode('transactions_average_seconds'), legend: 'an edit' },
        { expr: ofNameNode('syncs_average_seconds'), legend: 'a write to the journal' },
      ],
    }),
    timeseries({
      title: 'Edits that no checkpoint has',
      description: 'Must fall to nearly nothing at each checkpoint (every hour, or a million edits).',
      queries: [
        { expr: ofNameNode('transactions_since_last_checkpoint'), legend: 'since the last checkpoint' },
        { expr: ofNameNode('transactions_since_last_log_roll'), legend: 'in the open log' },
      ],
    }),
    timeseries({
      title: 'Lock of the namespace',
      description: 'Threads that wait for it, and times that it was held for long.',
      queries: [
        { expr: ofNameNode('lock_queue_length'), legend: 'threads that wait' },
        { expr: rateOfNameNode('read_lock_long_holds_total'), legend: 'long holds by readers', unit: 'ops' },
        { expr: rateOfNameNode('write_lock_long_holds_total'), legend: 'long holds by writers', unit: 'ops' },
      ],
    }),
    timeseries({
      title: 'Calls by port',
      description: 'Calls that clients and DataNodes make.',
      unit: 'reqps',
      queries: [
        {
          expr: `sum by (port) (rate(hadoop_rpc_calls_total{${IN_CLUSTER}, daemon="namenode"}[$__rate_interval]))`,
          legend: 'port {{port}}',
        },
      ],
    }),
    timeseries({
      title: 'Calls that wait, connections',
      description: 'A queue that does not empty: see the time of calls above.',
      queries: [
        {
          expr: `max by (port) (hadoop_rpc_call_queue_length{${IN_CLUSTER}, daemon="namenode"})`,
          legend: 'calls that wait, port {{port}}',
        },
        {
          expr: `max by (port) (hadoop_rpc_open_connections{${IN_CLUSTER}, daemon="namenode"})`,
          legend: 'connections, port {{port}}',
        },
      ],
    }),
    timeseries({
      title: 'Reports of DataNodes',
      description: 'Full ones come every six hours from each volume; small ones with each new or deleted block.',
      unit: 'ops',
      queries: [
        { expr: rateOfNameNode('block_reports_incremental_total'), legend: 'of new and deleted blocks' },
        { expr: rateOfNameNode('full_block_reports_total'), legend: 'full' },
        { expr: ofNameNode('block_operations_queued'), legend: 'waiting (how many)', unit: 'short' },
      ],
    }),
    timeseries({
      title: 'Time of a full block report',
      description: 'The NameNode does little else meanwhile.',
      unit: 's',
      queries: [{ expr: ofNameNode('full_block_reports_average_seconds'), legend: 'a full report' }],
    }),
  ],
};

export const threeMasters: Row = {
  title: 'Three masters',
  collapsed: true,
  panels: [
    timeseries({
      title: 'NameNodes by state',
      description: 'One active, the others standby. A change of colours: a fail-over.',
      queries: [
        {
          expr: `count by (node_name, state) (hdfs_namenode_ha_state{${IN_CLUSTER}})`,
          legend: '{{node_name}} {{state}}',
        },
      ],
    }),
    timeseries({
      title: 'Standby is behind by',
      description: 'Since it last loaded edits, as long as it is one. Beyond minutes a fail-over takes long.',
      unit: 's',
      queries: [
        {
          expr: `hdfs_namenode_edits_lag_seconds{${IN_CLUSTER}} and on (instance) hdfs_namenode_ha_state{${IN_CLUSTER}, state="standby"}`,
          legend: '{{node_name}}',
        },
      ],
    }),
    timeseries({
      title: 'JournalNodes: edits behind the others',
      description: 'Two of three must be without lag, or nobody can write.',
      queries: [{ expr: `hdfs_journalnode_lag_transactions{${IN_CLUSTER}}`, legend: '{{node_name}}' }],
    }),
    timeseries({
      title: 'JournalNodes: time of a write to disk',
      description: '99 of 100 were quicker, in the last minute.',
      unit: 's',
      queries: [{ expr: `hdfs_journalnode_sync_seconds{${IN_CLUSTER}, percentile="99"}`, legend: '{{node_name}}' }],
    }),
  ],
};
