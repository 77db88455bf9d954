import { expect, test } from 'vitest';
import type { ClusterId } from '../../shared/core/model.ts';
import { nodeExporter } from '../core/sample-record.ts';
import { emrCalls, MINUTE, sample, SECOND, world, type World } from '../fakes/world.ts';

const group = { instanceType: 'm5.xlarge', market: 'ON_DEMAND' } as const;
const MASTERS = { ...group, role: 'MASTER', count: 3 } as const;
const rolesOf = async ({ targets }: Pick<World, 'targets'>, id: ClusterId) =>
  (await targets(id))?.map(({ labels }) => labels['cluster_role']).toSorted();

test('a cluster of fleets with three masters has every node as a target of its own role, and asks for the roles once', async () => {
  const here = world();
  const id = await here.launch({
    collection: 'INSTANCE_FLEET',
    groups: [
      MASTERS,
      { ...group, role: 'CORE', count: 2, otherTypes: ['m6g.xlarge'] },
      { ...group, role: 'TASK', count: 1 },
    ],
  });
  const calls = await here.callsOf(() => here.sweepFor(3 * MINUTE));
  expect(await rolesOf(here, id)).toEqual(['CORE', 'CORE', 'MASTER', 'MASTER', 'MASTER', 'TASK']);
  here.account.emr.resize(here.account.emr.groups(id)[1]?.id ?? 'if-', 3);
  const more = await here.callsOf(() => here.sweepFor(3 * MINUTE));
  expect(await rolesOf(here, id)).toEqual(['CORE', 'CORE', 'CORE', 'MASTER', 'MASTER', 'MASTER', 'TASK']);
  expect([calls['ListInstanceFleets'], more['ListInstanceFleets']]).toEqual([1, undefined]);
});

test('a cluster whose bootstrap fails never has an order or a target, and leaves nothing but ended/', async () => {
  const { account, clock, deliver: ring, keys, sweep, sweepFor, targets } = world();
  const id = account.emr.launch({ name: 'etl', groups: [MASTERS], bootstrapFails: true });
  await clock.advance(3 * SECOND);
  await sweep();
  expect(keys()).toEqual([]); // it is starting: there is nothing to do yet
  await ring(sample('emr-cluster-starting', { clusterId: id }));
  expect(keys()).toEqual([`clusters/${id}.json`]);
  await sweepFor(3 * MINUTE);
  expect([keys(), await targets(id), account.commands.commands()]).toEqual([[`ended/${id}.json`], undefined, []]);
});

test('a cluster that came and went before anybody looked leaves nothing, and is asked about once by each doorbell', async () => {
  const { account, callsOf, clock, deliver: ring, keys, launch, sweepFor } = world();
  const id = await launch();
  account.emr.terminate(id);
  await clock.advance(20 * SECOND);
  expect(emrCalls(await callsOf(() => sweepFor(30 * MINUTE)))).toBe(0);
  const end = sample('emr-cluster-terminated-user-request', { clusterId: id });
  expect(emrCalls(await callsOf(() => ring(end)))).toBe(1);
  expect(keys()).toEqual([]);
});

test('nodes that managed scaling adds and takes away come and go as targets, with no event', async () => {
  const { account, launch, nodes, sweepFor, targets } = world();
  const id = await launch({
    groups: [
      { ...MASTERS, count: 1 },
      { ...group, role: 'TASK', count: 1 },
    ],
  });
  await sweepFor(3 * MINUTE);
  const tasks = account.emr.groups(id)[1]?.id ?? 'ig-';
  for (const count of [5, 2, 7, 0]) {
    account.emr.resize(tasks, count, 'managed scaling');
    await sweepFor(3 * MINUTE);
    expect((await targets(id))?.map(({ labels }) => labels['instance']).toSorted()).toEqual(nodes(id).toSorted());
    expect(nodes(id)).toHaveLength(1 + count);
  }
});

test('a node that is replaced gives its place to another, which gets the exporter', async () => {
  const { account, launch, nodes, sweepFor, targets } = world();
  const id = await launch({
    groups: [
      { ...MASTERS, count: 1 },
      { ...group, role: 'CORE', count: 2 },
    ],
  });
  await sweepFor(3 * MINUTE);
  const [, lost = 'i-'] = nodes(id);
  account.emr.findUnhealthy(lost);
  await sweepFor(3 * MINUTE);
  const listed = (await targets(id))?.map(({ labels }) => labels['instance']);
  expect(listed).not.toContain(lost);
  expect(listed?.toSorted()).toEqual(nodes(id).toSorted());
  expect(listed).toHaveLength(3);
});

test('a node that goes back to bootstrapping keeps its target, and is told nothing before it runs again', async () => {
  const { account, clock, deliver: ring, deploy, launch, nodes, sweep, sweepFor, targets } = world();
  const id = await launch({ groups: [{ ...MASTERS, count: 1 }] });
  await sweepFor(3 * MINUTE);
  const [node = 'i-'] = nodes(id);
  const next = deploy({ exporters: [{ ...nodeExporter, version: '1.13.0', revision: 'r3' }] });
  account.emr.rebootstrap(node);
  await ring(sample('emr-instance-group-running', { clusterId: id }));
  await sweep(next);
  expect(account.emr.instances(id)).toMatchObject([{ state: 'BOOTSTRAPPING' }]);
  expect([account.commands.commands().length, (await targets(id))?.length]).toEqual([1, 1]);
  await clock.advance(10 * SECOND);
  await sweepFor(5 * MINUTE, next);
  expect([account.commands.commands().length, (await targets(id))?.length]).toEqual([2, 1]);
});

test('two sweeps at the same time order nothing twice, for new nodes and in a rollout', async () => {
  const { account, clock, container, deploy, launch, sweep, sweepFor, targets } = world();
  const id = await launch({
    groups: [
      { ...MASTERS, count: 1 },
      { ...group, role: 'CORE', count: 3 },
    ],
  });
  await Promise.all([sweep(), sweep(container({}, 'sweep'))]);
  expect(account.commands.commands()).toHaveLength(1);
  await sweepFor(3 * MINUTE);
  const next = { exporters: [{ ...nodeExporter, version: '1.13.0', revision: 'r3' }] };
  const [one, other] = [deploy(next), deploy(next)];
  for (let minute = 0; minute < 10; minute += 1) {
    await clock.advance(MINUTE);
    await Promise.all([sweep(one), sweep(other)]);
  }
  const upgrades = account.commands.commands().slice(0, -1);
  expect(upgrades.map(({ nodes }) => nodes.length)).toEqual([1, 1, 1, 1]);
  expect(new Set(upgrades.flatMap(({ nodes }) => nodes)).size).toBe(4);
  expect(await targets(id)).toHaveLength(4);
});
