import { dashboard } from './dashboard.ts';
import { worseAbove } from './panel.ts';
import { IN_CLUSTER } from './selectors.ts';
import { stat } from './stat.ts';
import { timeseries } from './timeseries.ts';
import { OF_CLUSTER } from './variables.ts';

export const cluster = dashboard({
  name: 'cluster',
  title: 'EMR / Cluster',
  description: 'One cluster at a glance.',
  variables: OF_CLUSTER,
  rows: [
    {
      title: 'Now',
      panels: [
        stat({
          title: 'CPU',
          description: 'Share of all CPUs that is busy.',
          unit: 'percentunit',
          steps: worseAbove(0.8, 0.95),
          queries: [{ expr: `emr_cluster:cpu_busy:ratio_rate5m{${IN_CLUSTER}}` }],
        }),
        timeseries({
          title: 'CPU by role',
          description: 'Share of CPUs that is busy.',
          unit: 'percentunit',
          max: 1,
          queries: [{ expr: `emr_role:cpu_busy:ratio_rate5m{${IN_CLUSTER}}`, legend: '{{cluster_role}}' }],
        }),
      ],
    },
  ],
});
