import type { ClusterId, InstanceId } from '../../shared/core/model.ts';
import { until } from '../until.ts';
import { checkLabels } from './check-labels.ts';
import { type Narrator, seconds } from './narrator.ts';
import type { Sighting } from './sightings.ts';
import type { Stage } from './stage.ts';

/** One thing that happened to the account, and how long until Prometheus knew. */
interface Chapter {
  readonly title: string;
  /** From the moment EMR or EC2 said so to the last first sample, or to the last target's leaving. */
  readonly milliseconds: number;
  /** How many targets were left, all of them up. */
  readonly targets: number;
}

export interface Outcome {
  readonly chapters: readonly Chapter[];
  /** By instance: the labels of every target that there was. */
  readonly labels: ReadonlyMap<string, Readonly<Record<string, string>>>;
}

/** For what hangs: how long each chapter took is told. */
const HANG_MS = 600_000;
/** A launch spends what a consumer may ask EMR in a row; after that it has as much again (shared/budget.ts). */
const SHARE_IS_BACK = 60_000;

const TAGS = { Service: 'OptimusExecutor', Project: 'Transformer' };
const NAME = 'nightly-etl';
const RELEASE = 'emr-7.1.0';
/** Those that all its targets share. */
const CLUSTER_LABELS = { cluster_name: NAME, release_label: RELEASE, service: TAGS.Service, project: TAGS.Project };

/** Tells the story and checks each step: throws when the world is not what it says. `keep` is awaited before the end. */
export async function tellStory(stage: Stage, tell: Narrator, keep: () => Promise<void>): Promise<Outcome> {
  const { emr, ec2 } = stage.account.compute;
  const chapters: Chapter[] = [];
  tell.chapter(`EMR starts the cluster ${NAME}: a MASTER, a CORE and, on the spot market, a TASK node`);
  const labels = new Map<string, Sighting['labels']>();
  const id = launch(stage);
  const close = async (title: string, event: string, see: () => Promise<number>): Promise<void> => {
    const begun = Date.now();
    tell.event(event);
    const targets = await see();
    for (const [node, seen] of stage.sightings.current()) labels.set(node, seen.labels);
    checkLabels(stage.account, id, labels, CLUSTER_LABELS);
    chapters.push({ title, milliseconds: Date.now() - begun, targets });
    for (const [node, { inS3, onDisk, listed, up }] of stage.sightings.current()) {
      const after = (at: number | undefined): string => (at === undefined ? '–' : seconds(at - begun));
      if ((up ?? 0) < begun) continue;
      tell.say(`${node}: in S3 ${after(inS3)}, on disk ${after(onDisk)}, listed ${after(listed)}, sample ${after(up)}`);
    }
    tell.say(`→ ${targets} targets, all up`);
  };

  await until('the cluster runs', () => emr.cluster(id)?.state === 'RUNNING');
  const launched = Date.now();
  await close('Launch: a cluster of three nodes', 'EMR: the cluster is RUNNING', () => untilUp(stage, id));
  const task = emr.groups(id).find(({ role }) => role === 'TASK')?.id ?? 'ig-';
  const size = (): number => emr.groups(id).find((group) => group.id === task)?.requested ?? 0;
  const grow = async (by: number): Promise<void> => {
    const before = new Set(running(stage, id).map((node) => node.id));
    emr.resize(task, size() + by);
    // One of before may still end meanwhile: EC2 shuts down a spot node for longer than its target may stay.
    await until('the new nodes run', () => running(stage, id).filter((node) => !before.has(node.id)).length === by);
  };

  tell.chapter('A minute after the launch, managed scaling adds two TASK nodes');
  await pause(Math.max(0, launched + SHARE_IS_BACK - Date.now()));
  await grow(2);
  await close('Scale-out: two nodes join', 'EMR: the new nodes are RUNNING', () => untilUp(stage, id));

  tell.chapter('EC2 takes a spot node back: a warning first, here 8 s ahead instead of 2 min');
  const lost = running(stage, id).find(({ groupId }) => groupId === task)?.ec2?.id ?? 'i-';
  emr.loseSpot(lost, { replacement: false });
  await until('EC2 shuts it down', () => ec2.instance(lost)?.state === 'shutting-down');
  await close('Spot loss: a node leaves', `EC2: ${lost} is shutting down`, () => untilGone(stage, [lost]));

  tell.chapter('A node joins, and all that EMR and EC2 say about it is lost');
  const heal = stage.account.events.disturb({ kind: 'lose' }, ({ source }) => source !== 'aws.ssm');
  await grow(1);
  await close('Lost events: the sweep finds a node', 'EMR: the new node is RUNNING', () => untilUp(stage, id));
  heal();

  await keep();
  tell.chapter('The cluster is terminated');
  const all = running(stage, id).flatMap(({ ec2: instance }) => instance?.id ?? []);
  emr.terminate(id);
  await close('Termination: the cluster ends', 'EMR: the cluster is TERMINATING', () => untilGone(stage, all));
  await until('the target file and the record are gone', () => keys(stage, 'targets/', 'clusters/').length === 0);
  if (keys(stage, 'ended/').length !== 1) throw new Error('the ended cluster left no record under ended/');
  return { chapters, labels };
}

function launch({ account }: Stage): ClusterId {
  const group = { instanceType: 'm5.xlarge', market: 'ON_DEMAND', count: 1 } as const;
  return account.compute.emr.launch({
    name: NAME,
    releaseLabel: RELEASE,
    tags: TAGS,
    groups: [
      { ...group, role: 'MASTER' },
      { ...group, role: 'CORE' },
      { ...group, role: 'TASK', market: 'SPOT' },
    ],
  });
}

/** Every running node of the cluster is up, and nothing else is listed. Answers how many. */
async function untilUp(stage: Stage, id: ClusterId): Promise<number> {
  const expected = () => running(stage, id).flatMap(({ ec2 }) => ec2?.id ?? []);
  const isThere = (seen: ReadonlyMap<string, Sighting>): boolean =>
    seen.size === expected().length && expected().every((node) => seen.get(node)?.up !== undefined);
  await stage.sightings.until(`up: ${expected().join(', ')}`, isThere, HANG_MS);
  return expected().length;
}

async function untilGone(stage: Stage, nodes: readonly InstanceId[]): Promise<number> {
  const isThere = (seen: ReadonlyMap<string, Sighting>): boolean =>
    nodes.every((node) => !seen.has(node)) && [...seen.values()].every(({ up }) => up !== undefined);
  await stage.sightings.until(`no target: ${nodes.join(', ')}`, isThere, HANG_MS);
  return stage.sightings.current().size;
}

const running = ({ account }: Stage, id: ClusterId) =>
  account.compute.emr.instances(id).filter(({ state }) => state === 'RUNNING');

const keys = ({ account, bucket }: Stage, ...prefixes: readonly string[]): readonly string[] =>
  prefixes.flatMap((prefix) => account.s3.list(bucket, { prefix }).objects.map(({ key }) => key));

const pause = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds));
