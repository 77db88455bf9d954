import type { Unplaced } from '../panel.ts';
import type { Row } from '../rows.ts';
import { ON_NODES } from '../selectors.ts';
import { timeseries } from '../timeseries.ts';
import { INTERFACES, NODE, perNode, perNodeBy, shareOf } from './lines.ts';

const packets = (title: string, metric: string): Unplaced =>
  timeseries({
    title,
    description: 'Of all interfaces of a node. EC2 limits packets per second, too: small ones reach it first.',
    unit: 'pps',
    queries: perNode(metric, INTERFACES),
  });

/** The original divided what was received by what was sent; and by 0 where nothing was. */
const lost = (title: string, description: string, what: 'errs' | 'drop', way: 'receive' | 'transmit'): Unplaced =>
  timeseries({
    title,
    description,
    unit: 'percentunit',
    queries: shareOf(`node_network_${way}_${what}_total`, `node_network_${way}_packets_total`, INTERFACES),
  });

export const network: Row = {
  title: 'Network',
  collapsed: true,
  panels: [
    timeseries({
      title: 'Sent',
      description: 'All interfaces of a node. At its instance type’s limit shuffles and copies of blocks are slow.',
      unit: 'Bps',
      queries: perNode('node_network_transmit_bytes_total', INTERFACES),
    }),
    timeseries({
      title: 'Received',
      description: 'All interfaces of a node. At its instance type’s limit shuffles and copies of blocks are slow.',
      unit: 'Bps',
      queries: perNode('node_network_receive_bytes_total', INTERFACES),
    }),
    packets('Packets sent', 'node_network_transmit_packets_total'),
    packets('Packets received', 'node_network_receive_packets_total'),
    lost('Sent with errors', 'Share of packets. Anything but 0 is a broken driver or machine.', 'errs', 'transmit'),
    lost('Received with errors', 'Share of packets. Anything but 0 is a broken driver or machine.', 'errs', 'receive'),
    lost(
      'Dropped when sending',
      'Share of packets. Queues are full: the limit of the type is near.',
      'drop',
      'transmit',
    ),
    lost(
      'Dropped when receiving',
      'Share of packets. Queues are full: CPUs are too busy to fetch them.',
      'drop',
      'receive',
    ),
    timeseries({
      title: 'TCP connections',
      description: 'Established ones. A steady rise over hours is a program that does not close them.',
      queries: perNodeBy(
        `max by (${NODE}) (node_netstat_Tcp_CurrEstab{${ON_NODES}})`,
        `max_over_time(node_netstat_Tcp_CurrEstab{${ON_NODES}}[$__range] @ end())`,
      ),
    }),
    timeseries({
      title: 'TCP segments sent again',
      description: 'Share of segments. Above 0.01: packets get lost on the way, shuffles crawl.',
      unit: 'percentunit',
      queries: shareOf('node_netstat_Tcp_RetransSegs', 'node_netstat_Tcp_OutSegs'),
    }),
  ],
};
