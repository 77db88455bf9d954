import { bean, counter, gauge, leftOut, type Bean, type LeftOutBeans } from './table.ts';

const heap = { area: 'heap' };
const nonHeap = { area: 'nonheap' };
const USED = 'Memory in use.';
const COMMITTED = 'Memory that the JVM has from the operating system.';

/**
 * Not under the names of Prometheus' Java client (`jvm_…`, `process_…`): in a daemon, jmx_exporter adds those itself, and
 * a name that comes from both breaks the whole page. The start time has the prefix of a daemon without beans of its own:
 * that a page is its page is seen by a metric that has its prefix.
 */
export const jvm = (prefix = 'hadoop_process_'): readonly Bean[] => [
  bean('java.lang:type=Memory', 'hadoop_jvm_memory_', {
    metrics: [
      gauge('used_bytes', 'HeapMemoryUsage:used', 'bytes', USED, heap),
      gauge('committed_bytes', 'HeapMemoryUsage:committed', 'bytes', COMMITTED, heap),
      gauge('max_bytes', 'HeapMemoryUsage:max', 'bytes', 'The most memory that can be used.', heap),
      gauge('used_bytes', 'NonHeapMemoryUsage:used', 'bytes', USED, nonHeap),
      gauge('committed_bytes', 'NonHeapMemoryUsage:committed', 'bytes', COMMITTED, nonHeap),
    ],
    leftOut: [
      leftOut('HeapMemoryUsage:init NonHeapMemoryUsage:init', 'never changes'),
      leftOut('NonHeapMemoryUsage:max', '-1, which means none'),
      leftOut('ObjectPendingFinalizationCount Verbose', 'nobody acts on it'),
    ],
  }),
  // The collector's name; JVMs differ in the order of the keys.
  bean('java.lang:type=GarbageCollector,name=*', 'hadoop_jvm_gc_', {
    match: 'java\\.lang<(?:type=GarbageCollector, )?name=([^,>]+)(?:, type=GarbageCollector)?>',
    labels: { gc: '$1' },
    metrics: [
      counter('collections_total', 'CollectionCount', 'none', 'Garbage collections.'),
      counter('collection_seconds_total', 'CollectionTime', 'milliseconds', 'Time in garbage collections.'),
    ],
    leftOut: [leftOut('LastGcInfo* Valid', 'one collection among many')],
  }),
  bean('java.lang:type=Threading', 'hadoop_jvm_threads_', {
    metrics: [
      gauge('current', 'ThreadCount', 'none', 'Threads.'),
      gauge('daemon', 'DaemonThreadCount', 'none', 'Threads that do not keep the JVM from ending.'),
      gauge('peak', 'PeakThreadCount', 'none', 'The most threads there have been at once.'),
      counter('started_total', 'TotalStartedThreadCount', 'none', 'Threads started.'),
    ],
    leftOut: [leftOut('CurrentThread* *Supported *Enabled TotalThreadAllocatedBytes', 'nobody acts on it')],
    unread: ['AllThreadIds'],
  }),
  bean('java.lang:type=OperatingSystem', 'hadoop_process_', {
    metrics: [
      counter('cpu_seconds_total', 'ProcessCpuTime', 'nanoseconds', 'CPU time of the daemon.'),
      gauge('open_fds', 'OpenFileDescriptorCount', 'none', 'Open file descriptors.'),
      gauge('max_fds', 'MaxFileDescriptorCount', 'none', 'The most file descriptors that can be open.'),
      gauge('virtual_memory_bytes', 'CommittedVirtualMemorySize', 'bytes', 'Virtual memory of the daemon.'),
    ],
    leftOut: [
      leftOut('ProcessCpuLoad', 'a rate of hadoop_process_cpu_seconds_total'),
      leftOut(
        'AvailableProcessors CpuLoad SystemCpuLoad SystemLoadAverage Free*Size Total*Size',
        "the node's, which node_exporter has",
      ),
    ],
  }),
  bean('java.lang:type=Runtime', prefix, {
    metrics: [gauge('start_time_seconds', 'StartTime', 'milliseconds', 'When the daemon started.')],
    leftOut: [
      leftOut('Uptime', 'time() less the start time'),
      leftOut('BootClassPathSupported Pid', 'nobody acts on it'),
    ],
    unread: ['SystemProperties', 'ClassPath', 'BootClassPath', 'LibraryPath', 'InputArguments'],
  }),
  bean('java.nio:type=BufferPool,name=direct', 'hadoop_jvm_buffer_pool_', {
    match: 'java\\.nio<(?:type=BufferPool, )?name=(direct)(?:, type=BufferPool)?>',
    labels: { pool: '$1' },
    metrics: [
      gauge('used_bytes', 'MemoryUsed', 'bytes', 'Memory in use by buffers outside the heap.'),
      gauge('used_buffers', 'Count', 'none', 'Buffers outside the heap.'),
    ],
    leftOut: [leftOut('TotalCapacity', 'MemoryUsed, nearly')],
  }),
];

export const jvmLeftOut: readonly LeftOutBeans[] = [
  { objectName: 'java.lang:*type=MemoryPool*', reason: 'hadoop_jvm_memory_used_bytes has their sums' },
  { objectName: 'java.lang:*type=MemoryManager*', reason: 'names only' },
  { objectName: 'java.lang:type=ClassLoading', reason: 'nobody acts on it' },
  { objectName: 'java.lang:type=Compilation', reason: 'nobody acts on it' },
  { objectName: 'java.nio:*name=mapped*', reason: 'mapped files are no memory of the daemon' },
  { objectName: 'com.sun.management:*', reason: 'switches of the JVM, not metrics' },
  { objectName: 'java.util.logging:*', reason: 'switches of the JVM, not metrics' },
  { objectName: 'jdk.management.jfr:*', reason: 'large texts that are costly to read' },
  { objectName: 'JMImplementation:*', reason: 'versions of the JVM, not metrics' },
];
