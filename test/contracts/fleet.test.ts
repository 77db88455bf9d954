import { describe, expect, test } from 'vitest';
import type { InstanceId } from '../../shared/core/model.ts';
import { FACES, type World } from './account.ts';

const STRANGER = 'i-0123456789abcdef0';
const RUNNING = 5000;

/** Instances of EMR's, and their cluster. */
async function nodes({ account, clock }: World, count: number, instanceType = 'm6g.xlarge') {
  const cluster = account.compute.emr.launch({
    name: 'etl',
    groups: [
      { role: 'MASTER', instanceType, market: 'ON_DEMAND', count: 1 },
      { role: 'CORE', instanceType, market: 'SPOT', count },
    ],
  });
  await clock.advance(RUNNING);
  return {
    cluster,
    ids: account.compute.emr.instances(cluster).flatMap(({ ec2 }): InstanceId[] => (ec2 ? [ec2.id] : [])),
  };
}

describe.each(FACES)('Fleet: %s', (_name, open) => {
  test.each([
    ['m6g.xlarge', 'arm64'],
    ['m5.xlarge', 'amd64'],
  ])('an EMR node of type %s is %s, with state, zone and cluster', async (instanceType, arch) => {
    const world = await open();
    const { ids, cluster } = await nodes(world, 1, instanceType);
    const zone = world.account.compute.ec2.instance(ids[0] ?? 'i-')?.zone;
    const found = await world.ports.fleet.instances(ids.slice(0, 1));
    expect(found.get(ids[0] ?? 'i-')).toEqual({ id: ids[0], state: 'running', zone, arch, clusterId: cluster });
  });

  test('an instance that is not EMR’s has no cluster', async () => {
    const world = await open();
    const { id } = world.account.compute.ec2.launch({
      instanceType: 'm5.xlarge',
      market: 'ON_DEMAND',
      tags: { Name: 'web' },
    });
    expect((await world.ports.fleet.instances([id])).get(id)).not.toHaveProperty('clusterId');
  });

  test('every id that was asked for has its entry, ids that EC2 does not know among them', async () => {
    const world = await open();
    const { ids } = await nodes(world, 230);
    const asked: readonly InstanceId[] = [...ids, STRANGER, 'i-01234567'];
    const found = await world.ports.fleet.instances(asked);
    expect([...found.keys()].toSorted()).toEqual([...asked].toSorted());
    expect(
      [...found.values()]
        .filter(({ state }) => state === 'notFound')
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(['i-01234567', STRANGER]);
  });

  test('an id of no form that EC2 has is nobody', async () => {
    const world = await open();
    const { ids } = await nodes(world, 1);
    const found = await world.ports.fleet.instances(['i-xyz', ...ids]);
    expect([...found.values()].map(({ state }) => state).toSorted()).toEqual(['notFound', 'running', 'running']);
  });

  test('an instance that EC2 ends is shutting down, then terminated', async () => {
    const world = await open();
    const { ids } = await nodes(world, 1);
    const id = ids[0] ?? 'i-';
    const state = async () => (await world.ports.fleet.instances([id])).get(id)?.state;
    world.account.compute.ec2.shutDown(id);
    expect(await state()).toBe('shutting-down');
    await world.clock.advance(RUNNING);
    expect(await state()).toBe('terminated');
  });

  test('nobody asked, nobody found', async () => {
    const { ports } = await open();
    expect(await ports.fleet.instances([])).toEqual(new Map());
  });

  test.each([
    ['throttled', { kind: 'error', status: 503, code: 'RequestLimitExceeded' }, 'UnavailableError'],
    ['cut off half-way', { kind: 'half' }, 'UnavailableError'],
    ['denied', { kind: 'error', status: 403, code: 'UnauthorizedOperation' }, 'ConfigError'],
  ] as const)('an answer that stays %s says nothing about any node', async (_what, fault, name) => {
    const world = await open();
    const { ids } = await nodes(world, 1);
    world.account.faults.arm(fault, { operation: 'DescribeInstances', times: 9 });
    await expect(world.ports.fleet.instances(ids)).rejects.toMatchObject({ name });
  });
});
