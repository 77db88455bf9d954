import { highestOf, highestRate } from '../highest.ts';
import type { Row } from '../rows.ts';
import { timeseries } from '../timeseries.ts';
import { APPLICATION, LEGEND, PROCESS } from './application.ts';

const BY_PROCESS = 'application_id, executor_id';
const sumBy = (label: string, name: string): string => `sum by (${label}) (spark_${name}{${APPLICATION}})`;

export const memory: Row = {
  title: 'Memory and CPU of processes',
  collapsed: true,
  panels: [
    timeseries({
      title: 'Heap, by process',
      description: 'The 20 highest, drivers and executors.',
      unit: 'bytes',
      queries: [
        { expr: highestOf(BY_PROCESS, `spark_jvm_memory_used_bytes{${APPLICATION}, area="heap"}`), legend: PROCESS },
      ],
    }),
    timeseries({
      title: 'CPU, by process',
      description: 'The 20 highest, in cores.',
      queries: [{ expr: highestRate(BY_PROCESS, `spark_jvm_cpu_seconds_total{${APPLICATION}}`), legend: PROCESS }],
    }),
    timeseries({
      title: 'Memory for execution and for storage',
      description: 'All processes together. Execution: shuffles, joins, sorts. Storage: what is cached and broadcast.',
      unit: 'bytes',
      stacked: true,
      queries: [
        { expr: sumBy('memory', 'process_execution_memory_bytes'), legend: 'execution, {{memory}}' },
        { expr: sumBy('memory', 'process_storage_memory_bytes'), legend: 'storage, {{memory}}' },
      ],
    }),
    timeseries({
      title: 'Room for blocks used',
      description: 'Share of what all executors can cache. At 1 cached blocks are thrown out, or go to disk.',
      unit: 'percentunit',
      max: 1,
      queries: [
        {
          expr: `${sumBy('application_id', 'block_manager_used_memory_bytes')} / (${sumBy('application_id', 'block_manager_max_memory_bytes')} > 0)`,
          legend: LEGEND,
        },
      ],
    }),
    timeseries({
      title: 'Cached on disk',
      description: 'Blocks on the disks of all executors.',
      unit: 'bytes',
      queries: [{ expr: sumBy('application_id', 'block_manager_used_disk_bytes'), legend: LEGEND }],
    }),
    timeseries({
      title: 'Resident memory, by program',
      description:
        'All processes together; YARN ends a container whose processes take more than it has. 0 unless spark.executor.processTreeMetrics.enabled.',
      unit: 'bytes',
      queries: [{ expr: sumBy('process', 'process_resident_memory_bytes'), legend: '{{process}}' }],
    }),
    timeseries({
      title: 'Outside the heap, by process',
      description: 'The 20 highest: code, classes, threads.',
      unit: 'bytes',
      queries: [
        { expr: highestOf(BY_PROCESS, `spark_jvm_memory_used_bytes{${APPLICATION}, area="nonheap"}`), legend: PROCESS },
      ],
    }),
    timeseries({
      title: 'Garbage collection while tasks ran, by process',
      description: 'The 20 highest: how many of their tasks stood still for it at once, on average.',
      queries: [{ expr: highestRate(BY_PROCESS, `spark_executor_gc_seconds_total{${APPLICATION}}`), legend: PROCESS }],
    }),
  ],
};
