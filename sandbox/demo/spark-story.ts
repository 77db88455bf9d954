import type { ClusterId } from '../../shared/core/model.ts';
import { untilAlive } from '../spark/run-spark.ts';
import { runSparkJob } from '../spark/spark-job.ts';
import { until } from '../until.ts';
import { launchThree, masterOf, members, query, short, terminate } from './cluster-of-three.ts';
import { type Narrator, seconds } from './narrator.ts';
import type { ActiveTarget } from './prometheus.ts';
import type { Stage } from './stage.ts';

/** What one looks at first of a running application: a query each. Before its first sample there is no answer. */
export const HEADLINES = {
  executors: 'max(spark_allocation_executors)',
  'tasks completed': 'sum(spark_executor_completed_tasks_total)',
  'tasks failed': 'sum(spark_application_tasks_total{state="failed"})',
  'time of tasks, s': 'sum(spark_executor_run_seconds_total)',
  'CPU of tasks, s': 'sum(spark_executor_cpu_seconds_total)',
  'input, kB': 'sum(spark_executor_input_bytes_total) / 1e3',
  'shuffle written, kB': 'sum(spark_shuffle_write_bytes_total) / 1e3',
  'shuffle read from other nodes, kB': 'sum(spark_shuffle_read_bytes_total{location="remote"}) / 1e3',
  'spilled to disk, kB': 'sum(spark_executor_spilled_disk_bytes_total) / 1e3',
  'heap in use, MB': 'sum(spark_jvm_memory_used_bytes{area="heap"}) / 1e6',
  'rows in state stores': 'sum(spark_streaming_state_rows)',
} as const;

export type Headlines = Readonly<Partial<Record<string, number>>>;

export interface SparkOutcome {
  readonly applicationId: string;
  /** Each time that one had moved. */
  readonly seen: readonly Headlines[];
  /** From the application's end to its last series, milliseconds. */
  readonly gone: number;
}

/** For what hangs: a node's first order, and what may have to wait for a later sweep, if it found the node too busy. */
const TARGETS_MS = 600_000;

/** Spark's own cluster on three nodes: graphite's targets come up, a job runs, its numbers move and go with it. */
export async function tellSparkStory(stage: Stage, tell: Narrator, keep: () => Promise<void>): Promise<SparkOutcome> {
  const id = await launchThree(stage, tell, 'visits', 'Spark');
  tell.event('EMR: the cluster is RUNNING');
  const outcome = await tellSparkJob(stage, tell, id, keep);
  await terminate(stage, tell, id);
  return outcome;
}

/** On a cluster that runs. `keep` is awaited while the application is still there. */
export async function tellSparkJob(
  stage: Stage,
  tell: Narrator,
  id: ClusterId,
  keep: () => Promise<void>,
): Promise<SparkOutcome> {
  const nodes = members(stage, id);
  const isUp = ({ health, labels }: ActiveTarget): boolean => health === 'up' && labels['job'] === 'graphite';
  await until(
    'every graphite_exporter is up',
    async () => (await stage.prometheus.targets()).filter(isUp).length === nodes.length,
    TARGETS_MS,
  );
  tell.say(`→ ${nodes.length} graphite_exporters, all up; applications that start from now on send to them`);
  const master = masterOf(stage, id);
  await untilAlive(master, [], nodes.length - 1);

  tell.chapter('A Spark job runs: shuffle, spill, cache, tasks that fail, streams');
  tell.event('spark-submit');
  const watch = watchHeadlines(stage, tell);
  const job = await Promise.race([runSparkJob(master), watch.failed]);
  tell.say(`${job.applicationId} has done its work`);
  await Promise.race([watch.untilAll(), watch.failed]);
  const seen = watch.stop();
  await keep();
  await job.end();

  tell.event('the application has ended');
  const ended = Date.now();
  // 60 s after its last report (graphite_exporter's limit), and a scrape more. As scraped: what rules record of the last minutes stays that long.
  const left = `count({application_id="${job.applicationId}",job!=""})`;
  await until('none of its series is left', async () => (await query(stage, left)) === undefined);
  const gone = Date.now() - ended;
  tell.say('→ none of its series is left');
  return { applicationId: job.applicationId, seen, gone };
}

/** Asks every second, and tells what has moved since. */
function watchHeadlines(stage: Stage, tell: Narrator) {
  const seen: Headlines[] = [];
  const over = new AbortController();
  async function look(): Promise<void> {
    while (!over.signal.aborted) {
      const now = await askHeadlines(stage);
      const moved = movedSince(seen.at(-1) ?? {}, now);
      if (moved.length > 0) {
        seen.push(now);
        tell.say(moved.join(', '));
      }
      await new Promise((done) => setTimeout(done, 1_000));
    }
  }
  const failed = look().then(() => new Promise<never>(() => undefined));
  failed.catch(() => undefined); // it may happen while nobody waits for it
  return {
    failed,
    /** The job does something of each. */
    untilAll: () =>
      until('every number has moved', () => Object.keys(HEADLINES).every((name) => (seen.at(-1)?.[name] ?? 0) > 0)),
    stop(): readonly Headlines[] {
      over.abort();
      return seen;
    },
  };
}

async function askHeadlines(stage: Stage): Promise<Headlines> {
  const answers = Object.entries(HEADLINES).map(
    async ([name, expression]) => [name, await query(stage, expression)] as const,
  );
  return Object.fromEntries((await Promise.all(answers)).filter(([, value]) => value !== undefined));
}

/** Each number that is another one than before, in words. */
export const movedSince = (before: Headlines, now: Headlines): readonly string[] =>
  Object.entries(now).flatMap(([name, value]) =>
    value === undefined || value === before[name] ? [] : `${name} ${short(value)}`,
  );

/** The headlines as they first were, half-way and in the end. */
export function renderSparkOutcome({ applicationId, seen, gone }: SparkOutcome): string {
  const columns = [seen[0] ?? {}, seen[Math.floor(seen.length / 2)] ?? {}, seen.at(-1) ?? {}];
  const cell = (value: number | undefined): string => (value === undefined ? '–' : short(value)).padStart(12);
  return [
    '',
    `${applicationId}: of ${seen.length} looks at which something had moved, the first, the middle and the last`,
    ...Object.keys(HEADLINES).map(
      (name) => `${name.padEnd(36)}${columns.map((column) => cell(column[name])).join('')}`,
    ),
    '',
    `None of its series was left ${seconds(gone)} after its end.`,
  ].join('\n');
}
