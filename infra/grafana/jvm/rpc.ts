import type { Row } from '../rows.ts';
import { timeseries } from '../timeseries.ts';
import { perPort, ratePerPort } from './lines.ts';

export const rpc: Row = {
  title: 'RPC',
  collapsed: true,
  panels: [
    timeseries({
      title: 'Time of a call in the queue',
      description: 'On average. Above 0.1 s for minutes: the daemon has too few handlers, or stands in collections.',
      unit: 's',
      queries: perPort('hadoop_rpc_queue_average_seconds'),
    }),
    timeseries({
      title: 'Time to answer a call',
      description:
        'On average, without the queue. High while the queue is long: a lock, or slow disks for the journal.',
      unit: 's',
      queries: perPort('hadoop_rpc_processing_average_seconds'),
    }),
    timeseries({
      title: 'Calls that wait',
      description: 'Length of the queue. Steady at its limit: callers are told to come back later.',
      queries: perPort('hadoop_rpc_call_queue_length'),
    }),
    timeseries({
      title: 'Calls',
      description: 'Each second, by port: 8020 and its like are clients, 8031 NodeManagers, 8030 applications.',
      unit: 'reqps',
      queries: ratePerPort('hadoop_rpc_calls_total'),
    }),
    timeseries({
      title: 'Connections',
      description: 'Open connections of clients. A steady rise: clients that do not close them.',
      queries: perPort('hadoop_rpc_open_connections'),
    }),
    timeseries({
      title: 'Slow calls',
      description: 'Each second; calls that took far longer than the others.',
      unit: 'reqps',
      queries: ratePerPort('hadoop_rpc_slow_calls_total'),
    }),
    timeseries({
      title: 'Received by RPC',
      description: 'Block reports and large answers stand out.',
      unit: 'Bps',
      queries: ratePerPort('hadoop_rpc_received_bytes_total'),
    }),
    timeseries({
      title: 'Sent by RPC',
      description: 'Listings of large directories stand out.',
      unit: 'Bps',
      queries: ratePerPort('hadoop_rpc_sent_bytes_total'),
    }),
    timeseries({
      title: 'Clients refused: who they are',
      description: 'Authentications that failed, each second. A burst: an expired ticket, or somebody who tries.',
      unit: 'reqps',
      queries: ratePerPort('hadoop_rpc_authentications_total', ', result="failure"'),
    }),
    timeseries({
      title: 'Clients refused: what they asked',
      description: 'Authorizations that failed, each second.',
      unit: 'reqps',
      queries: ratePerPort('hadoop_rpc_authorizations_total', ', result="failure"'),
    }),
  ],
};
