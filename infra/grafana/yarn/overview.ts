import type { Row } from '../rows.ts';
import { IN_CLUSTER } from '../selectors.ts';
import { timeseries } from '../timeseries.ts';

const ofCluster = (name: string): string => `max(emr_cluster:yarn_${name}{${IN_CLUSTER}})`;
const root = `${IN_CLUSTER}, queue="root"`;

export const overview: Row = {
  title: 'Capacity and demand',
  panels: [
    timeseries({
      title: 'Memory: given, reserved, free',
      description: 'All NodeManagers together. Free memory beside pending applications: see the limits of their queue.',
      unit: 'bytes',
      stacked: true,
      queries: [
        { expr: ofCluster('memory_allocated_bytes:sum'), legend: 'given to containers' },
        { expr: ofCluster('memory_reserved_bytes:sum'), legend: 'reserved' },
        { expr: ofCluster('memory_available_bytes:sum'), legend: 'free' },
      ],
    }),
    timeseries({
      title: 'Memory asked for and not had',
      description:
        'What applications still want. As large as the cluster for long: it is too small, or one job asks for all.',
      unit: 'bytes',
      queries: [{ expr: ofCluster('memory_pending_bytes:sum'), legend: 'pending' }],
    }),
    timeseries({
      title: 'Vcores: given, free, asked for',
      description: 'With EMR’s default scheduler one vcore a container, whatever it uses.',
      queries: [
        { expr: ofCluster('vcores_allocated:sum'), legend: 'given to containers' },
        { expr: ofCluster('vcores_available:sum'), legend: 'free' },
        { expr: ofCluster('vcores_pending:sum'), legend: 'pending' },
      ],
    }),
    timeseries({
      title: 'Given away, and really used',
      description:
        'Shares. Memory given and CPU idle: containers ask for more than they use, or tasks wait for something. YARN’s own figure of use has all programs of the nodes.',
      unit: 'percentunit',
      max: 1,
      queries: [
        { expr: ofCluster('memory_allocated:ratio'), legend: 'memory given' },
        { expr: ofCluster('vcores_allocated:ratio'), legend: 'vcores given' },
        { expr: `max(emr_cluster:memory_used:ratio{${IN_CLUSTER}})`, legend: 'memory used on the nodes' },
        { expr: `max(emr_cluster:cpu_busy:ratio_rate5m{${IN_CLUSTER}})`, legend: 'CPU busy on the nodes' },
      ],
    }),
    timeseries({
      title: 'Applications',
      description: 'Running and pending ones. Pending ones that only grow: nothing ends, or nothing can begin.',
      queries: [
        { expr: ofCluster('applications_running:sum'), legend: 'running' },
        { expr: ofCluster('applications_pending:sum'), legend: 'pending' },
      ],
    }),
    timeseries({
      title: 'Applications that ended',
      description: 'Within a step of the time axis, by how.',
      queries: ['completed', 'failed', 'killed'].map((how) => ({
        expr: `sum(increase(yarn_resourcemanager_queue_applications_${how}_total{${root}}[$__rate_interval]))`,
        legend: how,
      })),
    }),
    timeseries({
      title: 'Containers',
      description: 'Running and pending ones.',
      queries: [
        { expr: ofCluster('containers_allocated:sum'), legend: 'running' },
        { expr: ofCluster('containers_pending:sum'), legend: 'pending' },
      ],
    }),
    timeseries({
      title: 'NodeManagers by state',
      description:
        'Active ones fall and emptied ones rise: a scale-in. Lost ones rise: spot interruptions, or dead nodes.',
      queries: [{ expr: `emr_cluster:yarn_nodemanagers:max{${IN_CLUSTER}} > 0`, legend: '{{state}}' }],
    }),
  ],
};
