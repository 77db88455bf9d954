import type { VariableModel } from '@grafana/grafana-foundation-sdk/dashboard';
import { worseAbove } from '../panel.ts';
import type { Row } from '../rows.ts';
import { IN_CLUSTER } from '../selectors.ts';
import { table } from '../table.ts';
import { timeseries } from '../timeseries.ts';
import { ALL, asked, tidy } from '../variables.ts';

const QUEUE = `${IN_CLUSTER}, queue=~"$queue"`;
/** Of the active ResourceManager: a standby has the queues, too, and nothing in them. */
const of = (name: string): string =>
  `max by (queue) (sum by (queue, instance) (yarn_resourcemanager_queue_${name}{${QUEUE}}))`;
const rateOf = (name: string): string =>
  `sum by (queue) (increase(yarn_resourcemanager_queue_${name}{${QUEUE}}[$__rate_interval]))`;
const total = `scalar(max(emr_cluster:yarn_memory_bytes:sum{${IN_CLUSTER}}))`;

/** A queue has what its children have: the sum of all lines is more than the cluster. */
const PARENTS = 'A parent has what its children have.';

const lines = (title: string, description: string, expr: string, unit = 'short') =>
  timeseries({ title, description: `${description} ${PARENTS}`, unit, queries: [{ expr, legend: '{{queue}}' }] });

export const queues: Row = {
  title: 'Queues',
  collapsed: true,
  panels: [
    table({
      title: 'Queues',
      description: `As of now. Applications pending beside a queue that has little: its maximum, or its share for application masters. ${PARENTS}`,
      key: ['queue'],
      rows: of('allocated_memory_bytes'),
      labels: [{ label: 'queue', title: 'Queue' }],
      values: [
        { title: 'Of the cluster', expr: `${of('allocated_memory_bytes')} / ${total}`, unit: 'percentunit', bar: true },
        { title: 'Memory', expr: of('allocated_memory_bytes'), unit: 'bytes' },
        { title: 'Memory pending', expr: of('pending_memory_bytes'), unit: 'bytes' },
        { title: 'Vcores', expr: of('allocated_vcores') },
        { title: 'Containers', expr: of('allocated_containers') },
        { title: 'Containers pending', expr: of('pending_containers'), steps: worseAbove(1, 1000) },
        { title: 'Running', expr: of('applications_running') },
        { title: 'Pending', expr: of('applications_pending'), steps: worseAbove(1, 10) },
        {
          title: 'Masters’ share used',
          expr: `${of('am_used_memory_bytes')} / (${of('am_limit_memory_bytes')} > 0)`,
          unit: 'percentunit',
          steps: worseAbove(0.8, 0.95),
        },
      ],
      sortBy: 'Of the cluster',
    }),
    lines('Memory given, by queue', 'Of containers.', of('allocated_memory_bytes'), 'bytes'),
    lines('Memory pending, by queue', 'Asked for and not had.', of('pending_memory_bytes'), 'bytes'),
    lines('Applications running, by queue', 'Those that have a container.', of('applications_running')),
    lines('Applications pending, by queue', 'Those that have none yet.', of('applications_pending')),
    lines('Containers running, by queue', 'As of each moment.', of('allocated_containers')),
    lines('Containers pending, by queue', 'Asked for and not had.', of('pending_containers')),
    lines(
      'Application masters’ share used, by queue',
      'At 1 no further application starts in the queue, however much is free (yarn.scheduler.capacity.maximum-am-resource-percent).',
      `${of('am_used_memory_bytes')} / (${of('am_limit_memory_bytes')} > 0)`,
      'percentunit',
    ),
    lines('Applications that failed, by queue', 'Within a step of the time axis.', rateOf('applications_failed_total')),
  ],
};

export const queue: VariableModel = tidy(
  asked('queue', 'Queue', `label_values(yarn_resourcemanager_queue_allocated_memory_bytes{${IN_CLUSTER}}, queue)`)
    .multi(true)
    .includeAll(true)
    .allValue('.+')
    .current(ALL)
    .build(),
);
