import { alertsTable, RUNBOOKS } from '../alerts.ts';
import { linkToPanel } from '../links.ts';
import { NONE_IS_GOOD, worseAbove } from '../panel.ts';
import type { Row } from '../rows.ts';
import { FIRING } from '../selectors.ts';
import { stat } from '../stat.ts';

/** 0 where somebody looks; where nobody does there is no number. */
const NONE = '0 * count(emr_cluster:nodes:count)';

const firing = (severity: string): string => `count(ALERTS{${FIRING}, severity="${severity}"}) or ${NONE}`;

/** Below, the ninth of this dashboard's first row. */
const OF_NO_CLUSTER = { title: 'Alerts of no cluster', id: 10 };

export const now: Row = {
  title: 'All clusters',
  panels: [
    stat({
      title: 'Clusters',
      description: 'Clusters with nodes that Prometheus scrapes.',
      width: 3,
      queries: [{ expr: 'count(emr_cluster:nodes:count)' }],
    }),
    stat({
      title: 'Nodes',
      description: 'Of all clusters.',
      width: 3,
      queries: [{ expr: 'sum(emr_cluster:nodes:count)' }],
    }),
    stat({
      title: 'Nodes that do not answer',
      description: 'No exporter of theirs answers: they hang, the network is closed, or they just ended.',
      width: 3,
      steps: worseAbove(1, 10),
      queries: [{ expr: 'sum(emr_cluster:nodes:count) - sum(emr_cluster:nodes_up:sum)' }],
    }),
    stat({
      title: 'CPU busy',
      description: 'Share of all CPUs of all clusters.',
      width: 3,
      unit: 'percentunit',
      queries: [{ expr: 'sum(emr_cluster:cpu_busy:ratio_rate5m * emr_cluster:cpus:sum) / sum(emr_cluster:cpus:sum)' }],
    }),
    stat({
      title: 'Machines nobody uses',
      description: 'Machines’ worth of memory and vcores not given to any container. Cost says where.',
      width: 3,
      decimals: 1,
      queries: [{ expr: 'sum(emr_cluster:nodes_idle:sum)' }],
    }),
    stat({
      title: 'Idle clusters',
      description: 'Nothing runs, nothing waits, CPUs do nothing.',
      width: 3,
      steps: worseAbove(1, 5),
      queries: [{ expr: `count(emr_cluster:idle:bool == 1) or ${NONE}` }],
    }),
    stat({
      title: 'Critical alerts',
      description: `Somebody must act now. The table of clusters has them by cluster; a click shows those of no cluster.`,
      width: 3,
      steps: NONE_IS_GOOD,
      queries: [{ expr: firing('critical') }],
      link: linkToPanel('fleet', OF_NO_CLUSTER),
    }),
    stat({
      title: 'Warnings',
      description: 'Somebody must look today.',
      width: 3,
      steps: worseAbove(1, 20),
      queries: [{ expr: firing('warning') }],
    }),
    alertsTable({
      title: OF_NO_CLUSTER.title,
      description: `Of the automation, the sidecar, Prometheus itself. Empty is good. The worst first, of these the newest. ${RUNBOOKS}`,
      height: 5,
      of: 'cluster_id=""',
      about: ['job', 'instance', 'exporter'],
    }),
  ],
};
