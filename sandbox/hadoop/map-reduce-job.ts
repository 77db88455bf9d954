import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SandboxNode } from '../nodes/boot-node.ts';
import { type DaemonName, hadoopDaemons } from './daemon-table.ts';
import { runScript } from './run-script.ts';
import { untilJoined } from './run-daemons.ts';
import { site } from './site-files.ts';
import { until } from '../until.ts';

/** For a job that hangs. Half a minute of two cores, if nobody else has them: three JVMs, one after the other. */
export const JOB_MS = 600_000;
const WORDS = 5_000;
const LIB = 'org.apache.hadoop.mapreduce.lib';
let jobs = 0;

/**
 * Counts words, as user hadoop, with the classes that Hadoop brings: HDFS is written and read, YARN runs a master, a map
 * and a reduce. Returns the application's id once YARN and the history server both call it a success.
 */
export async function runMapReduceJob(master: SandboxNode): Promise<string> {
  await untilJoined(master, { dataNodes: 1, nodeManagers: 1 });
  const name = `word-count-${(jobs += 1)}`;
  const local = (suffix: string) => join(master.root, 'var/lib', `${name}${suffix}`);
  await writeFile(local('.txt'), Array.from({ length: WORDS }, (_, index) => `word${index % 100}`).join('\n'));
  await writeFile(local('.xml'), site('', jobOf(name)).body);
  const place = `http://${master.address}:${hadoopDaemons.namenode.httpPort}/webhdfs/v1/user/hadoop/${name}/words`;
  await runScript(
    master,
    `curl -sSfL -T /var/lib/${name}.txt '${place}?op=CREATE&overwrite=true&user.name=hadoop' >/dev/null`,
  );
  const said = await runScript(master, `su hadoop -c 'mapred job -submit /var/lib/${name}.xml' </dev/null`);
  const [, id] = /Created job job_(\S+)/.exec(said) ?? [];
  if (id === undefined) throw new Error(`no job was made: ${said}`);
  const job = `job_${id}`;
  const inYarn = () => outcomeOf(master, 'resourcemanager', `cluster/apps/application_${id}`, 'app');
  const inHistory = () => outcomeOf(master, 'historyserver', `history/mapreduce/jobs/${job}`, 'job');
  const { finalStatus, diagnostics } = await until(`${job} in YARN`, inYarn, JOB_MS);
  if (finalStatus === 'SUCCEEDED') await until(`${job} in the history`, inHistory);
  else {
    // A job whose master never ran is in no history.
    await until(`${job} in the history`, inHistory, 20_000).catch(() => undefined);
    throw new Error(`${job}: ${finalStatus} ${diagnostics}\n${await attemptsOf(master, job)}`);
  }
  return `application_${id}`;
}

const jobOf = (name: string) => ({
  'mapreduce.job.name': name,
  'mapred.mapper.new-api': true,
  'mapred.reducer.new-api': true,
  'mapreduce.job.map.class': `${LIB}.map.TokenCounterMapper`,
  'mapreduce.job.reduce.class': `${LIB}.reduce.IntSumReducer`,
  'mapreduce.job.output.key.class': 'org.apache.hadoop.io.Text',
  'mapreduce.job.output.value.class': 'org.apache.hadoop.io.IntWritable',
  'mapreduce.input.fileinputformat.inputdir': `/user/hadoop/${name}/words`,
  'mapreduce.output.fileoutputformat.outputdir': `/user/hadoop/${name}/counts`,
});

interface Outcome {
  /** YARN's field; UNDEFINED while it runs. The history, which only knows what is over, has another. */
  readonly finalStatus?: string;
  /** Why it failed, in YARN's words. */
  readonly diagnostics?: string;
}

async function outcomeOf(
  master: SandboxNode,
  daemon: DaemonName,
  path: string,
  field: string,
): Promise<Outcome | undefined> {
  const outcome = (await read<Readonly<Record<string, Outcome>>>(master, daemon, path))?.[field];
  return outcome?.finalStatus === 'UNDEFINED' ? undefined : outcome;
}

/** What the history has of each attempt that did not succeed: exit codes, limits that killed it, its stack. */
async function attemptsOf(master: SandboxNode, job: string): Promise<string> {
  const tasksOf = `history/mapreduce/jobs/${job}/tasks`;
  const { tasks } = (await read<Tasks>(master, 'historyserver', tasksOf)) ?? {};
  const answers = await Promise.all(
    (tasks?.task ?? []).map(({ id }) => read<Attempts>(master, 'historyserver', `${tasksOf}/${id}/attempts`)),
  );
  return answers
    .flatMap((answer) => answer?.taskAttempts?.taskAttempt ?? [])
    .filter(({ state }) => state !== 'SUCCEEDED')
    .map(({ id, state, nodeHttpAddress, diagnostics }) => `${id} ${state} on ${nodeHttpAddress}: ${diagnostics}`)
    .join('\n');
}

interface Tasks {
  readonly tasks?: { readonly task?: readonly { readonly id: string }[] };
}

interface Attempts {
  readonly taskAttempts?: {
    readonly taskAttempt?: readonly {
      readonly id: string;
      readonly state: string;
      readonly nodeHttpAddress: string;
      readonly diagnostics: string;
    }[];
  };
}

/** undefined: the history has not read it yet. */
async function read<T>(master: SandboxNode, daemon: DaemonName, path: string): Promise<T | undefined> {
  const answer = await fetch(`http://${master.address}:${hadoopDaemons[daemon].httpPort}/ws/v1/${path}`);
  return answer.ok ? ((await answer.json()) as T) : undefined;
}
