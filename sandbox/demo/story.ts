import type { ClusterId, InstanceId } from '../../shared/core/model.ts';
import type { Sighting } from './sightings.ts';
import type { Stage } from './stage.ts';

/** One thing that happened to the account, and how long until Prometheus knew. */
export interface Chapter {
  readonly title: string;
  /** From the moment EMR or EC2 said so to the last first sample, or to the last target's leaving. */
  readonly milliseconds: number;
  readonly targets: number;
}

export interface Outcome {
  readonly chapters: readonly Chapter[];
  /** Labels of every target while all of them were up. */
  readonly labels: ReadonlyMap<string, Readonly<Record<string, string>>>;
}

type Say = (line: string) => void;

const SOON = 60_000;
/** The sweep runs once a minute, and an install takes its time. */
const AFTER_A_SWEEP = 120_000;

const TAGS = { Service: 'OptimusExecutor', Project: 'Transformer' };

/** Tells the story and checks each step: throws when the world is not what it says. */
export async function tellStory(stage: Stage, say: Say): Promise<Outcome> {
  const chapters: Chapter[] = [];
  const tell = async (title: string, act: () => Promise<Chapter['targets']>): Promise<void> => {
    say(`\n${title}`);
    const begun = Date.now();
    const targets = await act();
    const milliseconds = Date.now() - begun;
    chapters.push({ title, milliseconds, targets });
    say(`  → ${targets} targets, ${seconds(milliseconds)} after the event`);
  };

  const { emr } = stage.account.compute;
  const id = await launch(stage, say, chapters);
  const labels = new Map([...stage.sightings.current()].map(([node, sighting]) => [node, sighting.labels]));
  checkLabels(stage, id, labels);

  const task = emr.groups(id).find(({ role }) => role === 'TASK');
  if (task === undefined) throw new Error('the cluster has no TASK group');
  const before = running(stage, id);
  emr.resize(task.id, task.requested + 2);
  await until('two more nodes run', () => running(stage, id).length === before.length + 2);
  await tell('Scale-out: two more TASK nodes', async () => await untilUp(stage, id));

  const lost = running(stage, id).find(({ groupId }) => groupId === task.id);
  if (lost?.ec2 === undefined) throw new Error('no TASK node to lose');
  const lostId = lost.ec2.id;
  emr.loseSpot(lostId, { replacement: false });
  say('\nEC2 warns that it takes a spot node back (here after 8 s instead of 2 min)');
  await until('EC2 shuts it down', () => stage.account.compute.ec2.instance(lostId)?.state === 'shutting-down');
  await tell('Spot loss: one TASK node is taken back', async () => await untilGone(stage, [lostId]));

  const stopLosing = stage.account.events.disturb({ kind: 'lose' });
  emr.resize(task.id, task.requested + 2);
  await until('a node runs that no event told of', () => running(stage, id).length === before.length + 2);
  await tell('Lost events: a node joins, and every event is lost', async () => {
    const targets = await untilUp(stage, id, AFTER_A_SWEEP);
    return targets;
  });
  stopLosing();

  const all = running(stage, id).flatMap(({ ec2 }) => (ec2 === undefined ? [] : [ec2.id]));
  emr.terminate(id);
  await tell('Termination: the cluster ends', async () => await untilGone(stage, all));
  await until('the target file and the record are gone', () => keys(stage, 'targets/', 'clusters/').length === 0);
  if (keys(stage, 'ended/').length !== 1) throw new Error('the ended cluster left no record under ended/');
  return { chapters, labels };
}

