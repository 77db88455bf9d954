import { describe, expect, test } from 'vitest';
import { backfill } from '../../functions/backfill.ts';
import type { ClusterId } from '../../shared/core/model.ts';
import { nodeExporter } from '../core/sample-record.ts';
import { deliver, INSTALLED, MINUTE, SECOND, world } from '../fakes/world.ts';

const rollout = { atOnce: 0.25, failures: 0.1 };
const next = { exporters: [{ ...nodeExporter, version: '1.13.0', revision: 'r3' }], rollout };
const failing = {
  exitCode: 1,
  stdout: 'PROMETHEUS_ON_EMR {"exporter":"node","outcome":"failed","version":"1.12.1","reason":"health check"}\n',
};

/** Three clusters of four nodes, each with version 1.12.1; then 1.13.0 is deployed. */
async function deployed() {
  const here = world({ settings: { rollout } });
  const { account, deploy, launch, nodes, record, sweepFor, targets } = here;
  const ids: ClusterId[] = [];
  for (let n = 0; n < 3; n += 1) {
    const group = { instanceType: 'm5.xlarge', market: 'ON_DEMAND' } as const;
    const groups = [{ ...group, role: 'MASTER', count: 1 } as const, { ...group, role: 'CORE', count: 3 } as const];
    ids.push(await launch({ groups }));
  }
  await sweepFor(3 * MINUTE);
  const before = account.commands.commands().length;
  const clusterOf = new Map(ids.flatMap((id) => nodes(id).map((node) => [node, id] as const)));
  const states = async () => {
    const records = await Promise.all(ids.map(record));
    return records.flatMap((one) => Object.values(one?.nodes ?? {}).map(({ exporters }) => exporters['node']));
  };
  return {
    ...here,
    ids,
    clusterOf,
    sweeper: deploy(next),
    /** Nodes that have been told to change, in turn. */
    told: () =>
      account.commands
        .commands()
        .toReversed()
        .slice(before)
        .flatMap((command) => command.nodes),
    endpoints: async () => (await Promise.all(ids.map(targets))).flatMap((groups) => groups ?? []).length,
    count: async (revision: string) =>
      (await states()).filter((state) => state?.installed?.revision === revision).length,
    underWay: async () => (await states()).filter((state) => state?.work !== undefined).length,
  };
}

test('a new version goes to one node, to one of each other cluster, and to the rest, a quarter at most at once', async () => {
  const { clusterOf, count, endpoints, ids, sweeper, sweepFor, told, underWay } = await deployed();
  const waves: (readonly string[])[] = [];
  for (let minute = 0; minute < 30 && (await count('r3')) < 12; minute += 1) {
    const [known, done] = [told().length, await count('r3')];
    await sweepFor(MINUTE, sweeper);
    const wave = told().slice(known);
    if (wave.length > 0) waves.push([`${done} done`, ...wave.map((node) => clusterOf.get(node) ?? '').toSorted()]);
    expect([await endpoints(), (await underWay()) <= 3]).toEqual([12, true]);
  }
  const [first, ...others] = ids.toSorted();
  expect(waves.slice(0, 2)).toEqual([
    ['0 done', first],
    ['1 done', ...others],
  ]);
  expect(waves.slice(2).every(([done]) => Number(done?.split(' ')[0]) >= 3)).toBe(true);
  expect([await count('r3'), new Set(told()).size, told().length]).toEqual([12, 12, 12]);
});

describe('a version that fails its health check', () => {
  async function broken() {
    const here = await deployed();
    here.install(() => failing);
    await here.sweepFor(90 * MINUTE, here.sweeper);
    return here;
  }

  test('is tried on one node until that gives up, and every other node keeps the version that works', async () => {
    const { count, endpoints, meters, told } = await broken();
    expect([told().length, new Set(told()).size]).toEqual([6, 1]);
    expect([await count('r2'), await endpoints()]).toEqual([12, 12]);
    expect(meters.get('RolloutsStopped')).toBe(1);
  });

  test('is not told to anybody for as long as nobody does anything about it', async () => {
    const { endpoints, sweeper, sweepFor, told } = await broken();
    await sweepFor(24 * 60 * MINUTE, sweeper);
    expect([told().length, await endpoints()]).toEqual([6, 12]);
  });

  test('keeps a new node waiting, whoever looks at it', async () => {
    const { account, clock, container, ids, nodes, sweeper, sweepFor, told, work } = await broken();
    const [id = 'j-'] = ids;
    account.emr.resize(account.emr.groups(id)[1]?.id ?? 'ig-', 4);
    await clock.advance(20 * SECOND);
    await deliver([{ clusterId: id }], container({ settings: sweeper.settings }));
    const joined = nodes(id)[4] ?? 'i-';
    expect(await work(id, joined)).toMatchObject({ phase: 'waiting', reason: 'rollout stopped' });
    await sweepFor(10 * MINUTE, sweeper);
    expect(await work(id, joined)).toMatchObject({ phase: 'waiting', reason: 'rollout stopped' });
    expect(told()).not.toContain(joined);
  });

  test('reaches all nodes once it is mended and somebody says force', async () => {
    const { container, count, endpoints, install, meters, sweeper, sweepFor } = await broken();
    install(INSTALLED);
    await backfill({ force: true }, container({ settings: sweeper.settings }, 'backfill'));
    await sweepFor(60 * MINUTE, sweeper);
    expect([await count('r3'), await endpoints(), meters.get('RolloutsStopped')]).toEqual([12, 12, 0]);
  });

  test('is taken back by the deployment of the version before, and no node is told anything', async () => {
    const { deploy, endpoints, ids, meters, record, sweepFor, told } = await broken();
    await sweepFor(10 * MINUTE, deploy({ hash: 'back again', rollout }));
    expect([told().length, await endpoints(), meters.get('RolloutsStopped')]).toEqual([6, 12, 0]);
    const records = await Promise.all(ids.map(record));
    const works = records.flatMap((one) => Object.values(one?.nodes ?? {}).map((node) => node.exporters['node']?.work));
    expect(works).toEqual(Array.from({ length: 12 }, () => undefined));
  });
});

test('a version that fails on more than one node in ten is stopped, and those that have it keep it', async () => {
  const { count, endpoints, install, meters, sweeper, sweepFor, told } = await deployed();
  await sweepFor(4 * MINUTE, sweeper);
  expect(await count('r3')).toBeGreaterThanOrEqual(3);
  const good = await count('r3');
  install(() => failing);
  await sweepFor(60 * MINUTE, sweeper);
  expect(meters.get('RolloutsStopped')).toBe(1);
  expect([await count('r2'), await endpoints()]).toEqual([12 - good, 12]);
  const late = told().slice(good);
  expect(new Set(late).size).toBeLessThanOrEqual(3);
});
