import type { Row } from '../rows.ts';
import { timeseries } from '../timeseries.ts';
import { DAEMONS, perDaemon, ratePerDaemon } from './lines.ts';

export const memory: Row = {
  title: 'Memory and threads',
  collapsed: true,
  panels: [
    timeseries({
      title: 'Heap in use',
      description: 'Live objects and garbage that was not collected yet.',
      unit: 'bytes',
      queries: perDaemon('hadoop_jvm_memory_used_bytes', ', area="heap"'),
    }),
    timeseries({
      title: 'Heap taken from the system',
      description: 'What the JVM holds for its heap, used or not.',
      unit: 'bytes',
      queries: perDaemon('hadoop_jvm_memory_committed_bytes', ', area="heap"'),
    }),
    timeseries({
      title: 'Memory outside the heap',
      description: 'Classes and compiled code. A steady rise: classes that are loaded again and again.',
      unit: 'bytes',
      queries: perDaemon('hadoop_jvm_memory_used_bytes', ', area="nonheap"'),
    }),
    timeseries({
      title: 'Direct buffers',
      description: 'Memory for the network and files, outside the heap and its limit.',
      unit: 'bytes',
      queries: perDaemon('hadoop_jvm_buffer_pool_used_bytes'),
    }),
    timeseries({
      title: 'Garbage collections',
      description: 'By collector, of all chosen daemons. Many of the old generation: heaps are too small.',
      unit: 'ops',
      queries: [
        {
          expr: `sum by (daemon, gc) (rate(hadoop_jvm_gc_collections_total{${DAEMONS}}[$__rate_interval]))`,
          legend: '{{daemon}} {{gc}}',
        },
      ],
    }),
    timeseries({
      title: 'Long pauses',
      description: 'Pauses over 10 s, which Hadoop logs. A NameNode or ResourceManager with them may be failed over.',
      queries: [
        {
          expr: `sum by (daemon, node_name) (increase(hadoop_jvm_long_pauses_total{${DAEMONS}}[$__rate_interval]))`,
          legend: '{{daemon}} {{node_name}}',
        },
      ],
    }),
    timeseries({
      title: 'Threads by state',
      description: 'Of all chosen daemons. Many blocked ones wait for one lock.',
      stacked: true,
      queries: [
        { expr: `sum by (daemon, state) (hadoop_jvm_threads_state{${DAEMONS}})`, legend: '{{daemon}} {{state}}' },
      ],
    }),
    timeseries({
      title: 'Virtual memory',
      description: 'Address space. Far more than the heap is usual with a JVM; a steady rise is not.',
      unit: 'bytes',
      queries: perDaemon('hadoop_process_virtual_memory_bytes'),
    }),
    timeseries({
      title: 'Logins with Kerberos that failed',
      description: 'Each second, of the daemon itself. Anything but 0: its keytab or the KDC.',
      unit: 'ops',
      width: 24,
      queries: ratePerDaemon('hadoop_ugi_login_failures_total'),
    }),
  ],
};