async function launch(stage: Stage, say: Say, chapters: Chapter[]): Promise<ClusterId> {
  const { emr } = stage.account.compute;
  say('\nEMR starts the cluster nightly-etl: one MASTER, one CORE, one TASK node on the spot market');
  const group = { instanceType: 'm5.xlarge', market: 'ON_DEMAND', count: 1 } as const;
  const id = emr.launch({
    name: 'nightly-etl',
    releaseLabel: 'emr-7.1.0',
    tags: TAGS,
    groups: [
      { ...group, role: 'MASTER' },
      { ...group, role: 'CORE' },
      { ...group, role: 'TASK', market: 'SPOT' },
    ],
  });
  await until('the cluster runs', () => emr.cluster(id)?.state === 'RUNNING');
  const begun = Date.now();
  const targets = await untilUp(stage, id);
  chapters.push({ title: 'Launch: a cluster of three nodes starts', milliseconds: Date.now() - begun, targets });
  for (const [node, { inS3, onDisk, listed, up }] of stage.sightings.current()) {
    const after = (at: number | undefined): string => (at === undefined ? '–' : seconds(at - begun));
    say(`  ${node}: in S3 ${after(inS3)}, on disk ${after(onDisk)}, listed ${after(listed)}, first sample ${after(up)}`);
  }
  say(`  → ${targets} targets up`);
  return id;
}

/** Every running node of the cluster is up, and nothing else of it is listed. Answers how many. */
async function untilUp(stage: Stage, id: ClusterId, deadline = SOON): Promise<number> {
  const expected = () => running(stage, id).flatMap(({ ec2 }) => (ec2 === undefined ? [] : [ec2.id]));
  const isThere = (seen: ReadonlyMap<string, Sighting>): boolean =>
    seen.size === expected().length && expected().every((node) => seen.get(node)?.up !== undefined);
  await stage.sightings.until(`up: ${expected().join(', ')}`, isThere, deadline);
  return expected().length;
}

async function untilGone(stage: Stage, nodes: readonly InstanceId[]): Promise<number> {
  const isThere = (seen: ReadonlyMap<string, Sighting>): boolean => nodes.every((node) => !seen.has(node));
  await stage.sightings.until(`no target: ${nodes.join(', ')}`, isThere, SOON);
  return stage.sightings.current().size;
}

/** Every label that the README promises, with the value that the account says. */
function checkLabels(stage: Stage, id: ClusterId, seen: ReadonlyMap<string, Readonly<Record<string, string>>>): void {
  const { emr, ec2 } = stage.account.compute;
  const roles = new Map(emr.groups(id).map((group) => [group.id, group]));
  for (const node of running(stage, id)) {
    const group = roles.get(node.groupId);
    const expected = {
      account_id: stage.account.accountId,
      availability_zone: ec2.instance(node.ec2?.id ?? 'i-')?.zone,
      cluster_id: id,
      cluster_name: 'nightly-etl',
      cluster_role: group?.role,
      instance: node.ec2?.id,
      instance_type: group?.instanceType,
      job: 'node',
      market: group?.market,
      node_name: node.ec2?.dnsName,
      project: TAGS.Project,
      region: stage.account.region,
      release_label: 'emr-7.1.0',
      service: TAGS.Service,
    };
    const actual = seen.get(node.ec2?.id ?? '') ?? {};
    const wrong = Object.entries(expected).filter(([label, value]) => actual[label] !== value);
    const more = Object.keys(actual).filter((label) => !(label in expected));
    if (wrong.length + more.length > 0) {
      throw new Error(`labels of ${node.ec2?.id}: expected ${JSON.stringify(wrong)}, not expected ${more.join(', ')}`);
    }
  }
}

const running = ({ account }: Stage, id: ClusterId) =>
  account.compute.emr.instances(id).filter(({ state }) => state === 'RUNNING');

const keys = ({ account, bucket }: Stage, ...prefixes: readonly string[]): readonly string[] =>
  prefixes.flatMap((prefix) => account.s3.list(bucket, { prefix }).objects.map(({ key }) => key));

async function until(what: string, isTrue: () => boolean): Promise<void> {
  const deadline = Date.now() + SOON;
  while (!isTrue()) {
    if (Date.now() > deadline) throw new Error(`not within ${SOON / 1000} s: ${what}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

export const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;
