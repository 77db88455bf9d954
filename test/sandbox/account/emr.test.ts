import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import type { BusEvent } from '../../../sandbox/account/events.ts';
import type { EmrGroup } from '../../../sandbox/account/emr-model.ts';
import type { ClusterId, Role } from '../../../shared/core/model.ts';
import { CORE, launch, LAUNCHED, MASTER, virtualAccount, waiting } from './compute-fixture.ts';

type Account = Awaited<ReturnType<typeof virtualAccount>>;

const told = ({ events }: Account, source = 'aws.emr'): string[] =>
  events.filter((event) => event.source === source).map(({ detail }) => String((detail as { state?: string }).state));

const groupOf = ({ compute: { emr } }: Account, id: ClusterId, role: Role): EmrGroup => {
  const found = emr.groups(id).find((group) => group.role === role);
  if (found === undefined) throw new Error(`no ${role} group`);
  return found;
};

const nodeStates = ({ compute: { emr } }: Account, id: ClusterId): string[] =>
  emr.instances(id).map(({ state }) => state);

/** The names of a sample's fields and of its detail's: what an event of that kind looks like. */
const shapeOf = (event: Readonly<Record<string, unknown>>): unknown => ({
  envelope: Object.keys(event).sort(),
  detail: Object.entries(event['detail'] as object)
    .map(([name, value]) => `${name}: ${typeof value}`)
    .sort(),
});

const sample = async (file: string): Promise<Readonly<Record<string, unknown>>> =>
  JSON.parse(await readFile(`events/${file}.json`, 'utf8')) as Readonly<Record<string, unknown>>;

describe('a cluster', () => {
  test('goes through its states with its nodes, and tells of all but BOOTSTRAPPING', async () => {
    await using account = await virtualAccount();
    const id = launch(account, { groups: [{ ...MASTER, count: 3 }, CORE] });
    const state = (): string | undefined => account.compute.emr.cluster(id)?.state;
    const seen = [[state(), ...new Set(nodeStates(account, id))]];
    for (const ms of [1000, 2000, 2000, 1000]) {
      await account.clock.advance(ms);
      seen.push([state(), ...new Set(nodeStates(account, id))]);
    }
    expect(seen).toEqual([
      ['STARTING', 'AWAITING_FULFILLMENT'],
      ['STARTING', 'PROVISIONING'],
      ['BOOTSTRAPPING', 'BOOTSTRAPPING'],
      ['RUNNING', 'RUNNING'],
      ['WAITING', 'RUNNING'],
    ]);
    expect(nodeStates(account, id)).toHaveLength(4);
    expect(told(account)).toEqual(['STARTING', 'RUNNING', 'WAITING']);
  });

  test('that the user ends has TERMINATED as its last state, once every node is gone', async () => {
    await using account = await virtualAccount();
    const { id } = await waiting(account);
    account.compute.emr.terminate(id);
    expect([account.compute.emr.cluster(id)?.state, ...nodeStates(account, id)]).toEqual([
      'TERMINATING',
      'RUNNING',
      'RUNNING',
    ]);
    await account.clock.advance(1000);
    expect(account.compute.emr.cluster(id)).toMatchObject({ state: 'TERMINATED', reason: 'USER_REQUEST' });
    expect(nodeStates(account, id)).toEqual(['TERMINATED', 'TERMINATED']);
    expect(told(account).slice(3)).toEqual(['TERMINATED']);
  });

  test('whose bootstrap fails ends with errors, and no node comes up afterwards', async () => {
    await using account = await virtualAccount();
    const id = launch(account);
    await account.clock.advance(3500);
    account.compute.emr.terminate(id, 'BOOTSTRAP_FAILURE');
    await account.clock.advance(60_000);
    expect(account.compute.emr.cluster(id)?.state).toBe('TERMINATED_WITH_ERRORS');
    expect(nodeStates(account, id)).toEqual(['TERMINATED', 'TERMINATED']);
    expect(account.events.at(-1)).toMatchObject({ detail: { severity: 'CRITICAL', state: 'TERMINATED_WITH_ERRORS' } });
    expect(account.compute.ec2.instances().map(({ state }) => state)).toEqual(['terminated', 'terminated']);
  });

  test('ended before EC2 gave anything never has an instance', async () => {
    await using account = await virtualAccount();
    const id = launch(account);
    account.compute.emr.terminate(id);
    await account.clock.advance(60_000);
    expect(account.compute.emr.cluster(id)?.state).toBe('TERMINATED');
    expect(account.compute.ec2.instances()).toEqual([]);
  });

  test('that is transient ends when its steps are done', async () => {
    await using account = await virtualAccount();
    const { id } = await waiting(account, { transient: true });
    await account.clock.advance(1000);
    expect(account.compute.emr.cluster(id)).toMatchObject({ state: 'TERMINATED', reason: 'ALL_STEPS_COMPLETED' });
  });
});

