import type { Row } from '../rows.ts';
import { timeseries } from '../timeseries.ts';

const JOB = 'job="prometheus-on-emr-sidecar"';
const increaseBy = (label: string, name: string): string => `sum by (${label}) (increase(${name}[$__rate_interval]))`;

export const clusters: Row = {
  title: 'Clusters and nodes',
  collapsed: true,
  panels: [
    timeseries({
      title: 'Clusters by state',
      description: 'Of those that are watched.',
      stacked: true,
      queries: [{ expr: 'count by (state) (max by (cluster_id, state) (emr_cluster_info))', legend: '{{state}}' }],
    }),
    timeseries({
      title: 'Nodes by role and market',
      description: 'As EMR tells it, with exporters or without.',
      stacked: true,
      queries: [
        {
          expr: 'sum by (cluster_role, market) (max by (cluster_id, cluster_role, market, instance_type) (emr_cluster_nodes))',
          legend: '{{cluster_role}} {{market}}',
        },
      ],
    }),
    timeseries({
      title: 'Nodes with a spot interruption warning',
      description: 'They go within two minutes; their alerts are silent.',
      queries: [
        {
          expr: 'count(max by (cluster_id, instance) (emr_node_leaving)) or 0 * count(emr_cluster_info)',
          legend: 'leaving',
        },
      ],
    }),
    timeseries({
      title: 'Targets that do not answer, by job',
      description: 'Of all clusters. A job that does not answer on many nodes at once: the network, or an upgrade.',
      queries: [{ expr: 'sum by (job) (1 - up{cluster_id=~"j-.+"})', legend: '{{job}}' }],
    }),
  ],
};

export const sidecar: Row = {
  title: 'Sidecar',
  collapsed: true,
  panels: [
    timeseries({
      title: 'Passes over the target files',
      description: 'Every 5 s. Failed ones keep the last good files.',
      unit: 'ops',
      queries: [
        { expr: 'sum(rate(emr_sidecar_syncs_total[$__rate_interval]))', legend: 'passes' },
        {
          expr: 'sum(rate(emr_sidecar_sync_failures_total[$__rate_interval])) or 0 * sum(emr_sidecar_files)',
          legend: 'failed',
        },
      ],
    }),
    timeseries({
      title: 'How long a pass takes',
      description: 'The last one. Above the 5 s between two: S3 is slow, or throttles.',
      unit: 's',
      queries: [{ expr: 'max(emr_sidecar_last_sync_duration_seconds)', legend: 'the last pass' }],
    }),
    timeseries({
      title: 'Files on disk, and those that are not as in S3',
      description:
        'Refused: not valid. Held: gone without an end, removed after 10 min. Kept: over half went at once. Foreign: not ours.',
      queries: [
        { expr: 'max(emr_sidecar_files)', legend: 'on disk' },
        { expr: 'max(emr_sidecar_files_refused)', legend: 'refused' },
        { expr: 'max(emr_sidecar_files_held)', legend: 'held' },
        { expr: 'max(emr_sidecar_files_kept)', legend: 'kept' },
        { expr: 'max(emr_sidecar_foreign_keys)', legend: 'foreign' },
      ],
    }),
    timeseries({
      title: 'Files written and removed',
      description: 'Within a step of the time axis. Constant writes without a change of clusters deserve a look.',
      queries: [
        { expr: 'sum(increase(emr_sidecar_files_written_total[$__rate_interval]))', legend: 'written' },
        {
          expr: 'sum(increase(emr_sidecar_files_removed_total[$__rate_interval])) or 0 * sum(emr_sidecar_files)',
          legend: 'removed',
        },
      ],
    }),
    timeseries({
      title: 'Failures, by reason',
      description: 'Of passes, files and records. The sidecar’s log and page say more.',
      queries: [
        {
          expr: `${increaseBy('reason', 'emr_sidecar_sync_failures_total')} or 0 * sum(emr_sidecar_files)`,
          legend: 'pass {{reason}}',
        },
        {
          expr: `${increaseBy('reason', 'emr_sidecar_file_failures_total')} or 0 * sum(emr_sidecar_files)`,
          legend: 'file {{reason}}',
        },
        {
          expr: `${increaseBy('reason', 'emr_sidecar_status_failures_total')} or 0 * sum(emr_sidecar_files)`,
          legend: 'record {{reason}}',
        },
      ],
    }),
    timeseries({
      title: 'Memory of the sidecar',
      description: 'Below 130 MB, and no growth.',
      unit: 'bytes',
      queries: [{ expr: `process_resident_memory_bytes{${JOB}}`, legend: '{{instance}}' }],
    }),
    timeseries({
      title: 'Rules and dashboards from the bucket: age of the last look',
      description: 'Since the published set was last found right. Only of a sidecar with --content.',
      unit: 's',
      queries: [
        { expr: 'time() - max(emr_sidecar_content_last_success_timestamp_seconds)', legend: 'since the last look' },
      ],
    }),
    timeseries({
      title: 'Rules and dashboards from the bucket: refused',
      description:
        '1 while the published set is refused as it is: Prometheus works with the last good one. Only of a sidecar with --content.',
      queries: [{ expr: 'max(emr_sidecar_content_refused)', legend: 'refused' }],
    }),
  ],
};

export const prometheus: Row = {
  title: 'Prometheus',
  collapsed: true,
  panels: [
    timeseries({
      title: 'Series in memory',
      description: 'A jump: an exporter without bounds, or many clusters at once.',
      queries: [{ expr: 'prometheus_tsdb_head_series', legend: '{{instance}}' }],
    }),
    timeseries({
      title: 'Samples taken in',
      description: 'Each second.',
      unit: 'cps',
      queries: [
        { expr: 'rate(prometheus_tsdb_head_samples_appended_total[$__rate_interval])', legend: '{{instance}}' },
      ],
    }),
    timeseries({
      title: 'Evaluation of the rules',
      description: 'The last cycle of each group. Near its interval (30 s): rules come late.',
      unit: 's',
      queries: [{ expr: 'topk(20, prometheus_rule_group_last_duration_seconds)', legend: '{{rule_group}}' }],
    }),
    timeseries({
      title: 'Scrapes beyond a limit',
      description: 'Pages with too many samples or labels are left out whole: that target shows as down.',
      queries: [
        {
          expr: 'sum(increase(prometheus_target_scrapes_exceeded_sample_limit_total[$__rate_interval]))',
          legend: 'too many samples',
        },
        {
          expr: 'sum(increase(prometheus_target_scrape_pool_exceeded_label_limits_total[$__rate_interval]))',
          legend: 'too many labels',
        },
      ],
    }),
  ],
};
