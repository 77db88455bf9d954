import type { VariableModel } from '@grafana/grafana-foundation-sdk/dashboard';
import { VariableHide } from '@grafana/grafana-foundation-sdk/dashboard';
import { peakOf, theHighest } from '../highest.ts';
import type { Unplaced } from '../panel.ts';
import type { Query } from '../query.ts';
import type { Row } from '../rows.ts';
import { IN_CLUSTER } from '../selectors.ts';
import { timeseries } from '../timeseries.ts';
import { ALL, asked, tidy } from '../variables.ts';
import { inCpuMode, NODE, perNode } from './lines.ts';

const perSecond = (title: string, description: string, unit: string, metric: string): Unplaced =>
  timeseries({ title, description, unit, queries: perNode(metric) });

/**
 * Those of the chosen nodes that waited most for their disks, the same that CPU shows, found before the panels ask: a
 * share of two rates of all disks of 1,000 nodes costs two seconds, and those of twenty nodes next to nothing. All of
 * them are chosen, and nobody sees it, not in the address either.
 */
export const waiting: VariableModel = {
  ...tidy(
    asked('waiting', 'Waiting for disks', `query_result(${theHighest(NODE, peakOf(inCpuMode('iowait')))})`)
      .regex('/instance="(?<value>[^"]+)"/')
      .hide(VariableHide.HideVariable)
      .multi(true)
      .includeAll(true)
      .current(ALL)
      .build(),
  ),
  skipUrlSync: true,
};

/** A panel without a line: the one reason or the other. */
const noneThat = (did: string): string =>
  `The nodes that waited most ${did}, or none of the chosen ones tells how long it waits for disks`;

const ofWaiting = (metric: string): string =>
  `sum by (${NODE}) (rate(${metric}{${IN_CLUSTER}, instance=~"$waiting"}[$__rate_interval]))`;

const whereDisksWait = (part: string, requests: string, suffix = ''): readonly Query[] => [
  { expr: `${ofWaiting(part)} / (${ofWaiting(requests)} > 0)`, legend: `{{node_name}}${suffix}` },
];

const BYTES = { read: 'read', write: 'written' } as const;

const sizeOf = (what: 'read' | 'write'): readonly Query[] =>
  whereDisksWait(`node_disk_${BYTES[what]}_bytes_total`, `node_disk_${what}s_completed_total`, ` ${what}`);

export const disks: Row = {
  title: 'Disks',
  collapsed: true,
  panels: [
    perSecond('Written', 'By all disks of a node.', 'Bps', 'node_disk_written_bytes_total'),
    perSecond(
      'Read',
      'By all disks of a node. What the page cache has is not read.',
      'Bps',
      'node_disk_read_bytes_total',
    ),
    perSecond(
      'Writes',
      'Requests. At the volume’s IOPS limit the queue grows.',
      'iops',
      'node_disk_writes_completed_total',
    ),
    perSecond(
      'Reads',
      'Requests. At the volume’s IOPS limit the queue grows.',
      'iops',
      'node_disk_reads_completed_total',
    ),
    perSecond(
      'Writes merged',
      'Neighbouring requests that the kernel made one of: many mean streams.',
      'iops',
      'node_disk_writes_merged_total',
    ),
    perSecond(
      'Reads merged',
      'Neighbouring requests that the kernel made one of: many mean streams.',
      'iops',
      'node_disk_reads_merged_total',
    ),
    timeseries({
      title: 'Time of a write',
      description:
        'On average, waiting included, of the 20 nodes that waited most for their disks. Above 0.1 s on EBS: the volume is at its limit.',
      unit: 's',
      noValue: noneThat('wrote nothing'),
      queries: whereDisksWait('node_disk_write_time_seconds_total', 'node_disk_writes_completed_total'),
    }),
    timeseries({
      title: 'Time of a read',
      description:
        'On average, waiting included, of the 20 nodes that waited most for their disks. Above 0.1 s on EBS: the volume is at its limit.',
      unit: 's',
      noValue: noneThat('read nothing'),
      queries: whereDisksWait('node_disk_read_time_seconds_total', 'node_disk_reads_completed_total'),
    }),
    timeseries({
      title: 'Size of a request',
      description:
        'On average, of the 20 nodes that waited most for their disks. Small ones (4 KiB) use up IOPS, large ones (128 KiB) throughput.',
      unit: 'bytes',
      noValue: noneThat('neither wrote nor read'),
      width: 24,
      queries: [...sizeOf('read'), ...sizeOf('write')],
    }),
  ],
};
