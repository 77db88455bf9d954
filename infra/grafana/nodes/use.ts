import { highestOf } from '../highest.ts';
import { worseAbove } from '../panel.ts';
import type { Row } from '../rows.ts';
import { ON_NODES } from '../selectors.ts';
import { timeseries } from '../timeseries.ts';
import { NODE, perNode, perNodeBy } from './lines.ts';

const AVAILABLE = `node_memory_MemAvailable_bytes{${ON_NODES}}`;
const TOTAL = `node_memory_MemTotal_bytes{${ON_NODES}}`;

export const use: Row = {
  title: 'Use (lines: the 20 highest of the chosen nodes)',
  panels: [
    timeseries({
      title: 'CPU busy',
      description:
        'Share of a node’s CPUs that is not idle; waiting for a disk counts. All high: too few nodes. One high: skewed data.',
      unit: 'percentunit',
      max: 1,
      queries: [{ expr: highestOf(NODE, `emr_node:cpu_busy:ratio_rate5m{${ON_NODES}}`), legend: '{{node_name}}' }],
    }),
    timeseries({
      title: 'Memory used',
      description: 'Share that is not available; page cache is. Near 1 the kernel kills processes (Memory: OOM kills).',
      unit: 'percentunit',
      max: 1,
      steps: worseAbove(0.9, 0.97),
      queries: perNodeBy(
        `1 - max by (${NODE}) (${AVAILABLE}) / max by (${NODE}) (${TOTAL})`,
        `1 - min_over_time(${AVAILABLE}[$__range] @ end()) / max_over_time(${TOTAL}[$__range] @ end())`,
      ),
    }),
    timeseries({
      title: 'Load per CPU',
      description:
        'Processes that run or wait, for each CPU (1 min). Above 1 for long with CPU idle: they wait for disks.',
      queries: perNodeBy(
        `max by (${NODE}) (node_load1{${ON_NODES}}) / max by (${NODE}) (emr_node:cpus:count{${ON_NODES}})`,
        `max by (${NODE}) (max_over_time(node_load1{${ON_NODES}}[$__range] @ end())) / max by (${NODE}) (max_over_time(emr_node:cpus:count{${ON_NODES}}[$__range] @ end()))`,
      ),
    }),
    timeseries({
      title: 'Memory of all chosen nodes',
      description:
        'What is used, and what there is. Half of it unused at the peak: fewer or smaller machines would do.',
      unit: 'bytes',
      queries: [
        { expr: `sum(${TOTAL}) - sum(${AVAILABLE})`, legend: 'used' },
        { expr: `sum(${TOTAL})`, legend: 'there' },
      ],
    }),
    timeseries({
      title: 'Disk busy',
      description:
        'Share of time that the busiest disk of a node had work. 1 for minutes: this disk holds the node back.',
      unit: 'percentunit',
      max: 1,
      queries: perNodeBy(
        `max by (${NODE}) (rate(node_disk_io_time_seconds_total{${ON_NODES}}[$__rate_interval]))`,
        `rate(node_disk_io_time_seconds_total{${ON_NODES}}[$__range] @ end())`,
      ),
    }),
    timeseries({
      title: 'Disk queue',
      description: 'Requests that wait for the disks of a node or are under way, on average.',
      queries: perNode('node_disk_io_time_weighted_seconds_total'),
    }),
  ],
};
