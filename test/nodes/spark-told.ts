import { bootNode, type SandboxNode } from '../../sandbox/nodes/boot-node.ts';
import type { SparkJob } from '../../sandbox/spark/spark-job.ts';
import { sparkNode } from '../../sandbox/spark/spark-node.ts';
import type { Spark } from '../../scripts/prepare/prepare-spark.ts';
import { HOURS, linkTools } from './run-document.ts';

const NUMBERS = [180, 181];

/** The node of master and driver first; each has room for one executor. */
export async function bootSparkNodes(spark: Spark, trust: string): Promise<readonly SandboxNode[]> {
  return await Promise.all(
    NUMBERS.map(async (number) => {
      const address = `10.42.0.${number}`;
      const parts = await sparkNode(spark, { master: `10.42.0.${NUMBERS[0]}`, address });
      const node = await bootNode({ instanceId: `i-00000000000000${number}`, address, trust, upFor: HOURS, ...parts });
      await linkTools(node);
      return node;
    }),
  );
}

export interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Spark's part of a page. */
export const readSeries = (page: string): readonly Series[] =>
  [...page.matchAll(/^(spark_\w+)\{(.*)\} (\S+)$/gm)].map(([, name = '', labels = '', value]) => ({
    name,
    labels: Object.fromEntries(
      [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label, text]) => [label, text]),
    ),
    value: Number(value),
  }));

/** `what`: a metric's name, and where it has series for several things also one of those. */
export function sumOf(series: readonly Series[], what: string, executor: string): number {
  const [name, label] = what.split(' ');
  return rounded(
    series
      .filter((one) => one.name === name && one.labels['executor_id'] === executor)
      .filter(({ labels }) => label === undefined || Object.values(labels).includes(label))
      .reduce((sum, { value }) => sum + value, 0),
  );
}

/** Beyond nanoseconds it is the exporter's binary fractions. */
const rounded = (value: number): number => Number(value.toFixed(9));

type Told = Readonly<Record<string, number>>;

interface Task {
  readonly executorId: string;
  readonly status: 'SUCCESS' | 'FAILED';
  readonly taskMetrics: {
    readonly executorRunTime: number;
    readonly executorCpuTime: number;
    readonly memoryBytesSpilled: number;
    readonly diskBytesSpilled: number;
    readonly inputMetrics: { readonly bytesRead: number; readonly recordsRead: number };
    readonly outputMetrics: { readonly bytesWritten: number; readonly recordsWritten: number };
    readonly shuffleReadMetrics: { readonly localBytesRead: number; readonly remoteBytesRead: number };
    readonly shuffleWriteMetrics: { readonly bytesWritten: number };
  };
}

/** By executor what the tasks say that succeeded: only they count for an executor's own numbers (Executor.scala, run). */
const OF_TASKS: Readonly<Record<string, (task: Task['taskMetrics']) => number>> = {
  spark_executor_succeeded_tasks_total: () => 1,
  spark_executor_run_seconds_total: ({ executorRunTime }) => executorRunTime / 1e3,
  spark_executor_cpu_seconds_total: ({ executorCpuTime }) => executorCpuTime / 1e9,
  spark_executor_spilled_memory_bytes_total: ({ memoryBytesSpilled }) => memoryBytesSpilled,
  spark_executor_spilled_disk_bytes_total: ({ diskBytesSpilled }) => diskBytesSpilled,
  spark_executor_input_bytes_total: ({ inputMetrics }) => inputMetrics.bytesRead,
  spark_executor_input_records_total: ({ inputMetrics }) => inputMetrics.recordsRead,
  spark_executor_output_bytes_total: ({ outputMetrics }) => outputMetrics.bytesWritten,
  spark_executor_output_records_total: ({ outputMetrics }) => outputMetrics.recordsWritten,
  'spark_shuffle_read_bytes_total local': ({ shuffleReadMetrics }) => shuffleReadMetrics.localBytesRead,
  'spark_shuffle_read_bytes_total remote': ({ shuffleReadMetrics }) => shuffleReadMetrics.remoteBytesRead,
  spark_shuffle_write_bytes_total: ({ shuffleWriteMetrics }) => shuffleWriteMetrics.bytesWritten,
};

export async function tasksTold(job: SparkJob): Promise<Readonly<Record<string, Told>>> {
  const stages = await job.ask<readonly { readonly tasks?: Readonly<Record<string, Task>> }[]>('stages?details=true');
  const tasks = stages.flatMap((stage) => Object.values(stage.tasks ?? {}));
  const byExecutor = [...Map.groupBy(tasks, ({ executorId }) => executorId)].map(([executor, all]) => {
    const good = all.filter(({ status }) => status === 'SUCCESS');
    const sums = Object.entries(OF_TASKS).map(([metric, of]) => [
      metric,
      rounded(good.reduce((sum, { taskMetrics }) => sum + of(taskMetrics), 0)),
    ]);
    return [executor, { ...Object.fromEntries(sums), spark_executor_completed_tasks_total: all.length }] as const;
  });
  return Object.fromEntries(byExecutor);
}

interface Job {
  readonly status: 'SUCCEEDED' | 'FAILED' | 'RUNNING';
  readonly numCompletedTasks: number;
  readonly numFailedTasks: number;
  readonly numCompletedStages: number;
  readonly numFailedStages: number;
  readonly numSkippedStages: number;
}

export async function jobsTold(job: SparkJob): Promise<Told> {
  const jobs = await job.ask<readonly Job[]>('jobs');
  const sum = (of: (job: Job) => number): number => jobs.reduce((total, one) => total + of(one), 0);
  return {
    'spark_application_jobs_total succeeded': sum(({ status }) => Number(status === 'SUCCEEDED')),
    'spark_application_jobs_total failed': sum(({ status }) => Number(status === 'FAILED')),
    'spark_application_stages_total completed': sum(({ numCompletedStages }) => numCompletedStages),
    'spark_application_stages_total failed': sum(({ numFailedStages }) => numFailedStages),
    'spark_application_stages_total skipped': sum(({ numSkippedStages }) => numSkippedStages),
    'spark_application_tasks_total completed': sum(({ numCompletedTasks }) => numCompletedTasks),
    'spark_application_tasks_total failed': sum(({ numFailedTasks }) => numFailedTasks),
    spark_scheduler_jobs_total: jobs.length,
  };
}