describe('a group', () => {
  test('that grows is RESIZING until its new nodes run', async () => {
    await using account = await virtualAccount();
    const { id } = await waiting(account);
    account.compute.emr.resize(groupOf(account, id, 'CORE').id, 3);
    await account.clock.advance(4999);
    expect(groupOf(account, id, 'CORE').state).toBe('RESIZING');
    await account.clock.advance(1);
    expect(groupOf(account, id, 'CORE')).toMatchObject({ state: 'RUNNING', requested: 3 });
    expect(nodeStates(account, id)).toEqual(['RUNNING', 'RUNNING', 'RUNNING', 'RUNNING']);
    expect(told(account).slice(3)).toEqual(['RESIZING', 'RUNNING']);
  });

  test('that shrinks lets its youngest nodes go after YARN did, and EMR calls them RUNNING until EC2 ended them', async () => {
    await using account = await virtualAccount();
    const { id, nodes } = await waiting(account, { groups: [MASTER, { ...CORE, count: 2 }] });
    account.compute.emr.resize(groupOf(account, id, 'CORE').id, 1);
    await account.clock.advance(3500);
    expect(account.compute.ec2.instance(nodes[2] ?? 'i-')?.state).toBe('shutting-down');
    expect(nodeStates(account, id)).toEqual(['RUNNING', 'RUNNING', 'RUNNING']);
    expect(groupOf(account, id, 'CORE').state).toBe('RESIZING');
    await account.clock.advance(500);
    expect(nodeStates(account, id)).toEqual(['RUNNING', 'RUNNING', 'TERMINATED']);
    expect(told(account).slice(3)).toEqual(['RESIZING', 'RUNNING']);
  });

  test.each([
    [true, ['RUNNING', 'TERMINATED', 'RUNNING'], 1],
    [false, ['RUNNING', 'TERMINATED'], 0],
  ])('that loses a node replaces it: %s', async (replacement, states, requested) => {
    await using account = await virtualAccount();
    const { id, nodes } = await waiting(account);
    account.compute.emr.replaceNode(nodes[1] ?? 'i-', { replacement });
    await account.clock.advance(LAUNCHED);
    expect(nodeStates(account, id)).toEqual(states);
    expect(groupOf(account, id, 'CORE')).toMatchObject({ requested, state: 'RUNNING' });
  });

  test('that loses a spot node is warned two minutes before', async () => {
    await using account = await virtualAccount();
    const { id, nodes } = await waiting(account);
    const node = nodes[1] ?? 'i-';
    account.compute.emr.loseSpot(node);
    const warning = await sample('ec2-spot-interruption-warning-terminate');
    expect(shapeOf(account.events.at(-1) ?? {})).toEqual(shapeOf(warning));
    expect(account.events.at(-1)?.['resources']).toEqual([`arn:aws:ec2:us-east-1a:instance/${node}`]);
    await account.clock.advance(119_999);
    expect(account.compute.ec2.instance(node)?.state).toBe('running');
    await account.clock.advance(LAUNCHED);
    expect(nodeStates(account, id)).toEqual(['RUNNING', 'TERMINATED', 'RUNNING']);
  });

  test('is RESIZING too when somebody ends one of its nodes in EC2', async () => {
    await using account = await virtualAccount();
    const { id, nodes } = await waiting(account);
    account.compute.ec2.shutDown(nodes[1] ?? 'i-');
    expect(groupOf(account, id, 'CORE').state).toBe('RESIZING');
  });
});

test('a fleet tells WAITING where the API says RUNNING', async () => {
  await using account = await virtualAccount();
  const { id } = await waiting(account, { collection: 'INSTANCE_FLEET' });
  expect(groupOf(account, id, 'CORE').state).toBe('RUNNING');
  expect(told(account)).toEqual(['STARTING', 'WAITING', 'WAITING', 'RUNNING', 'WAITING']);
});

test('ids have the shapes of AWS', async () => {
  await using account = await virtualAccount();
  const { id, nodes } = await waiting(account);
  const [node] = account.compute.emr.instances(id);
  expect(id).toMatch(/^j-[A-Z0-9]{13}$/);
  expect(nodes[0]).toMatch(/^i-[0-9a-f]{17}$/);
  expect(node?.id).toMatch(/^ci-[A-Z0-9]{12}$/);
  expect(node?.groupId).toMatch(/^ig-[A-Z0-9]{12}$/);
});

const FLEET = { collection: 'INSTANCE_FLEET' as const };
const isCluster = ({ detail }: BusEvent, state: string): boolean =>
  (detail as { state: string; name?: string }).state === state && 'name' in (detail as object);
const isPart = ({ detail }: BusEvent, state: string): boolean =>
  (detail as { state: string; name?: string }).state === state && !('name' in (detail as object));

test.each<[string, object, (event: BusEvent) => boolean]>([
  ['emr-cluster-starting', {}, (event) => isCluster(event, 'STARTING')],
  ['emr-cluster-running', {}, (event) => isCluster(event, 'RUNNING')],
  ['emr-cluster-waiting', {}, (event) => isCluster(event, 'WAITING')],
  ['emr-cluster-terminated-user-request', {}, (event) => isCluster(event, 'TERMINATED')],
  ['emr-instance-group-scale-in-complete', {}, (event) => isPart(event, 'RUNNING') && event.source === 'aws.emr'],
  ['emr-instance-fleet-resizing-started', FLEET, (event) => isPart(event, 'RESIZING')],
  ['emr-instance-fleet-waiting-provisioned', FLEET, (event) => isPart(event, 'WAITING')],
  ['ec2-instance-state-running', {}, (event) => isPart(event, 'running')],
  ['ec2-instance-state-shutting-down', {}, (event) => isPart(event, 'shutting-down')],
])('events have the fields of the sample %s', async (file, spec, isWanted) => {
  await using account = await virtualAccount();
  const { id } = await waiting(account, spec);
  account.compute.emr.resize(groupOf(account, id, 'CORE').id, 2);
  await account.clock.advance(LAUNCHED);
  account.compute.emr.terminate(id);
  await account.clock.advance(LAUNCHED);
  const event = account.events.find(isWanted);
  const wanted = await sample(file);
  expect(shapeOf(event ?? {})).toEqual(shapeOf(wanted));
  expect(event?.['detail-type']).toBe(wanted['detail-type']);
});
