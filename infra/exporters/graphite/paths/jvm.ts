import { area, counter, each, essential, gauge, leftOut, type Area } from './table.ts';

const COMMITTED = 'Memory that the JVM has from the system.';
const BUFFER_BYTES = 'Memory of buffers outside the heap.';

/** JvmSource, for which metrics.properties must ask. */
export const jvm: Area = area('JVM', {
  of: 'process',
  source: 'jvm',
  metrics: [
    ...each(
      'area',
      ['heap', 'non-heap'],
      essential(gauge('spark_jvm_memory_used_bytes', '%.used', 'bytes', 'Memory of the JVM in use.')),
    ),
    ...each('area', ['heap', 'non-heap'], gauge('spark_jvm_memory_committed_bytes', '%.committed', 'bytes', COMMITTED)),
    ...each(
      'area',
      ['heap'],
      essential(gauge('spark_jvm_memory_max_bytes', '%.max', 'bytes', 'The most memory that can be in use.')),
    ),
    gauge('spark_jvm_pool_used_bytes', 'pools.*.used', 'bytes', 'Memory of the pool in use.', { pool: '$3' }),
    gauge('spark_jvm_pool_used_after_gc_bytes', 'pools.*.used-after-gc', 'bytes', 'In use after the last collection.', {
      pool: '$3',
    }),
    counter('spark_jvm_gc_collections_total', '*.count', 'none', 'Garbage collections.', { gc: '$3' }),
    counter('spark_jvm_gc_seconds_total', '*.time', 'milliseconds', 'Time in garbage collection.', { gc: '$3' }),
    ...each('pool', ['direct', 'mapped'], gauge('spark_jvm_buffer_pool_used_bytes', '%.used', 'bytes', BUFFER_BYTES)),
  ],
  leftOut: [
    leftOut('heap.init heap.usage', 'a setting, and used by max', 'jvm[.](non-)?heap[.](init|usage)'),
    leftOut('non-heap.init non-heap.usage non-heap.max', 'without a limit: -1, and used by -1', 'jvm[.]non-heap[.]max'),
    leftOut('total.committed total.init total.max total.used', 'heap and nonheap together', 'jvm[.]total'),
    leftOut(
      'pools.*.committed pools.*.init pools.*.usage',
      'spark_jvm_memory_committed_bytes has their sums; a setting; used by max',
      'jvm[.]pools[.].*[.](committed|init|usage)',
    ),
    leftOut(
      'pools.*.max',
      'no limit (-1), a setting, or spark_jvm_memory_max_bytes of the heap: eight series of each process that do not change',
      'jvm[.]pools[.].*[.]max',
    ),
    leftOut('direct.capacity mapped.capacity', 'the same as used, nearly', 'jvm[.](direct|mapped)[.]capacity'),
    leftOut('direct.count mapped.count', 'how many buffers their bytes are in', 'jvm[.](direct|mapped)[.]count'),
  ],
});

export const jvmCpu: Area = area('CPU of the JVM', {
  of: 'process',
  source: 'JVMCPU',
  metrics: [essential(counter('spark_jvm_cpu_seconds_total', 'jvmCpuTime', 'nanoseconds', 'CPU time of the process.'))],
});

const EXECUTION = 'Memory for shuffles, joins, sorts and aggregations.';
const STORAGE = 'Memory for what is cached and broadcast.';
const HEAPS = ['OnHeap', 'OffHeap'];
const TREE = ['JVM', 'Python', 'Other'];

/** ExecutorMetricsSource: as of the last heartbeat (10 s), or of spark.executor.metrics.pollingInterval. */
export const executorMetrics: Area = area('Memory by use', {
  of: 'process',
  source: 'ExecutorMetrics',
  metrics: [
    ...each(
      'memory',
      HEAPS,
      essential(gauge('spark_process_execution_memory_bytes', '%ExecutionMemory', 'bytes', EXECUTION)),
    ),
    ...each(
      'memory',
      HEAPS,
      essential(gauge('spark_process_storage_memory_bytes', '%StorageMemory', 'bytes', STORAGE)),
    ),
    ...each(
      'process',
      TREE,
      essential(
        gauge(
          'spark_process_resident_memory_bytes',
          'ProcessTree%RSSMemory',
          'bytes',
          'Resident memory of the process and those it started (spark.executor.processTreeMetrics.enabled).',
        ),
      ),
    ),
  ],
  leftOut: [
    leftOut('JVMHeapMemory JVMOffHeapMemory', 'spark_jvm_memory_used_bytes', 'ExecutorMetrics[.]JVM'),
    leftOut(
      'OnHeapUnifiedMemory OffHeapUnifiedMemory',
      'execution and storage together',
      'ExecutorMetrics[.].*Unified',
    ),
    leftOut(
      'MinorGCCount MinorGCTime MajorGCCount MajorGCTime ConcurrentGCCount ConcurrentGCTime TotalGCTime',
      'spark_jvm_gc_collections_total and spark_jvm_gc_seconds_total have them by collector',
      'ExecutorMetrics[.].*GC',
    ),
    leftOut('DirectPoolMemory MappedPoolMemory', 'spark_jvm_buffer_pool_used_bytes', 'ExecutorMetrics[.].*Pool'),
    leftOut(
      'ProcessTreeJVMVMemory ProcessTreePythonVMemory ProcessTreeOtherVMemory',
      'addresses, not memory: what is resident counts',
      'ExecutorMetrics[.].*VMemory',
    ),
  ],
});
