/** From a node's RUNNING to its first sample, with nothing but AWS simulated. Runs inside the nodes' world. */
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Prepared } from '../sandbox/demo/prepare.ts';
import { openStage, type Stage } from '../sandbox/demo/stage.ts';
import { cacheFolder } from '../scripts/cache-folder.ts';
import type { ClusterId } from '../shared/core/model.ts';
import { median, report, seconds } from './figure.ts';
import { DEADLINE_MS, follow, type Seen, until, type Way } from './follow-node.ts';

const NODES = 10;
const ALL_MS = 15_000;
const OWN_MS = 3000;

function launch({ account }: Stage): ClusterId {
  const group = { instanceType: 'm5.xlarge', market: 'ON_DEMAND', count: 1 } as const;
  const groups = [
    { ...group, role: 'MASTER' },
    { ...group, role: 'TASK' },
  ] as const;
  return account.compute.emr.launch({ name: 'bench', tags: { Service: 'Bench' }, groups });
}

const nodesOf = ({ account }: Stage, id: ClusterId) => account.compute.emr.instances(id);

async function allUp(stage: Stage, id: ClusterId): Promise<void> {
  await until('all nodes run', () => nodesOf(stage, id).every(({ state }) => state === 'RUNNING') || undefined);
  const nodes = nodesOf(stage, id).flatMap(({ ec2 }) => ec2?.id ?? []);
  const areUp = (seen: ReturnType<Stage['sightings']['current']>) =>
    nodes.every((node) => seen.get(node)?.up !== undefined);
  await stage.sightings.until(`up: ${nodes.join(', ')}`, areUp, DEADLINE_MS);
}

/** The TASK group grows by one, and the new node's way is followed. */
async function grow(stage: Stage, home: string, id: ClusterId, seen: Seen): Promise<Way> {
  const { emr } = stage.account.compute;
  const known = new Set(nodesOf(stage, id).map((node) => node.id));
  const task = emr.groups(id).find(({ role }) => role === 'TASK');
  if (task === undefined) throw new Error(`${id} has no TASK group`);
  emr.resize(task.id, task.requested + 1);
  await allUp(stage, id);
  const node = nodesOf(stage, id).find((one) => !known.has(one.id));
  if (node?.ec2 === undefined || node.readyAt === undefined) throw new Error(`${id} did not grow`);
  return await follow(stage, join(home, `sidecar/targets/${id}.json`), node.ec2.id, node.readyAt.getTime(), seen);
}

async function main(prepared: Prepared): Promise<void> {
  const home = await mkdtemp(join(cacheFolder(process.env), 'bench-latency-'));
  const seen: Seen = { calls: [], runs: [] };
  let fail: (error: unknown) => void = () => undefined;
  const failure = new Promise<never>((_, reject) => {
    fail = reject;
  });
  failure.catch(() => undefined); // it may happen while nobody is waiting for it
  const stage = await openStage({
    prepared,
    home,
    nodes: { kind: 'systemd', agent: 'stand-in' },
    onLogLine: () => undefined,
    onBoot: () => undefined,
    onFailure: fail,
    onCall: ({ operation }) => void seen.calls.push({ operation, at: Date.now() }),
    onReport: ({ durationMs }) => void seen.runs.push({ from: Date.now() - durationMs, to: Date.now() }),
  });
  const measure = async (): Promise<readonly Way[]> => {
    const id = launch(stage);
    await allUp(stage, id);
    const ways: Way[] = [];
    while (ways.length < NODES) ways.push(await grow(stage, home, id, seen));
    return ways;
  };
  try {
    render(await Promise.race([measure(), failure]));
  } finally {
    await stage.close();
    await rm(home, { recursive: true, force: true });
  }
}

function render(ways: readonly Way[]): void {
  const of = (leg: keyof Way) => median(ways.map((way) => way[leg]));
  const legs = `install done ${seconds(of('installed'))}, in Prometheus's list ${seconds(of('listed'))}`;
  report([
    {
      figure: 'node RUNNING → install done → in Prometheus’s list → first sample',
      bar: `≤ ${seconds(ALL_MS)}`,
      measured: `${seconds(of('all'))} (medians of ${NODES}; ${legs}; at most ${seconds(Math.max(...ways.map(({ all }) => all)))})`,
      met: of('all') <= ALL_MS,
    },
    {
      figure: 'our own part of it: without queue window and polling waits',
      bar: `≤ ${seconds(OWN_MS)}`,
      measured: `${seconds(of('own'))} (median of ${NODES}; at most ${seconds(Math.max(...ways.map(({ own }) => own)))})`,
      met: of('own') <= OWN_MS,
    },
  ]);
}

await main(JSON.parse(process.argv[2] ?? '') as Prepared);
