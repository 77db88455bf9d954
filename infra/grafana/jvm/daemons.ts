import { linkTo } from '../links.ts';
import { inWords, NONE_IS_GOOD, worseAbove } from '../panel.ts';
import type { Row } from '../rows.ts';
import { stat } from '../stat.ts';
import { table } from '../table.ts';
import { DAEMONS } from './lines.ts';

const STATE = inWords({ 0: ['silent', 'red'], 1: ['answers', 'green'] });

const perSecond = (metric: string, more = ''): string =>
  `sum by (instance, daemon) (rate(${metric}{${DAEMONS}${more}}[$__rate_interval]))`;
const heap = (what: string): string => `hadoop_jvm_memory_${what}_bytes{${DAEMONS}, area="heap"}`;

export const daemons: Row = {
  title: 'Daemons',
  panels: [
    stat({
      title: 'Daemons that answer',
      description: 'Chosen daemons whose exporter answers Prometheus.',
      queries: [{ expr: `sum(up{${DAEMONS}, job="jmx"})` }],
    }),
    stat({
      title: 'Daemons that do not answer',
      description: 'The daemon ended (then its exporter does, too), hangs, or its node is gone.',
      steps: NONE_IS_GOOD,
      queries: [{ expr: `count(up{${DAEMONS}, job="jmx"} == 0) or 0 * max(up{${DAEMONS}, job="jmx"})` }],
    }),
    stat({
      title: 'Fullest heap',
      description:
        'The share of its limit that the fullest heap holds. Near 1 for long: the limit is too low, or a leak.',
      unit: 'percentunit',
      steps: worseAbove(0.85, 0.95),
      queries: [{ expr: `max(${heap('used')} / (${heap('max')} > 0))` }],
    }),
    stat({
      title: 'Most time in garbage collections',
      description: 'Share of time. Above 0.1 a daemon answers late, above 0.5 it does little else.',
      unit: 'percentunit',
      steps: worseAbove(0.1, 0.3),
      queries: [{ expr: `max(${perSecond('hadoop_jvm_gc_collection_seconds_total')})` }],
    }),
    stat({
      title: 'Blocked threads',
      description: 'Threads that wait for a lock, of the daemon that has most.',
      steps: worseAbove(20, 100),
      queries: [{ expr: `max(hadoop_jvm_threads_state{${DAEMONS}, state="blocked"})` }],
    }),
    stat({
      title: 'Most file descriptors used',
      description:
        'Share of its limit of the daemon that is nearest to it. At 1 it can open nothing, connections included.',
      unit: 'percentunit',
      steps: worseAbove(0.7, 0.9),
      queries: [{ expr: `max(hadoop_process_open_fds{${DAEMONS}} / (hadoop_process_max_fds{${DAEMONS}} > 0))` }],
    }),
    table({
      title: 'Every daemon',
      description: 'The fullest heap first. A click on the node opens the machine.',
      height: 14,
      key: ['instance', 'daemon'],
      rows: `up{${DAEMONS}, job="jmx"}`,
      labels: [
        { label: 'daemon', title: 'Daemon', width: 150 },
        {
          label: 'node_name',
          title: 'Node',
          width: 260,
          link: linkTo('nodes', 'The machine', { cluster_id: '$cluster_id', instance: 'instance' }),
        },
        { label: 'instance', title: 'EC2 instance', width: 180 },
        { label: 'cluster_role', title: 'Role' },
      ],
      values: [
        { title: 'State', expr: `up{${DAEMONS}, job="jmx"}`, mappings: [STATE] },
        { title: 'Heap', expr: heap('used'), unit: 'bytes' },
        { title: 'Heap limit', expr: heap('max'), unit: 'bytes' },
        {
          title: 'Heap used',
          expr: `${heap('used')} / (${heap('max')} > 0)`,
          unit: 'percentunit',
          bar: true,
          steps: worseAbove(0.85, 0.95),
        },
        {
          title: 'In garbage collections',
          expr: perSecond('hadoop_jvm_gc_collection_seconds_total'),
          unit: 'percentunit',
          decimals: 1,
          steps: worseAbove(0.1, 0.3),
        },
        { title: 'CPUs used', expr: perSecond('hadoop_process_cpu_seconds_total'), decimals: 2 },
        { title: 'Threads', expr: `hadoop_jvm_threads_current{${DAEMONS}}` },
        { title: 'Blocked', expr: `hadoop_jvm_threads_state{${DAEMONS}, state="blocked"}` },
        { title: 'Open files', expr: `hadoop_process_open_fds{${DAEMONS}}` },
      ],
      sortBy: 'Heap used',
    }),
  ],
};
