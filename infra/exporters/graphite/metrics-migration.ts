import { UNITS, type Area, type LeftOut, type Metric } from './paths/table.ts';

type Old = readonly [path: string, name: string, labels: Readonly<Record<string, string>>];

/** Of the original mapping: $n is the path's n-th star. Its rule for DAGScheduler matched nothing. */
const ORIGINAL: readonly Old[] = [
  ['*.*.executor.filesystem.*.*', 'filesystem_usage', { fs_type: '$3', qty: '$4' }],
  ['*.*.jvm.*.*', 'jvm_memory_usage', { mem_type: '$3', qty: '$4' }],
  ['*.*.executor.jvmGCTime.count', 'jvm_gcTime_count', {}],
  ['*.*.jvm.pools.*.*', 'jvm_memory_pools', { mem_type: '$3', qty: '$4' }],
  ['*.*.executor.threadpool.*', 'executor_tasks', { qty: '$3' }],
  ['*.*.BlockManager.*.*', 'block_manager', { type: '$3', qty: '$4' }],
];

/** aws-samples/aws-emr-utilities, emr-observability/conf_files/graphite_exporter_mapping.conf; the first that matches. */
const AWS: readonly Old[] = [
  ...ORIGINAL.filter(([, name]) => name !== 'jvm_gcTime_count'),
  ['*.*.executor.*.*', 'executor_stats', { type: '$3', qty: '$4' }],
  ['*.*.DAGScheduler.*.*', 'DAG_scheduler', { type: '$3', qty: '$4' }],
  ['*.*.HiveExternalCatalog.*.*', 'Hive_External_Catalog', { type: '$3', qty: '$4' }],
  ['*.*.CodeGenerator.*.*', 'Code_Generator', { type: '$3', qty: '$4' }],
  ['*.*.LiveListenerBus.*.*', 'Live_Listener_Bus', { type: '$3', qty: '$4' }],
  ['*.*.LiveListenerBus.*.*.*.*', 'Live_Listener_Bus', { subsystem: '$3', type: '$3', qty: '$4' }],
  ['*.*.appStatus.*', 'app_Status', { type: '$3', qty: 'count' }],
  ['*.*.JVMCPU.*', 'jvm_cpu', { type: '$3', qty: 'count' }],
  ['*.*.ExecutorMetrics.*', 'Executor_Metrics', { type: '$3', qty: 'count' }],
];

const MAJOR = 'gc=~"G1-Old-Generation|PS-MarkSweep|MarkSweepCompact"';
const MINOR = 'gc=~"G1-Young-Generation|PS-Scavenge|Copy"';
const collections = (gc: string): string => `sum without (gc) (spark_jvm_gc_collections_total{${gc}})`;
const collecting = (gc: string): string => `sum without (gc) (spark_jvm_gc_seconds_total{${gc}}) * 1000`;
const blocks = (what: string): string => `sum without (memory) (spark_block_manager_${what}_memory_bytes) / 1048576`;

/** What is left out, for it is made of other metrics. */
const MADE_OF: Readonly<Record<string, string>> = {
  '*.*.executor.shuffleTotalBytesRead.count': 'sum without (location) (spark_shuffle_read_bytes_total)',
  '*.*.executor.threadpool.startedTasks': 'spark_executor_completed_tasks_total + spark_executor_active_tasks',
  '*.*.jvm.heap.usage': 'spark_jvm_memory_used_bytes{area="heap"} / spark_jvm_memory_max_bytes',
  '*.*.jvm.total.committed': 'sum without (area) (spark_jvm_memory_committed_bytes)',
  '*.*.jvm.total.used': 'sum without (area) (spark_jvm_memory_used_bytes)',
  '*.*.jvm.direct.capacity': 'spark_jvm_buffer_pool_used_bytes{pool="direct"}',
  '*.*.jvm.mapped.capacity': 'spark_jvm_buffer_pool_used_bytes{pool="mapped"}',
  '*.*.ExecutorMetrics.JVMHeapMemory': 'spark_jvm_memory_used_bytes{area="heap"}',
  '*.*.ExecutorMetrics.JVMOffHeapMemory': 'spark_jvm_memory_used_bytes{area="nonheap"}',
  '*.*.ExecutorMetrics.OnHeapUnifiedMemory':
    'spark_process_execution_memory_bytes{memory="on_heap"} + spark_process_storage_memory_bytes{memory="on_heap"}',
  '*.*.ExecutorMetrics.OffHeapUnifiedMemory':
    'spark_process_execution_memory_bytes{memory="off_heap"} + spark_process_storage_memory_bytes{memory="off_heap"}',
  '*.*.ExecutorMetrics.DirectPoolMemory': 'spark_jvm_buffer_pool_used_bytes{pool="direct"}',
  '*.*.ExecutorMetrics.MappedPoolMemory': 'spark_jvm_buffer_pool_used_bytes{pool="mapped"}',
  '*.*.ExecutorMetrics.MajorGCCount': collections(MAJOR),
  '*.*.ExecutorMetrics.MajorGCTime': collecting(MAJOR),
  '*.*.ExecutorMetrics.MinorGCCount': collections(MINOR),
  '*.*.ExecutorMetrics.MinorGCTime': collecting(MINOR),
  '*.*.ExecutorMetrics.TotalGCTime': 'sum without (gc) (spark_jvm_gc_seconds_total) * 1000',
  '*.driver.BlockManager.memory.maxMem_MB': blocks('max'),
  '*.driver.BlockManager.memory.memUsed_MB': blocks('used'),
  '*.driver.BlockManager.memory.remainingMem_MB': blocks('remaining'),
};

