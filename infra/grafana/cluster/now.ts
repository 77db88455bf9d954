import { alertsTable, RUNBOOKS } from '../alerts.ts';
import { linkTo } from '../links.ts';
import { inWords, NONE_IS_GOOD, worseAbove } from '../panel.ts';
import type { Row } from '../rows.ts';
import { FIRING, IN_CLUSTER } from '../selectors.ts';
import { stat } from '../stat.ts';
import { table } from '../table.ts';

const SAME_CLUSTER = { cluster_id: '$cluster_id' };

export const now: Row = {
  title: 'Now',
  panels: [
    stat({
      title: 'Cluster',
      description: 'Its name, and what EMR said of it last. Without a state the sidecar has no record of it: it ended.',
      width: 8,
      show: 'name',
      queries: [
        {
          expr: `max by (cluster_name, state) (emr_cluster_info{${IN_CLUSTER}} or on (cluster_id) emr_cluster:nodes:count{${IN_CLUSTER}})`,
          legend: '{{cluster_name}} {{state}}',
        },
      ],
    }),
    stat({
      title: 'Age',
      description: 'Since the first of its nodes was seen.',
      unit: 's',
      decimals: 1,
      queries: [{ expr: `time() - max(emr_cluster_first_seen_timestamp_seconds{${IN_CLUSTER}})` }],
    }),
    stat({
      title: 'Nodes',
      width: 3,
      description: 'Nodes with targets in Prometheus; the table below has them by group.',
      queries: [{ expr: `max(emr_cluster:nodes:count{${IN_CLUSTER}})` }],
    }),
    stat({
      title: 'Nodes that do not answer',
      width: 3,
      description: 'No exporter of theirs answers: they hang, the network is closed, or they just ended.',
      steps: NONE_IS_GOOD,
      queries: [{ expr: `max(emr_cluster:nodes:count{${IN_CLUSTER}}) - max(emr_cluster:nodes_up:sum{${IN_CLUSTER}})` }],
    }),
    stat({
      title: 'Alerts',
      width: 3,
      description: 'Alerts of this cluster that fire, critical and warning. The table below names them.',
      steps: NONE_IS_GOOD,
      queries: [
        {
          expr: `count(ALERTS{${FIRING}, severity=~"critical|warning", ${IN_CLUSTER}}) or 0 * count(emr_cluster:nodes:count{${IN_CLUSTER}})`,
        },
      ],
    }),
    stat({
      title: 'Idle',
      width: 3,
      description: 'Nothing runs, nothing waits, CPUs do nothing. For 30 minutes: an alert, and money for nothing.',
      mappings: [inWords({ 0: ['in use', 'green'], 1: ['idle', 'orange'] })],
      queries: [{ expr: `max(emr_cluster:idle:bool{${IN_CLUSTER}})` }],
    }),
    stat({
      title: 'CPU busy',
      description: 'Share of all CPUs. Under 0.3 at the peak of a day: the cluster is too large.',
      unit: 'percentunit',
      steps: worseAbove(0.85, 0.95),
      queries: [{ expr: `max(emr_cluster:cpu_busy:ratio_rate5m{${IN_CLUSTER}})` }],
    }),
    stat({
      title: 'Memory used',
      description: 'Share of all machines’ memory that is not available.',
      unit: 'percentunit',
      steps: worseAbove(0.9, 0.97),
      queries: [{ expr: `max(emr_cluster:memory_used:ratio{${IN_CLUSTER}})` }],
    }),
    stat({
      title: 'HDFS used',
      description: 'Share of the capacity. At 0.8 add core nodes or delete; when full all writes stop.',
      unit: 'percentunit',
      steps: worseAbove(0.8, 0.9),
      queries: [{ expr: `max(emr_cluster:hdfs_capacity_used:ratio{${IN_CLUSTER}})` }],
    }),
    stat({
      title: 'YARN memory given',
      description: 'Share of YARN’s memory that containers have. High with CPU idle: containers ask for too much.',
      unit: 'percentunit',
      queries: [{ expr: `max(emr_cluster:yarn_memory_allocated:ratio{${IN_CLUSTER}})` }],
    }),
    stat({
      title: 'Applications running',
      description: 'In YARN.',
      queries: [{ expr: `max(emr_cluster:yarn_applications_running:sum{${IN_CLUSTER}})` }],
    }),
    stat({
      title: 'Containers waiting',
      description:
        'Asked for and not given. More than 0 while memory is free: node labels, queues or vcores hold them.',
      steps: worseAbove(1, 100),
      queries: [{ expr: `max(emr_cluster:yarn_containers_pending:sum{${IN_CLUSTER}})` }],
    }),
    table({
      title: 'Nodes by group',
      description: 'What the cluster is made of, and what of it nobody uses. A click on the role opens its machines.',
      width: 14,
      height: 7,
      key: ['cluster_role', 'market', 'instance_type'],
      rows: `emr_market:nodes:count{${IN_CLUSTER}}`,
      labels: [
        {
          label: 'cluster_role',
          title: 'Role',
          link: linkTo('nodes', 'Its machines', { ...SAME_CLUSTER, cluster_role: 'cluster_role' }),
        },
        { label: 'market', title: 'Market' },
        { label: 'instance_type', title: 'Type' },
      ],
      values: [
        { title: 'Nodes', expr: `emr_market:nodes:count{${IN_CLUSTER}}` },
        { title: 'vCPUs', expr: `emr_market:vcores:sum{${IN_CLUSTER}}` },
        { title: 'CPU busy', expr: `emr_market:cpu_busy:ratio{${IN_CLUSTER}}`, unit: 'percentunit', bar: true },
        { title: 'Idle vCPUs', expr: `emr_market:vcores_idle:sum{${IN_CLUSTER}}`, decimals: 1 },
        { title: 'Memory', expr: `emr_market:memory_bytes:sum{${IN_CLUSTER}}`, unit: 'bytes' },
        { title: 'Idle memory', expr: `emr_market:memory_idle_bytes:sum{${IN_CLUSTER}}`, unit: 'bytes' },
      ],
      sortBy: 'Nodes',
    }),
    alertsTable({
      title: 'Alerts that fire',
      description: `Empty is good. The worst first, of these the newest. ${RUNBOOKS}`,
      width: 10,
      height: 7,
      of: IN_CLUSTER,
      about: ['node_name', 'daemon', 'mountpoint', 'device', 'exporter', 'queue', 'application_id', 'query', 'stream'],
    }),
  ],
};
