import type { ClusterId } from '../../shared/core/model.ts';
import { launchThree, masterOf, members, query, short, terminate } from './cluster-of-three.ts';
import { runMapReduceJob } from '../hadoop/map-reduce-job.ts';
import { daemonProcesses } from '../hadoop/run-daemons.ts';
import { until } from '../until.ts';
import { DAEMONS } from './hadoop-equipment.ts';
import { type Narrator, seconds } from './narrator.ts';
import type { ActiveTarget } from './prometheus.ts';
import type { Stage } from './stage.ts';

/** What an operator looks at first: a query each, and how to write its answer. */
const HEADLINES = {
  'HDFS capacity, GB': 'hdfs_namenode_capacity_bytes / 1e9',
  'HDFS used, MB': 'hdfs_namenode_capacity_used_bytes / 1e6',
  'files in HDFS': 'hdfs_namenode_files',
  'live DataNodes': 'hdfs_namenode_live_datanodes',
  'missing blocks': 'hdfs_namenode_blocks_missing',
  'bytes written by DataNodes, MB': 'sum(hdfs_datanode_written_bytes_total) / 1e6',
  'active NodeManagers': 'yarn_resourcemanager_nodemanagers{state="active"}',
  'applications that succeeded': 'yarn_resourcemanager_queue_applications_completed_total{queue="root"}',
  'containers that completed': 'sum(yarn_nodemanager_containers_ended_total{result="completed"})',
  'heap of the NameNode, MB': 'hadoop_jvm_memory_used_bytes{daemon="namenode",area="heap"} / 1e6',
};

interface Headline {
  readonly name: string;
  readonly before: number;
  readonly after: number;
}

export interface HadoopOutcome {
  /** Every jmx target that Prometheus had, once all daemons were up: `instance role daemon`. */
  readonly targets: readonly string[];
  /** Daemons that had another process at the end: none of them is ours to stop. */
  readonly restarted: readonly string[];
  /** From the cluster's RUNNING to the first sample of the last daemon, milliseconds. */
  readonly milliseconds: number;
  /** Before the job and after it. */
  readonly headlines: readonly Headline[];
}

/** For what hangs: a first order may find no daemon up yet, and is given again a minute or two later. */
const DAEMONS_MS = 600_000;
/** What a job must have moved. */
const MOVED = ['applications that succeeded', 'containers that completed', 'files in HDFS'];

/** HDFS and YARN on three nodes: their daemons become targets, a job runs, `rest` happens, the cluster ends. */
export async function tellHadoopStory(
  stage: Stage,
  tell: Narrator,
  rest: (id: ClusterId) => Promise<void>,
): Promise<HadoopOutcome> {
  const id = await launchThree(stage, tell, 'warehouse', 'HDFS and YARN');
  const begun = Date.now();
  tell.event('EMR: the cluster is RUNNING; its daemons are still starting');
  const expected = daemonsOf(stage, id);
  let processes = await processesOf(stage, id);
  await until('every daemon has a process', async () => {
    processes = await processesOf(stage, id);
    return processes.size === expected.length;
  });
  let targets: readonly string[] = [];
  const areUp = async (): Promise<boolean> => {
    targets = jmxUp(await stage.prometheus.targets());
    return isSame(expected, targets);
  };
  await until(`up: ${expected.join(', ')}`, areUp, DAEMONS_MS);
  const milliseconds = Date.now() - begun;
  tell.say(`→ ${targets.length} daemons, all up`);

  tell.chapter('A MapReduce job runs');
  const before = await ask(stage);
  await runMapReduceJob(masterOf(stage, id));
  tell.say('YARN: SUCCEEDED');
  let after = before;
  // A daemon's MBeans lag its work by up to 10 s, and Prometheus a scrape more.
  await until('Prometheus knows of the job', async () => {
    after = await ask(stage);
    return MOVED.every((name) => (after.get(name) ?? 0) > (before.get(name) ?? 0));
  });
  const now = await processesOf(stage, id);
  const restarted = expected.filter((daemon) => now.get(daemon) !== processes.get(daemon));
  await rest(id);
  await terminate(stage, tell, id);
  const headlines = [...before].map(([name, was]) => ({ name, before: was, after: after.get(name) ?? Number.NaN }));
  return { targets, restarted, milliseconds, headlines };
}

/** The headlines before and after the job, side by side. */
export function renderHadoopOutcome({ targets, restarted, milliseconds, headlines }: HadoopOutcome): string {
  const rows = headlines.map(
    ({ name, before, after }) => `${name.padEnd(32)}${short(before).padStart(10)}${short(after).padStart(12)}`,
  );
  return [
    '',
    `${targets.length} daemons were targets ${seconds(milliseconds)} after EMR called the cluster RUNNING:`,
    ...targets.map((target) => `  ${target}`),
    `${restarted.length} of them were restarted meanwhile${restarted.length === 0 ? '' : `: ${restarted.join(', ')}`}.`,
    '',
    `${''.padEnd(32)}${'before'.padStart(10)}${'after'.padStart(12)}`,
    ...rows,
  ].join('\n');
}

const daemonsOf = (stage: Stage, id: ClusterId): readonly string[] =>
  members(stage, id)
    .flatMap(({ role, id: node }) => DAEMONS[role].map((daemon) => `${node} ${role} ${daemon}`))
    .toSorted();

/** Process id and start time of each daemon, by the name of its target. */
async function processesOf(stage: Stage, id: ClusterId): Promise<ReadonlyMap<string, string>> {
  const found = members(stage, id).map(async ({ role, id: node }) => {
    const host = stage.hosts.node(node);
    const daemons = Object.entries(host === undefined ? {} : await daemonProcesses(host));
    return daemons.map(([daemon, process]) => [`${node} ${role} ${daemon}`, JSON.stringify(process)] as const);
  });
  return new Map((await Promise.all(found)).flat());
}

const jmxUp = (targets: readonly ActiveTarget[]): readonly string[] =>
  targets
    .filter(({ health, labels }) => health === 'up' && labels['job'] === 'jmx')
    .map(({ labels: { instance, cluster_role: role, daemon } }) => `${instance} ${role} ${daemon}`)
    .toSorted();

const isSame = (a: readonly string[], b: readonly string[]): boolean => a.join() === b.join();

async function ask(stage: Stage): Promise<ReadonlyMap<string, number>> {
  const answers = Object.entries(HEADLINES).map(async ([name, expression]): Promise<[string, number]> => {
    const value = await query(stage, expression);
    if (value === undefined) throw new Error(`${expression}: no series`);
    return [name, value];
  });
  return new Map(await Promise.all(answers));
}
