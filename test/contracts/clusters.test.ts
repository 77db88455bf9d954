import { describe, expect, test } from 'vitest';
import type { GroupRequest, LaunchSpec } from '../../sandbox/account/emr-model.ts';
import { FACES, type World } from './account.ts';

const MASTER: GroupRequest = { role: 'MASTER', instanceType: 'm5.xlarge', market: 'ON_DEMAND', count: 1 };
const CORE: GroupRequest = { role: 'CORE', instanceType: 'm6g.xlarge', market: 'SPOT', count: 2 };
const READY = 10_000;

async function running({ account, clock }: World, spec: Partial<LaunchSpec> = {}) {
  const id = account.compute.emr.launch({ name: 'etl', tags: { Service: 'etl' }, groups: [MASTER, CORE], ...spec });
  await clock.advance(READY);
  return id;
}

describe.each(FACES)('Clusters: %s', (_name, open) => {
  test('lists the clusters in the states asked for, over all pages, each with its state', async () => {
    const world = await open();
    const ids = Array.from({ length: 55 }, () => world.account.compute.emr.launch({ name: 'etl', groups: [MASTER] }));
    const starting = ['STARTING', 'BOOTSTRAPPING', 'TERMINATING'] as const;
    const listed = await world.ports.clusters.list(starting);
    expect([...listed.keys()].toSorted()).toEqual(ids.toSorted());
    expect(new Set(listed.values())).toEqual(new Set(['STARTING']));
    await world.clock.advance(READY);
    expect(await world.ports.clusters.list(starting)).toEqual(new Map());
    expect((await world.ports.clusters.list(['RUNNING', 'WAITING'])).size).toBe(55);
  });

  test('lists an ended cluster among the ended ones only', async () => {
    const world = await open();
    const id = await running(world);
    world.account.compute.emr.terminate(id);
    await world.clock.advance(READY);
    const { clusters } = world.ports;
    expect(await clusters.list(['STARTING', 'BOOTSTRAPPING', 'RUNNING', 'WAITING', 'TERMINATING'])).toEqual(new Map());
    expect(await clusters.list(['TERMINATED', 'TERMINATED_WITH_ERRORS'])).toEqual(new Map([[id, 'TERMINATED']]));
  });

  test('lists no cluster when no state is asked for', async () => {
    const world = await open();
    await running(world);
    expect(await world.ports.clusters.list([])).toEqual(new Map());
  });

  test('every call to EMR is spent, each page of a list too, and nothing else is', async () => {
    const world = await open();
    const id = await running(world, { groups: [MASTER, { ...CORE, count: 250 }] });
    const fleets = await running(world, { collection: 'INSTANCE_FLEET' });
    const { clusters, fleet, commands } = world.ports;
    await clusters.roles(await clusters.describe(id));
    expect(world.spent).toEqual(['DescribeCluster', 'ListInstanceGroups']);
    const nodes = await clusters.nodes(id);
    expect(world.spent.slice(2)).toEqual(['ListInstances', 'ListInstances', 'ListInstances']);
    await clusters.roles(await clusters.describe(fleets));
    await clusters.list(['WAITING']);
    await fleet.instances(nodes.map((node) => node.id).slice(0, 5));
    await fleet.members();
    await commands.online(nodes.map((node) => node.id).slice(0, 5));
    expect(world.spent.slice(5)).toEqual(['DescribeCluster', 'ListInstanceFleets', 'ListClusters']);
  });

  test('a call that EMR refuses is spent too', async () => {
    const world = await open();
    const id = await running(world);
    world.account.faults.arm(
      { kind: 'error', status: 400, code: 'ThrottlingException' },
      { operation: 'DescribeCluster', times: 9 },
    );
    await expect(world.ports.clusters.describe(id)).rejects.toMatchObject({ name: 'UnavailableError' });
    expect(new Set(world.spent)).toEqual(new Set(['DescribeCluster']));
  });

  test('describes a cluster by what its labels need', async () => {
    const world = await open();
    const id = await running(world, { releaseLabel: 'emr-7.1.0' });
    expect(await world.ports.clusters.describe(id)).toEqual({
      id,
      name: 'etl',
      state: 'WAITING',
      releaseLabel: 'emr-7.1.0',
      collection: 'INSTANCE_GROUP',
      accountId: '123456789012',
      region: 'us-east-1',
      tags: { Service: 'etl' },
    });
  });

  test('still describes a cluster that has ended: that is the positive evidence', async () => {
    const world = await open();
    const id = await running(world);
    world.account.compute.emr.terminate(id);
    await world.clock.advance(READY);
    expect(await world.ports.clusters.describe(id)).toMatchObject({ state: 'TERMINATED' });
  });

  test('a cluster id that EMR does not know is an UnknownClusterError, not worth a retry', async () => {
    const { clusters } = (await open()).ports;
    const unknown = { name: 'UnknownClusterError', retryable: false };
    await expect(clusters.describe('j-NOSUCHCLUSTER')).rejects.toMatchObject(unknown);
    await expect(clusters.nodes('j-NOSUCHCLUSTER')).rejects.toMatchObject(unknown);
  });

  test.each(['INSTANCE_GROUP', 'INSTANCE_FLEET'] as const)('every node has a role by its %s', async (collection) => {
    const world = await open();
    const id = await running(world, { collection });
    const { clusters } = world.ports;
    const roles = await clusters.roles(await clusters.describe(id));
    const nodes = await clusters.nodes(id);
    expect(nodes.map(({ collectionId }) => String(roles.get(collectionId))).toSorted()).toEqual([
      'CORE',
      'CORE',
      'MASTER',
    ]);
  });

  test('says of a node what its target needs', async () => {
    const world = await open();
    const id = await running(world, { groups: [MASTER] });
    const [instance] = world.account.compute.emr.instances(id);
    expect(await world.ports.clusters.nodes(id)).toEqual([
      {
        id: instance?.ec2?.id,
        state: 'RUNNING',
        address: instance?.ec2?.address,
        dnsName: instance?.ec2?.dnsName,
        instanceType: 'm5.xlarge',
        market: 'ON_DEMAND',
        collectionId: instance?.groupId,
      },
    ]);
  });

  test('lists every node that has not ended, over all pages', async () => {
    const world = await open();
    const id = await running(world, { groups: [MASTER, { ...CORE, count: 250 }] });
    const ids = world.account.compute.emr.instances(id).map(({ ec2 }) => ec2?.id);
    expect((await world.ports.clusters.nodes(id)).map((node) => node.id)).toEqual(ids);
    expect(new Set(ids).size).toBe(251);
  });

  test('a node that ended is no longer listed', async () => {
    const world = await open();
    const id = await running(world);
    const [, lost] = await world.ports.clusters.nodes(id);
    world.account.compute.emr.replaceNode(lost?.id ?? 'i-');
    await world.clock.advance(READY);
    const ids = (await world.ports.clusters.nodes(id)).map((node) => node.id);
    expect(ids).toHaveLength(3);
    expect(ids).not.toContain(lost?.id);
  });

  test('a node that EC2 has not given yet is not listed yet', async () => {
    const world = await open();
    const id = world.account.compute.emr.launch({ name: 'etl', groups: [MASTER] });
    expect(world.account.compute.emr.instances(id)).toMatchObject([{ state: 'AWAITING_FULFILLMENT' }]);
    expect(await world.ports.clusters.nodes(id)).toEqual([]);
  });

  test('half a list is never answered: a page that fails fails the call', async () => {
    const world = await open();
    const id = await running(world, { groups: [MASTER, { ...CORE, count: 150 }] });
    const denied = { kind: 'error', status: 400, code: 'AccessDeniedException' } as const;
    world.account.faults.arm(denied, { operation: 'ListInstances', skip: 1 });
    await expect(world.ports.clusters.nodes(id)).rejects.toMatchObject({ name: 'ConfigError', retryable: false });
  });

  test.each([
    ['throttled', { kind: 'error', status: 400, code: 'ThrottlingException' }],
    ['failing on their side', { kind: 'error', status: 500, code: 'InternalServerException' }],
    ['cut off half-way', { kind: 'half' }],
    ['lost on its way', { kind: 'lost' }],
  ] as const)('an answer that stays %s is worth a retry later', async (_what, fault) => {
    const world = await open();
    const id = await running(world);
    world.account.faults.arm(fault, { operation: 'ListInstances', times: 9 });
    await expect(world.ports.clusters.nodes(id)).rejects.toMatchObject({ name: 'UnavailableError', retryable: true });
  });
});
