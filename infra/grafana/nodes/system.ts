import type { Row } from '../rows.ts';
import { ON_NODES } from '../selectors.ts';
import { timeseries } from '../timeseries.ts';
import { NODE, perNode, perNodeBy } from './lines.ts';

export const system: Row = {
  title: 'Kernel and clock',
  collapsed: true,
  panels: [
    timeseries({
      title: 'Clock off by',
      description: 'What the kernel knows of its clock’s error. Above 1 s Kerberos and leases of HDFS fail.',
      unit: 's',
      queries: perNodeBy(
        `abs(max by (${NODE}) (node_timex_offset_seconds{${ON_NODES}}))`,
        `max_over_time(node_timex_offset_seconds{${ON_NODES}}[$__range] @ end())`,
      ),
    }),
    timeseries({
      title: 'Processes that wait for a disk',
      description: 'In uninterruptible sleep. Many for minutes: a disk or a network file system hangs.',
      queries: perNodeBy(
        `max by (${NODE}) (node_procs_blocked{${ON_NODES}})`,
        `max_over_time(node_procs_blocked{${ON_NODES}}[$__range] @ end())`,
      ),
    }),
    timeseries({
      title: 'Processes started',
      description: 'Forks. Thousands each second: a script in a loop.',
      unit: 'ops',
      queries: perNode('node_forks_total'),
    }),
    timeseries({
      title: 'Context switches',
      description: 'From one thread to another. Far more than on like nodes: very many threads or small requests.',
      unit: 'ops',
      queries: perNode('node_context_switches_total'),
    }),
  ],
};
