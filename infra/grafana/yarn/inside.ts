import type { Row } from '../rows.ts';
import { IN_CLUSTER } from '../selectors.ts';
import { timeseries } from '../timeseries.ts';

const RM = 'yarn_resourcemanager_';
const of = (name: string): string => `max(${RM}${name}{${IN_CLUSTER}})`;
const rateOf = (name: string): string => `sum(rate(${RM}${name}{${IN_CLUSTER}}[$__rate_interval]))`;
const rpc = (name: string): string => `max by (port) (hadoop_rpc_${name}{${IN_CLUSTER}, daemon="resourcemanager"})`;

export const inside: Row = {
  title: 'Inside the ResourceManager',
  collapsed: true,
  panels: [
    timeseries({
      title: 'Events that wait',
      description: 'In the dispatchers. Above some thousand for minutes: the scheduler cannot keep up.',
      queries: [
        {
          expr: `max by (dispatcher) (${RM}dispatcher_queue_length{${IN_CLUSTER}})`,
          legend: '{{dispatcher}}',
        },
      ],
    }),
    timeseries({
      title: 'Scheduler’s thread',
      description: 'Share of one core. At 1 everything waits for it.',
      unit: 'percentunit',
      max: 1,
      queries: [{ expr: of('event_processor_cpu_ratio'), legend: 'busy' }],
    }),
    timeseries({
      title: 'From submitted to running',
      description: 'Average of late: until an application master has a container, is launched, and has registered.',
      unit: 's',
      queries: [
        { expr: of('am_allocations_average_seconds'), legend: 'has a container' },
        { expr: of('am_launches_average_seconds'), legend: 'is launched' },
        { expr: of('am_registrations_average_seconds'), legend: 'has registered' },
      ],
    }),
    timeseries({
      title: 'Time of the scheduler',
      description: 'Average of late, for a request of an application, and a heartbeat of a node.',
      unit: 's',
      queries: [
        { expr: of('scheduler_allocations_average_seconds'), legend: 'a request' },
        { expr: of('scheduler_node_updates_average_seconds'), legend: 'a heartbeat' },
      ],
    }),
    timeseries({
      title: 'Proposals of the scheduler',
      description: 'Accepted and refused ones. Mostly refused for minutes: it looks for room that there is not.',
      unit: 'ops',
      queries: [
        { expr: rateOf('scheduler_commits_total'), legend: 'accepted' },
        { expr: rateOf('scheduler_commit_failures_total'), legend: 'refused' },
      ],
    }),
    timeseries({
      title: 'RPC of the ResourceManager',
      description: 'Time of a call in the queue. NodeManagers, application masters and clients have a port each.',
      unit: 's',
      queries: [{ expr: rpc('queue_average_seconds'), legend: 'port {{port}}' }],
    }),
  ],
};
