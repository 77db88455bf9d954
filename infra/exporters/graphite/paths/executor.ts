import { area, counter, essential, gauge, leftOut, type Area } from './table.ts';

/** org.apache.spark.executor.ExecutorSource. What tasks did is added when they have succeeded (Executor.scala), and only then. */
export const executor: Area = area('Tasks, input and output', {
  of: 'process',
  source: 'executor',
  metrics: [
    essential(counter('spark_executor_succeeded_tasks_total', 'succeededTasks.count', 'none', 'Tasks that succeeded.')),
    essential(gauge('spark_executor_active_tasks', 'threadpool.activeTasks', 'none', 'Tasks that run.')),
    essential(
      counter(
        'spark_executor_completed_tasks_total',
        'threadpool.completeTasks',
        'none',
        'Tasks that ended, well or not.',
      ),
    ),
    essential(counter('spark_executor_run_seconds_total', 'runTime.count', 'milliseconds', 'Time that tasks ran.')),
    essential(counter('spark_executor_cpu_seconds_total', 'cpuTime.count', 'nanoseconds', 'CPU time of tasks.')),
    essential(
      counter(
        'spark_executor_gc_seconds_total',
        'jvmGCTime.count',
        'milliseconds',
        'Time in garbage collection while tasks ran.',
      ),
    ),
    counter(
      'spark_executor_deserialize_seconds_total',
      'deserializeTime.count',
      'milliseconds',
      'Time to deserialize tasks.',
    ),
    counter(
      'spark_executor_deserialize_cpu_seconds_total',
      'deserializeCpuTime.count',
      'nanoseconds',
      'CPU time to deserialize tasks.',
    ),
    counter(
      'spark_executor_result_serialization_seconds_total',
      'resultSerializationTime.count',
      'milliseconds',
      'Time to serialize results.',
    ),
    essential(counter('spark_executor_input_bytes_total', 'bytesRead.count', 'bytes', 'Input read by tasks.')),
    essential(counter('spark_executor_input_records_total', 'recordsRead.count', 'none', 'Records read by tasks.')),
    essential(counter('spark_executor_output_bytes_total', 'bytesWritten.count', 'bytes', 'Output written by tasks.')),
    essential(
      counter('spark_executor_output_records_total', 'recordsWritten.count', 'none', 'Records written by tasks.'),
    ),
    essential(
      counter(
        'spark_executor_spilled_memory_bytes_total',
        'memoryBytesSpilled.count',
        'bytes',
        'Spilled, as it was in memory.',
      ),
    ),
    essential(
      counter(
        'spark_executor_spilled_disk_bytes_total',
        'diskBytesSpilled.count',
        'bytes',
        'Spilled, as it is on disk.',
      ),
    ),
  ],
  leftOut: [
    leftOut('threadpool.maxPool_size', 'always 2147483647', 'executor[.]threadpool[.]maxPool'),
    leftOut('threadpool.startedTasks', 'completed and active ones together', 'executor[.]threadpool[.]started'),
    leftOut(
      'threadpool.currentPool_size',
      'active tasks, and threads that ended one less than a minute ago',
      'executor[.]threadpool[.]current',
    ),
    leftOut('resultSize.count', 'always 0: Spark adds the size before it has set it', 'executor[.]resultSize'),
  ],
});

const filesystemLabels = { scheme: '$3' };

/** Schemes are those of spark.executor.metrics.fileSystemSchemes: file and hdfs where nothing is set. */
export const filesystem: Area = area('File systems', {
  of: 'process',
  source: 'executor.filesystem',
  metrics: [
    counter(
      'spark_filesystem_read_bytes_total',
      '*.read_bytes',
      'bytes',
      'Read from file systems of the scheme.',
      filesystemLabels,
    ),
    counter('spark_filesystem_write_bytes_total', '*.write_bytes', 'bytes', 'Written to them.', filesystemLabels),
    counter(
      'spark_filesystem_read_operations_total',
      '*.read_ops',
      'none',
      'Reading operations; of scheme file always 0.',
      filesystemLabels,
    ),
    counter(
      'spark_filesystem_large_read_operations_total',
      '*.largeRead_ops',
      'none',
      'Reading operations on large directories; of scheme file always 0.',
      filesystemLabels,
    ),
    counter(
      'spark_filesystem_write_operations_total',
      '*.write_ops',
      'none',
      'Writing operations; of scheme file always 0.',
      filesystemLabels,
    ),
  ],
});
