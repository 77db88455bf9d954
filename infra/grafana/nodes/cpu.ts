import { highestOf } from '../highest.ts';
import type { Unplaced } from '../panel.ts';
import type { Row } from '../rows.ts';
import { ON_NODES } from '../selectors.ts';
import { timeseries } from '../timeseries.ts';
import { NODE } from './lines.ts';

/** Each node's, as recorded: the raw series of a thousand nodes are 64,000, a line each second of waiting. */
const inMode = (mode: string, title: string, description: string): Unplaced =>
  timeseries({
    title,
    description,
    unit: 'percentunit',
    queries: [
      {
        expr: highestOf(NODE, `emr_node:cpu_mode:ratio_rate5m{${ON_NODES}, mode="${mode}"}`),
        legend: '{{node_name}}',
      },
    ],
  });

export const cpu: Row = {
  title: 'CPU',
  collapsed: true,
  panels: [
    timeseries({
      title: 'CPU of all chosen nodes by mode',
      description: 'What the CPUs did, idle time included. Much iowait: disks. Much system: many small requests.',
      unit: 'percentunit',
      max: 1,
      stacked: true,
      width: 24,
      queries: [
        {
          expr: `avg by (mode) (emr_node:cpu_mode:ratio_rate5m{${ON_NODES}})`,
          legend: '{{mode}}',
        },
      ],
    }),
    inMode('user', 'User mode', 'Programs: the work that is paid for.'),
    inMode('system', 'System mode', 'The kernel, for programs. Above 0.3: many small reads, writes or switches.'),
    inMode('iowait', 'Waiting for disks', 'CPUs idle while a disk works for a program. High: look at Disks.'),
    inMode('idle', 'Idle', 'CPUs with nothing to do. High on all nodes for hours: fewer machines would do.'),
    inMode(
      'steal',
      'Stolen',
      'The machine below gave the time to others; on burstable types (t3, t4g) credits are used up.',
    ),
    inMode('softirq', 'Soft interrupts', 'The kernel, for packets of the network. Above 0.1: very many packets.'),
    inMode('irq', 'Interrupts', 'The kernel, for devices. Nearly 0 on EC2.'),
    inMode('nice', 'Nice mode', 'Programs that gave way to others. YARN starts containers so where it is told to.'),
  ],
};
