import { linkTo } from '../links.ts';
import { inWords, NONE_IS_GOOD, type Steps, worseAbove } from '../panel.ts';
import type { Row } from '../rows.ts';
import { FIRING } from '../selectors.ts';
import { table, type ValueColumn } from '../table.ts';

const THIS = { cluster_id: 'cluster_id' };

const share = (title: string, series: string, steps?: Steps): ValueColumn => ({
  title,
  expr: `emr_cluster:${series}`,
  unit: 'percentunit',
  ...(steps ? { steps } : {}),
});

const nodesOf = (role: string, title: string): ValueColumn => ({
  title,
  expr: `max by (cluster_id) (emr_role:nodes:count{cluster_role="${role}"})`,
});

const firing = (severity: string): string =>
  `count by (cluster_id) (ALERTS{${FIRING}, ${severity}, cluster_id!=""}) or max by (cluster_id) (emr_cluster:nodes:count) * 0`;

/** The sidecar knows a cluster's state; without it there is still what Prometheus scrapes. */
const EVERY_CLUSTER = 'emr_cluster_info or on (cluster_id) emr_cluster:nodes:count';

export const clusters: Row = {
  title: 'Clusters (a click on the name opens the cluster)',
  panels: [
    table({
      title: 'Clusters',
      description:
        'Every cluster, those with critical alerts first, then those with warnings. A head sorts, its funnel filters. Unused: machines’ worth of memory and vcores that no container has. Too many: machines that could go, as Cost recommends. USD/h where prices are known.',
      height: 17,
      key: ['cluster_id'],
      rows: EVERY_CLUSTER,
      labels: [
        { label: 'cluster_name', title: 'Cluster', width: 190, link: linkTo('cluster', 'The cluster', THIS) },
        { label: 'cluster_id', title: 'Id', width: 150, link: linkTo('cluster', 'The cluster', THIS) },
        {
          label: 'state',
          title: 'State',
          mappings: [
            inWords({
              RUNNING: ['running', 'green'],
              WAITING: ['waiting', 'blue'],
              STARTING: ['starting', 'yellow'],
              BOOTSTRAPPING: ['starting', 'yellow'],
              TERMINATING: ['ending', 'orange'],
            }),
          ],
        },
        { label: 'region', title: 'Region' },
        { label: 'release_label', title: 'Release' },
      ],
      values: [
        {
          title: 'Critical',
          expr: firing('severity="critical"'),
          steps: NONE_IS_GOOD,
        },
        {
          title: 'Alerts',
          expr: firing('severity=~"critical|warning"'),
          steps: [
            [null, 'green'],
            [1, 'orange'],
          ],
        },
        { title: 'Age', expr: 'time() - emr_cluster_first_seen_timestamp_seconds', unit: 's', decimals: 1 },
        { title: 'Nodes', expr: 'emr_cluster:nodes:count', link: linkTo('nodes', 'Its machines', THIS) },
        nodesOf('MASTER', 'Master'),
        nodesOf('CORE', 'Core'),
        nodesOf('TASK', 'Task'),
        { title: 'Spot', expr: 'emr_cluster:spot:ratio', unit: 'percentunit' },
        share('CPU', 'cpu_busy:ratio_rate5m', worseAbove(0.85, 0.95)),
        share('Memory', 'memory_used:ratio', worseAbove(0.9, 0.97)),
        share('HDFS', 'hdfs_capacity_used:ratio', worseAbove(0.8, 0.9)),
        share('YARN memory', 'yarn_memory_allocated:ratio'),
        share('YARN vcores', 'yarn_vcores_allocated:ratio'),
        {
          title: 'Apps',
          expr: 'emr_cluster:yarn_applications_running:sum',
          link: linkTo('yarn', 'YARN', THIS),
        },
        { title: 'Waiting', expr: 'emr_cluster:yarn_applications_pending:sum', steps: worseAbove(1, 10) },
        {
          title: 'In use',
          expr: 'emr_cluster:idle:bool',
          mappings: [inWords({ 0: ['yes', 'green'], 1: ['idle', 'orange'] })],
        },
        {
          title: 'Unused',
          expr: 'emr_cluster:nodes_idle:sum',
          decimals: 1,
          link: linkTo('cost', 'Cost and idle', THIS),
        },
        {
          title: 'Too many',
          expr: 'max by (cluster_id) (emr_cluster:recommendation:nodes) or max by (cluster_id) (emr_cluster:nodes:count) * 0',
          decimals: 0,
          link: linkTo('cost', 'Recommendations', THIS),
        },
        { title: 'USD/h', expr: 'emr_cluster:cost_usd_per_hour:sum', unit: 'currencyUSD', decimals: 2 },
      ],
      sortBy: 'Critical',
      thenBy: 'Alerts',
    }),
  ],
};
