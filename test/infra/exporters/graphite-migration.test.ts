import { expect, test } from 'vitest';
import { areas } from '../../../infra/exporters/graphite/paths/all.ts';
import { renderSparkMigration } from '../../../infra/exporters/graphite/metrics-migration.ts';
import { renderSparkPage } from '../../../infra/exporters/graphite/metrics-page.ts';

const page = renderSparkMigration(areas);
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| ---') && !line.startsWith('| In a'))
  .map((line) =>
    line
      .replaceAll('\\|', '¦')
      .split('|')
      .map((cell) => cell.trim()),
  )
  .map(([, mapping = '', dashboard = '', becomes = '']) => ({
    mapping,
    dashboard,
    becomes: becomes.replaceAll('¦', '|'),
  }));
const names = new Set(areas.flatMap(({ metrics }) => metrics.map(({ name }) => name)));

/** Every metric in the queries of aws-samples/aws-emr-utilities, Spark-Metrics-by-Components and -Application-Monitoring. */
const IN_AWS_DASHBOARDS = [
  'driver_DAGScheduler_job_activeJobs',
  'driver_DAGScheduler_stage_runningStages',
  'driver_DAGScheduler_stage_failedStages',
  'driver_ExecutorAllocationManager_executors_numberAllExecutors',
  'driver_BlockManager_memory_memUsed_MB',
  'driver_BlockManager_memory_maxMem_MB',
  'driver_BlockManager_memory_remainingMem_MB',
  'driver_BlockManager_disk_diskSpaceUsed_MB',
  '…_executor_succeededTasks_count',
  '…_executor_shuffleTotalBytesRead_count',
  '…_executor_threadpool_activeTasks',
  '…_executor_memoryBytesSpilled_count',
  '…_executor_shuffleFetchWaitTime_count',
  '…_executor_bytesRead_count',
  '…_ExecutorMetrics_JVMHeapMemory',
  '…_ExecutorMetrics_MajorGCTime',
  '…_ExternalShuffle_…_usedDirectMemory',
  '…_ExternalShuffle_…_usedHeapMemory',
  '…_jvm_heap_used',
  '…_jvm_…_time',
  ...[
    'ExecutorsRunning',
    'ExecutorsFailed',
    'ContainersPendingAllocate',
    'ReleasedContainers',
    'LocalityAwareTasks',
  ].map((name) => `applicationMaster_num${name}`),
];

test.each(IN_AWS_DASHBOARDS)('%s of AWS’s dashboards has a successor', (name) => {
  const row = rows.find(({ dashboard }) => dashboard === `\`my_…_${name}\``);
  expect(row?.becomes).toMatch(/^`/);
});

test('every successor is a metric that there is', () => {
  const successors = rows.flatMap(({ becomes }) => becomes.match(/\bspark(_[a-z0-9]+)+/g) ?? []);
  expect(successors.length).toBeGreaterThan(100);
  expect(successors.filter((name) => !names.has(name))).toEqual([]);
  // A reason may name one, too: nothing else is without backquotes.
  for (const { becomes } of rows) expect(becomes).toMatch(/^(`.*`|gone: .*)$/);
});

test.each([
  ['filesystem_usage{fs_type="…", qty="read_bytes"}', 'spark_filesystem_read_bytes_total{scheme="…"}'],
  ['jvm_memory_usage{mem_type="heap", qty="used"}', 'spark_jvm_memory_used_bytes{area="heap"}'],
  ['jvm_memory_usage{mem_type="…", qty="time"}', 'spark_jvm_gc_seconds_total{gc="…"} * 1000'],
  ['jvm_gcTime_count`, `executor_stats{type="jvmGCTime", qty="count"}', 'spark_executor_gc_seconds_total * 1000'],
  ['jvm_memory_pools{mem_type="…", qty="used"}', 'spark_jvm_pool_used_bytes{pool="…"}'],
  ['executor_tasks{qty="activeTasks"}', 'spark_executor_active_tasks'],
  ['executor_stats{type="cpuTime", qty="count"}', 'spark_executor_cpu_seconds_total * 1000000000'],
  [
    'block_manager{type="memory", qty="maxOnHeapMem_MB"}',
    'spark_block_manager_max_memory_bytes{memory="on_heap"} / 1048576',
  ],
  ['DAG_scheduler{type="job", qty="activeJobs"}', 'spark_scheduler_active_jobs'],
  ['Executor_Metrics{type="JVMHeapMemory", qty="count"}', 'spark_jvm_memory_used_bytes{area="heap"}'],
])('%s of the mappings becomes %s, in the unit that it had', (was, becomes) => {
  expect(rows.find(({ mapping }) => mapping === `\`${was}\``)?.becomes).toBe(`\`${becomes}\``);
});

test('the page of metrics has every metric once in its area, and every path that is left out with its reason', () => {
  const text = renderSparkPage(areas);
  for (const name of names) {
    const times = areas.filter(({ metrics }) => metrics.some((metric) => metric.name === name)).length;
    expect(text.split(`| \`${name}\` |`).length - 1).toBe(times);
  }
  for (const { paths, reason } of areas.flatMap(({ leftOut }) => leftOut))
    expect(text).toContain(
      `${paths
        .split(' ')
        .map((path) => `\`${path}\``)
        .join(', ')} (${reason}).`,
    );
});
