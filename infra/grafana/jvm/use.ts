import { worseAbove } from '../panel.ts';
import type { Row } from '../rows.ts';
import { timeseries } from '../timeseries.ts';
import { perDaemon, ratePerDaemon, sharePerDaemon } from './lines.ts';

const HEAP = ', area="heap"';

export const use: Row = {
  title: 'Use (lines: the 20 highest of the chosen daemons)',
  panels: [
    timeseries({
      title: 'Heap used',
      description: 'Share of the limit. A saw-tooth is healthy; teeth whose feet rise for hours are a leak.',
      unit: 'percentunit',
      max: 1,
      steps: worseAbove(0.85, 0.95),
      queries: sharePerDaemon('hadoop_jvm_memory_used_bytes', 'hadoop_jvm_memory_max_bytes', HEAP),
    }),
    timeseries({
      title: 'Time in garbage collections',
      description: 'Share of time. Above 0.1 for minutes: the heap is too small for what the daemon holds.',
      unit: 'percentunit',
      queries: ratePerDaemon('hadoop_jvm_gc_collection_seconds_total'),
    }),
    timeseries({
      title: 'CPUs used',
      description: 'CPU seconds each second: 2 are two CPUs kept busy by one daemon.',
      queries: ratePerDaemon('hadoop_process_cpu_seconds_total'),
    }),
    timeseries({
      title: 'Threads',
      description: 'A steady rise for hours: threads that never end; at the limit the daemon fails.',
      queries: perDaemon('hadoop_jvm_threads_current'),
    }),
    timeseries({
      title: 'Share of file descriptors open',
      description: 'Of the daemon’s limit. At 1 it can open nothing, connections included.',
      unit: 'percentunit',
      queries: sharePerDaemon('hadoop_process_open_fds', 'hadoop_process_max_fds'),
    }),
    timeseries({
      title: 'Time the whole JVM stood',
      description: 'Share of time, for garbage collections or because the machine stood (swap, a frozen instance).',
      unit: 'percentunit',
      queries: ratePerDaemon('hadoop_jvm_pause_seconds_total'),
    }),
  ],
};
