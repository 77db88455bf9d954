import { linkTo } from '../links.ts';
import { NEUTRAL, NONE_IS_GOOD, worseAbove, type Steps } from '../panel.ts';
import type { Row } from '../rows.ts';
import { stat } from '../stat.ts';
import { table } from '../table.ts';
import { timeseries } from '../timeseries.ts';

const number = (title: string, description: string, expr: string, unit = 'short', steps: Steps = NEUTRAL) =>
  stat({ title, description, unit, steps, width: 3, queries: [{ expr }] });

const DOWN: Steps = [
  [null, 'red'],
  [1, 'green'],
];
/** Two sidecars tell the same: the larger of them. */
const most = (labels: string, name: string): string => `max by (${labels}) (${name})`;
/** 0 where somebody looks, and a dash where nobody does. */
const waiting = (why: string): string =>
  `sum(${most('cluster_id, exporter', `emr_nodes_pending{why=~"${why}"}`)}) or 0 * count(emr_nodes)`;

export const now: Row = {
  title: 'Automation now',
  panels: [
    number(
      'Sidecar answers',
      'It brings the target files and tells everything below. 0: Prometheus keeps the last files, and nothing new is seen.',
      'sum(up{job="prometheus-on-emr-sidecar"})',
      'short',
      DOWN,
    ),
    number(
      'Targets were read',
      'Since the last whole look at the target files in S3: every 5 s.',
      'time() - max(emr_sidecar_last_successful_sync_timestamp_seconds)',
      's',
      worseAbove(60, 300),
    ),
    number(
      'Records were read',
      'Since the last whole look at the clusters’ records in S3: every minute.',
      'time() - max(emr_sidecar_last_successful_status_timestamp_seconds)',
      's',
      worseAbove(180, 600),
    ),
    number('Clusters', 'Watched, with a record.', `count(${most('cluster_id', 'emr_cluster_info')})`),
    number(
      'Exporters installed',
      'On all nodes together: a node has up to three.',
      `sum(${most('cluster_id, exporter', 'emr_nodes{phase="installed"}')})`,
    ),
    number(
      'Given up',
      'Exporters that failed six times: nothing more is tried until somebody looks (npm run status).',
      waiting('gave_up'),
      'short',
      NONE_IS_GOOD,
    ),
    number(
      'Agents offline',
      'Exporters that wait for the SSM agent of their node. Normal for minutes after a node’s start.',
      waiting('agent_offline'),
      'short',
      worseAbove(1, 10),
    ),
    number(
      'Files refused or held',
      'Target files in S3 that are refused, or gone without a cluster’s end: Prometheus keeps the last good ones.',
      'sum(max by (instance) (emr_sidecar_files_refused + emr_sidecar_files_held + emr_sidecar_files_kept))',
      'short',
      NONE_IS_GOOD,
    ),
    timeseries({
      title: 'Exporters by phase',
      description: 'All clusters. Installed should be all there is, but for minutes after nodes came.',
      stacked: true,
      queries: [
        {
          expr: `sum by (exporter, phase) (${most('cluster_id, exporter, phase', 'emr_nodes')})`,
          legend: '{{exporter}} {{phase}}',
        },
      ],
    }),
    timeseries({
      title: 'Work that is not done, by why',
      description:
        'Exporters on nodes. In flight is normal; agent offline: the SSM agent or its rights; gave up, conflict: a person is wanted.',
      queries: [
        {
          expr: `sum by (exporter, why) (${most('cluster_id, exporter, why', 'emr_nodes_pending')})`,
          legend: '{{exporter}} {{why}}',
        },
      ],
    }),
    table({
      title: 'Clusters with work that is not done',
      description: 'As of now, the longest on top. Its reason stands on the sidecar’s page and in npm run status.',
      height: 9,
      key: ['cluster_id', 'exporter', 'why'],
      rows: named('emr_nodes_pending'),
      labels: [
        {
          label: 'cluster_name',
          title: 'Cluster',
          link: linkTo('cluster', 'The cluster', { cluster_id: 'cluster_id' }),
        },
        { label: 'cluster_id', title: 'Id' },
        { label: 'exporter', title: 'Exporter' },
        { label: 'why', title: 'Why' },
      ],
      values: [
        { title: 'Nodes', expr: 'emr_nodes_pending' },
        { title: 'For', expr: 'time() - emr_nodes_pending_since_timestamp_seconds', unit: 's' },
      ],
      sortBy: 'For',
    }),
    timeseries({
      title: 'Upgrades of exporters',
      description:
        'Nodes that change to another version, by outcome. None under way and some given up: the rollout has stopped.',
      queries: [
        {
          expr: `sum by (exporter, version, outcome) (${most('exporter, version, outcome', 'emr_upgrade_nodes')})`,
          legend: '{{exporter}} {{version}} {{outcome}}',
        },
      ],
    }),
    timeseries({
      title: 'Endpoints that the records have, and targets on disk',
      description: 'The lines must lie upon each other within a minute: else target files are stale or refused.',
      queries: [
        { expr: `sum(${most('cluster_id, exporter', 'emr_endpoints')})`, legend: 'endpoints' },
        { expr: `sum(${most('cluster_id, job', 'emr_targets')})`, legend: 'targets' },
      ],
    }),
  ],
};

/** A record's series have the cluster's id; its name is beside. */
function named(name: string): string {
  return `${name} * on (cluster_id) group_left (cluster_name) max by (cluster_id, cluster_name) (emr_cluster_info)`;
}
