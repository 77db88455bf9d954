import type { Unplaced } from '../panel.ts';
import type { Query } from '../query.ts';
import type { Row } from '../rows.ts';
import { ON_NODES } from '../selectors.ts';
import { timeseries } from '../timeseries.ts';
import { perNode, perNodeBy, rateOf } from './lines.ts';

const perSecond = (title: string, description: string, unit: string, metric: string): Unplaced =>
  timeseries({ title, description, unit, queries: perNode(metric) });

/** Of the nodes that wait most for their disks: a rank by the line itself would cost a large cluster seconds. */
const whereDisksWait = (part: string, requests: string): readonly Query[] =>
  perNodeBy(
    `${rateOf(part)} / (${rateOf(requests)} > 0)`,
    `emr_node:cpu_mode:ratio_rate5m{${ON_NODES}, mode="iowait"} @ end()`,
  );

const sizeOf = (what: 'read' | 'write'): readonly Query[] =>
  whereDisksWait(`node_disk_${BYTES[what]}_bytes_total`, `node_disk_${what}s_completed_total`).map(({ expr }) => ({
    expr,
    legend: `{{node_name}} ${what}`,
  }));

const BYTES = { read: 'read', write: 'written' } as const;

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
        'On average, waiting included, of the 20 nodes that wait most for their disks at the end. Above 0.1 s on EBS: the volume is at its limit.',
      unit: 's',
      queries: whereDisksWait('node_disk_write_time_seconds_total', 'node_disk_writes_completed_total'),
    }),
    timeseries({
      title: 'Time of a read',
      description:
        'On average, waiting included, of the 20 nodes that wait most for their disks at the end. Above 0.1 s on EBS: the volume is at its limit.',
      unit: 's',
      queries: whereDisksWait('node_disk_read_time_seconds_total', 'node_disk_reads_completed_total'),
    }),
    timeseries({
      title: 'Size of a request',
      description:
        'On average, of the 20 nodes that wait most for their disks at the end. Small ones (4 KiB) use up IOPS, large ones (128 KiB) throughput.',
      unit: 'bytes',
      width: 24,
      queries: [...sizeOf('read'), ...sizeOf('write')],
    }),
  ],
};
