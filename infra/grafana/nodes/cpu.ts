import { highest, highestOf } from '../highest.ts';
import type { Unplaced } from '../panel.ts';
import type { Row } from '../rows.ts';
import { ON_NODES } from '../selectors.ts';
import { timeseries } from '../timeseries.ts';
import { inCpuMode, NODE } from './lines.ts';

/** Each node's, as recorded: the raw series of a thousand nodes are 64,000, a line each second of waiting. */
const BUSY = `emr_node:cpu_busy:ratio_rate5m{${ON_NODES}}`;

const inMode = (mode: string, title: string, description: string): Unplaced =>
  ofNodes(title, description, highestOf(NODE, inCpuMode(mode)));

const ofNodes = (title: string, description: string, expr: string): Unplaced =>
  timeseries({ title, description, unit: 'percentunit', queries: [{ expr, legend: '{{node_name}}' }] });

/** What is busy in none of the modes that are recorded: rates of the same five minutes, evaluated at two moments. */
const REST = `clamp_min(avg(${BUSY}) - sum(avg by (mode) (emr_node:cpu_mode:ratio_rate5m{${ON_NODES}})), 0)`;
const REST_OF_NODE = `clamp_min(${BUSY} - on (${NODE}) sum by (${NODE}) (emr_node:cpu_mode:ratio_rate5m{${ON_NODES}}), 0)`;

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
        { expr: REST, legend: 'interrupts, nice' },
        { expr: `1 - avg(${BUSY})`, legend: 'idle' },
      ],
    }),
    inMode('user', 'User mode', 'Programs: the work that is paid for.'),
    inMode('system', 'System mode', 'The kernel, for programs. Above 0.3: many small reads, writes or switches.'),
    inMode('iowait', 'Waiting for disks', 'CPUs idle while a disk works for a program. High: look at Disks.'),
    ofNodes(
      'Idle',
      'CPUs with nothing to do. High on all nodes for hours: fewer machines would do.',
      highest(NODE, `1 - ${BUSY}`, `1 - avg_over_time(${BUSY}[$__range] @ end())`),
    ),
    inMode(
      'steal',
      'Stolen',
      'The machine below gave the time to others; on burstable types (t3, t4g) credits are used up.',
    ),
    ofNodes(
      'Interrupts and nice mode',
      'What is left of busy, of the 20 nodes that are busiest at the end. Above 0.1: very many packets, or programs that gave way to others, as where YARN is told to start containers so.',
      highest(NODE, REST_OF_NODE, `${BUSY} @ end()`),
    ),
  ],
};
