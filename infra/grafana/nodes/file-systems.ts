import { inWords, NONE_IS_GOOD, worseAbove } from '../panel.ts';
import type { Row } from '../rows.ts';
import { ON_NODES } from '../selectors.ts';
import { table } from '../table.ts';
import { timeseries } from '../timeseries.ts';
import { NODE, perNodeBy } from './lines.ts';

const SIZE = `node_filesystem_size_bytes{${ON_NODES}}`;
const AVAILABLE = `node_filesystem_avail_bytes{${ON_NODES}}`;
/** Of those that fill: the root, EMR's own and the data disks; not /boot. */
const FILLS = `emr_filesystem:available:ratio{${ON_NODES}}`;
const READ_ONLY = inWords({ 0: ['no'], 1: ['yes', 'red'] });

export const fileSystems: Row = {
  title: 'File systems',
  collapsed: true,
  panels: [
    table({
      title: 'Disk space',
      description: 'Every file system of the chosen nodes, the fullest first. YARN takes a node out at 90 % of /mnt.',
      key: ['instance', 'mountpoint'],
      rows: SIZE,
      labels: [
        { label: 'node_name', title: 'Node', width: 260 },
        { label: 'instance', title: 'EC2 instance' },
        { label: 'mountpoint', title: 'Mounted at' },
        { label: 'device', title: 'Device' },
        { label: 'fstype', title: 'Kind' },
      ],
      values: [
        { title: 'Size', expr: SIZE, unit: 'bytes' },
        { title: 'Available', expr: AVAILABLE, unit: 'bytes' },
        {
          title: 'Used',
          expr: `1 - ${AVAILABLE} / (${SIZE} > 0)`,
          unit: 'percentunit',
          bar: true,
          steps: worseAbove(0.8, 0.9),
        },
        {
          title: 'Inodes used',
          expr: `1 - node_filesystem_files_free{${ON_NODES}} / (node_filesystem_files{${ON_NODES}} > 0)`,
          unit: 'percentunit',
          bar: true,
          steps: worseAbove(0.8, 0.9),
        },
        { title: 'Read-only', expr: `node_filesystem_readonly{${ON_NODES}}`, mappings: [READ_ONLY] },
      ],
      sortBy: 'Used',
    }),
    timeseries({
      title: 'Disk space used',
      description:
        'The fullest file system of a node: root, EMR’s own, data disks. A straight rise tells when it is full.',
      unit: 'percentunit',
      max: 1,
      steps: worseAbove(0.8, 0.9),
      queries: perNodeBy(
        `1 - min by (${NODE}) (${FILLS})`,
        // As of the end: a disk of a node that is gone does not fill.
        `1 - ${FILLS} @ end()`,
      ),
    }),
    timeseries({
      title: 'Open files',
      description:
        'File handles of a node, sockets too. A steady rise over hours is a leak; limits are per process (JVM).',
      queries: perNodeBy(
        `max by (${NODE}) (node_filefd_allocated{${ON_NODES}})`,
        `max_over_time(node_filefd_allocated{${ON_NODES}}[$__range] @ end())`,
      ),
    }),
    timeseries({
      title: 'File systems that cannot be looked at',
      description: 'Where asking for the size failed: a broken or hanging disk.',
      steps: NONE_IS_GOOD,
      width: 24,
      queries: perNodeBy(
        `sum by (${NODE}) (node_filesystem_device_error{${ON_NODES}})`,
        `max_over_time(node_filesystem_device_error{${ON_NODES}}[$__range] @ end())`,
      ),
    }),
  ],
};