/** What the rule's stars stand for in a path: a star of ours, too. */
function captures(rule: string, path: string): readonly string[] | undefined {
  const [wanted, given] = [rule.split('.'), path.split('.')];
  const fits = wanted.length === given.length && wanted.every((word, at) => word === '*' || word === given[at]);
  return fits ? given.filter((_, at) => wanted[at] === '*') : undefined;
}

/** The first rule that matches, as a selector; `…` is what changes. */
function selector(rules: readonly Old[], path: string): readonly string[] {
  const found = rules.find(([rule]) => captures(rule, path) !== undefined);
  if (found === undefined) return [];
  const [rule, name, labels] = found;
  const given = captures(rule, path) ?? [];
  const matchers = Object.entries(labels).map(([label, template]) => {
    const value = template.replace(/^\$(\d)$/, (_, star: string) => given[Number(star) - 1] ?? '');
    return `${label}="${value.replace('*', '…')}"`;
  });
  return [name + (matchers.length === 0 ? '' : `{${matchers.join(', ')}}`)];
}

const inOldMapping = (path: string): string =>
  [...new Set([...selector(ORIGINAL, path), ...selector(AWS, path)])].map((old) => `\`${old}\``).join(', ');

/** Telegraf puts `_` for dots and hyphens; `…` is what changes, after the application and the executor. */
const inAwsDashboards = (path: string): string =>
  `\`my_…_${path
    .replace(/^\*\.(\*\.)?/, (_, process?: string) => (process === undefined ? '' : '…_'))
    .replaceAll(/\*\*?/g, '…')
    .replaceAll(/[.-]/g, '_')}\``;

/** In the unit that it had. */
function inOldUnits({ name, unit, labels }: Metric): string {
  const matchers = Object.entries(labels).map(([label, value]) => `${label}="${value.startsWith('$') ? '…' : value}"`);
  const { factor } = UNITS[unit];
  const number = factor > 1 ? ` / ${factor}` : ` * ${Math.round(1 / factor)}`;
  return name + (matchers.length === 0 ? '' : `{${matchers.join(', ')}}`) + (factor === 1 ? '' : number);
}

const HEAD = `# Spark: from the original's and AWS's names

The original's mapping of graphite_exporter and that of the AWS recipes named a handful of metrics and put the path into
labels (*In a mapping*; \`application\` is now \`application_id\`; AWS's rules for \`Live_Listener_Bus\` made one series of many
paths, and with them a page that is an error). AWS's dashboards show what Telegraf makes of Spark's lines,
with the application and the executor in the metric's name (*In a dashboard*): there, \`my_\${app_id}_1_executor_…\` becomes
\`…{application_id="$app_id", executor_id="1"}\`, and one panel shows all executors. There are no recording rules of the old
names: each would double the series of every application. Names that only tier \`full\` has are marked with *full*.
`;

const cell = (text: string): string => text.replaceAll('|', '\\|');
const row = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;

const metricRow = (prefix: string, metric: Metric): string => {
  const path = prefix + metric.path;
  return row([
    inOldMapping(path),
    inAwsDashboards(path),
    `\`${inOldUnits(metric)}\``,
    metric.tier === 'full' ? 'full' : '',
  ]);
};

const leftOutRows = (prefix: string, { paths, reason }: LeftOut): readonly string[] =>
  paths
    .split(' ')
    .map((path) => prefix + path)
    .filter((path) => !path.includes('**') && !path.endsWith('.*'))
    .map((path) => {
      const made = MADE_OF[path];
      return row([
        inOldMapping(path),
        inAwsDashboards(path),
        made === undefined ? `gone: ${reason}` : `\`${made}\``,
        '',
      ]);
    });

const section = ({ title, prefix, metrics, leftOut }: Area): readonly string[] =>
  prefix === '' || metrics.length === 0
    ? []
    : [
        `## ${title}\n`,
        row(['In a mapping', 'In a dashboard', 'Becomes', 'Tier']),
        row(Array(4).fill('---')),
        ...metrics.map((metric) => metricRow(prefix, metric)),
        ...leftOut.flatMap((some) => leftOutRows(prefix, some)),
        '',
      ];

/** docs/metrics-migration-spark.md. */
export const renderSparkMigration = (areas: readonly Area[]): string => [HEAD, ...areas.flatMap(section)].join('\n');
