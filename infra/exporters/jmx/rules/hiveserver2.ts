import { jvmLeftOut, jvm } from './jvm.ts';
import { bean, counter, gauge, type Bean, type DaemonRules, type Metric } from './table.ts';

const PREFIX = 'hive_server2_';

/** One bean for each number; Hive 4 adds a key `type` to the name, before or after. */
const number = (name: string, metric: Metric): Bean =>
  bean(`metrics:name=${name},*`, PREFIX, {
    match: `metrics<(?:type=\\w+, )?name=${name}(?:, type=\\w+)?>`,
    metrics: [metric],
  });

const current = (name: string, metric: string, help: string) => number(name, gauge(metric, 'Value', 'none', help));
/** Codahale's counters go down, too. */
const balance = (name: string, metric: string, help: string) => number(name, gauge(metric, 'Count', 'none', help));
const total = (name: string, metric: string, help: string) => number(name, counter(metric, 'Count', 'none', help));

// Where hive.server2.metrics.enabled is on, which is not Hive's default. Names: MetricsConstant.java.
const sessions: readonly Bean[] = [
  current('hs2_open_sessions', 'open_sessions', 'Sessions.'),
  current('hs2_active_sessions', 'active_sessions', 'Sessions in which something runs.'),
  balance('open_connections', 'open_connections', 'Connections of clients.'),
  balance('open_operations', 'open_operations', 'Operations not closed yet.'),
  current('exec_async_pool_size', 'execution_threads', 'Threads that run operations.'),
  current('exec_async_queue_size', 'execution_queue_length', 'Operations that wait for a thread.'),
  total('cumulative_connection_count', 'connections_total', 'Connections ever made.'),
  total('hs2_submitted_queries', 'queries_submitted_total', 'Queries submitted.'),
  total('hs2_succeeded_queries', 'queries_succeeded_total', 'Queries that succeeded.'),
  total('hs2_failed_queries', 'queries_failed_total', 'Queries that failed.'),
  total('hs2_compiling_queries', 'queries_compiled_total', 'Queries that were compiled.'),
  total('hs2_executing_queries', 'queries_executed_total', 'Queries that were executed.'),
  balance('waiting_compile_ops', 'operations_waiting_to_compile', 'Operations that wait to be compiled.'),
];

export const hiveServer2: DaemonRules = {
  daemon: 'hiveserver2',
  isTested: false,
  beans: [...sessions, ...jvm(PREFIX)],
  leftOut: [...jvmLeftOut, { objectName: 'metrics:*', reason: 'profiling, and copies of the JVM metrics' }],
};
