import { describe, expect, test } from 'vitest';
import type { ClusterId, InstanceId } from '../../shared/core/model.ts';
import { FACES, type World } from './account.ts';

const RUNNING = 5000;
const STRANGER = 'i-0123456789abcdef0';

async function cluster({ account, clock }: World, cores: number, tags: Readonly<Record<string, string>> = {}) {
  const id = account.compute.emr.launch({
    name: 'etl',
    tags,
    groups: [
      { role: 'MASTER', instanceType: 'm5.xlarge', market: 'ON_DEMAND', count: 1 },
      { role: 'CORE', instanceType: 'm6g.xlarge', market: 'SPOT', count: cores },
    ],
  });
  await clock.advance(RUNNING);
  const nodes = account.compute.emr.instances(id).flatMap(({ ec2 }): InstanceId[] => (ec2 ? [ec2.id] : []));
  return { id, nodes };
}

const membersOf = (members: ReadonlyMap<InstanceId, ClusterId>, id: ClusterId): readonly InstanceId[] =>
  [...members].flatMap(([node, owner]) => (owner === id ? [node] : [])).toSorted();

describe.each(FACES)('Fleet, all of it at once: %s', (_name, open) => {
  test('every node of every cluster is a member of it, over all pages, and no other instance is of any', async () => {
    const world = await open();
    const big = await cluster(world, 1100);
    const small = await cluster(world, 1);
    world.account.compute.ec2.launch({ instanceType: 'm5.xlarge', market: 'ON_DEMAND', tags: { Name: 'web' } });
    const members = await world.ports.fleet.members();
    expect(membersOf(members, big.id)).toEqual(big.nodes.toSorted());
    expect(membersOf(members, small.id)).toEqual(small.nodes.toSorted());
    expect(members.size).toBe(big.nodes.length + small.nodes.length);
    expect([...(await world.ports.fleet.members(small.id)).keys()]).toEqual(small.nodes);
  });

  test('the members of one cluster are its nodes only, and those of an unknown one are nobody', async () => {
    const world = await open();
    const [one, other] = [await cluster(world, 2), await cluster(world, 1)];
    const { fleet } = world.ports;
    expect(membersOf(await fleet.members(one.id), one.id)).toEqual(one.nodes.toSorted());
    expect((await fleet.members(other.id)).size).toBe(other.nodes.length);
    expect(await fleet.members('j-NOSUCHCLUSTER')).toEqual(new Map());
  });

  test('a node that has ended stays a member for a while: only its state says that it is gone', async () => {
    const world = await open();
    const { id, nodes } = await cluster(world, 1);
    const lost = nodes[1] ?? 'i-';
    world.account.compute.ec2.shutDown(lost);
    await world.clock.advance(RUNNING);
    expect((await world.ports.fleet.members()).get(lost)).toBe(id);
    expect((await world.ports.fleet.instances([lost])).get(lost)?.state).toBe('terminated');
  });

  test('the members of an empty account are nobody', async () => {
    const { fleet } = (await open()).ports;
    expect(await fleet.members()).toEqual(new Map());
    expect(await fleet.leavers()).toEqual(new Map());
  });

  test('a node that EC2 ends is a leaver, first shutting down, then terminated; the others are not', async () => {
    const world = await open();
    const { id, nodes } = await cluster(world, 2);
    const lost = nodes[1] ?? 'i-';
    expect(await world.ports.fleet.leavers()).toEqual(new Map());
    world.account.compute.ec2.shutDown(lost);
    expect([...(await world.ports.fleet.leavers()).values()]).toMatchObject([
      { id: lost, state: 'shutting-down', clusterId: id },
    ]);
    await world.clock.advance(RUNNING);
    const leavers = await world.ports.fleet.leavers();
    expect([...leavers.values()]).toMatchObject([{ id: lost, state: 'terminated', clusterId: id }]);
    expect(leavers).toEqual(await world.ports.fleet.instances([lost]));
  });

  test('an instance that was never EMR’s is no leaver when it ends', async () => {
    const world = await open();
    const web = world.account.compute.ec2.launch({ instanceType: 'm5.xlarge', market: 'ON_DEMAND', tags: {} });
    world.account.compute.ec2.shutDown(web.id);
    expect(await world.ports.fleet.leavers()).toEqual(new Map());
  });

  test('the tags of instances are those of the keys asked for; each id has its entry', async () => {
    const world = await open();
    const { nodes } = await cluster(world, 1, { Service: 'etl', Project: 'rocket', Secret: 'x' });
    const plain = await cluster(world, 1);
    const [tagged = 'i-', untagged = 'i-'] = [nodes[0], plain.nodes[0]];
    expect(await world.ports.fleet.tags([tagged, untagged, STRANGER], ['Service', 'Project', 'Team'])).toEqual(
      new Map([
        [tagged, { Service: 'etl', Project: 'rocket' }],
        [untagged, {}],
        [STRANGER, {}],
      ]),
    );
  });

  test('tags of nobody, or of no key, are nothing; of more than 200 instances they are a mistake', async () => {
    const world = await open();
    const { nodes } = await cluster(world, 200, { Service: 'etl' });
    const { fleet } = world.ports;
    expect(await fleet.tags([], ['Service'])).toEqual(new Map());
    expect(await fleet.tags(nodes.slice(0, 1), [])).toEqual(new Map([[nodes[0], {}]]));
    expect((await fleet.tags(nodes.slice(0, 200), ['Service'])).size).toBe(200);
    await expect(fleet.tags(nodes, ['Service'])).rejects.toThrow(RangeError);
  });

  test.each([
    ['members', 'DescribeTags'],
    ['leavers', 'DescribeInstances'],
  ] as const)(
    'half of the %s is never answered: a page that fails fails the call',
    async (list, operation) => {
      const world = await open();
      const { nodes } = await cluster(world, 1001);
      if (list === 'leavers') for (const node of nodes) world.account.compute.ec2.shutDown(node);
      await world.clock.advance(RUNNING); // ended instances are less XML
      const denied = { kind: 'error', status: 403, code: 'UnauthorizedOperation' } as const;
      world.account.faults.arm(denied, { operation, skip: 1 });
      await expect(world.ports.fleet[list]()).rejects.toMatchObject({ name: 'ConfigError', retryable: false });
    },
    30_000,
  ); // a page is a thousand instances: megabytes of XML on a busy machine

  test.each([
    ['throttled', { kind: 'error', status: 503, code: 'RequestLimitExceeded' }],
    ['cut off half-way', { kind: 'half' }],
    ['lost on its way', { kind: 'lost' }],
  ] as const)('an answer that stays %s is worth a retry later', async (_what, fault) => {
    const world = await open();
    await cluster(world, 1);
    world.account.faults.arm(fault, { operation: 'DescribeTags', times: 9 });
    await expect(world.ports.fleet.members()).rejects.toMatchObject({ name: 'UnavailableError', retryable: true });
  });
});
