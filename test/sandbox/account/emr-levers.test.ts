import { readFile } from 'node:fs/promises';
import {
  DescribeClusterCommand,
  EMRClient,
  ListInstanceFleetsCommand,
  ListInstancesCommand,
} from '@aws-sdk/client-emr';
import { describe, expect, test } from 'vitest';
import { CORE, launch, LAUNCHED, MASTER, virtualAccount, waiting } from './compute-fixture.ts';

type Account = Awaited<ReturnType<typeof virtualAccount>>;

const details = ({ events }: Account, detailType: string): readonly Record<string, unknown>[] =>
  events.flatMap((event) => (event['detail-type'] === detailType ? [event['detail'] as Record<string, unknown>] : []));
const states = (account: Account, detailType: string): readonly unknown[] =>
  details(account, detailType).map(({ state }) => state);
const nodeStates = ({ compute: { emr } }: Account, id: `j-${string}`): readonly string[] =>
  emr.instances(id).map(({ state }) => state);
const fields = (detail: object | undefined): readonly string[] => Object.keys(detail ?? {}).toSorted();

async function inferred(file: string): Promise<object> {
  const event = JSON.parse(await readFile(`events/inferred/${file}.json`, 'utf8')) as { readonly detail: object };
  return event.detail;
}

describe('a master', () => {
  test('that is one of three is replaced, and the cluster goes on', async () => {
    await using account = await virtualAccount();
    const { id, nodes } = await waiting(account, { groups: [{ ...MASTER, count: 3 }, CORE] });
    account.compute.ec2.shutDown(nodes[0] ?? 'i-');
    await account.clock.advance(LAUNCHED);
    expect(account.compute.emr.cluster(id)?.state).toBe('WAITING');
    expect(nodeStates(account, id)).toEqual(['TERMINATED', 'RUNNING', 'RUNNING', 'RUNNING', 'RUNNING']);
  });

  test('that was the only one takes the cluster with it', async () => {
    await using account = await virtualAccount();
    const { id, nodes } = await waiting(account);
    account.compute.ec2.shutDown(nodes[0] ?? 'i-');
    await account.clock.advance(LAUNCHED);
    const ended = { state: 'TERMINATED_WITH_ERRORS', reason: 'INSTANCE_FAILURE' };
    expect(account.compute.emr.cluster(id)).toMatchObject(ended);
    expect(nodeStates(account, id)).toEqual(['TERMINATED', 'TERMINATED']);
  });
});

test('a cluster whose bootstrap action fails ends with errors and has never been RUNNING', async () => {
  await using account = await virtualAccount();
  const { id } = await waiting(account, { bootstrapFails: true });
  await account.clock.advance(60_000);
  const reason = 'BOOTSTRAP_FAILURE';
  expect(account.compute.emr.cluster(id)).toMatchObject({ state: 'TERMINATED_WITH_ERRORS', reason });
  expect(account.compute.emr.instances(id).every(({ readyAt }) => readyAt === undefined)).toBe(true);
  expect(states(account, 'EMR Cluster State Change')).toEqual(['STARTING', 'TERMINATED_WITH_ERRORS']);
});

test('a node goes back to BOOTSTRAPPING and returns, and EMR tells nobody', async () => {
  await using account = await virtualAccount();
  const { id, nodes } = await waiting(account);
  const told = account.events.length;
  account.compute.emr.rebootstrap(nodes[1] ?? 'i-');
  expect(nodeStates(account, id)).toEqual(['RUNNING', 'BOOTSTRAPPING']);
  await account.clock.advance(2000);
  expect(nodeStates(account, id)).toEqual(['RUNNING', 'RUNNING']);
  expect(account.events).toHaveLength(told);
});

describe('an unhealthy node', () => {
  test('is told of by an event code, and replaced', async () => {
    await using account = await virtualAccount();
    const { id, nodes } = await waiting(account);
    account.compute.emr.findUnhealthy(nodes[1] ?? 'i-');
    await account.clock.advance(LAUNCHED);
    const [told] = details(account, 'EMR Unhealthy Node Replacement');
    expect(told).toMatchObject({ clusterId: id, eventCode: 'Unhealthy core node detected' });
    expect(fields(told)).toEqual(fields(await inferred('emr-unhealthy-node-replacement-detected')));
    expect(nodeStates(account, id)).toEqual(['RUNNING', 'TERMINATED', 'RUNNING']);
  });

  test('stays where replacement is disabled', async () => {
    await using account = await virtualAccount();
    const { id, nodes } = await waiting(account);
    account.compute.emr.findUnhealthy(nodes[1] ?? 'i-', { replacement: false });
    await account.clock.advance(LAUNCHED);
    const eventCode = 'Core node unhealthy - replacement disabled';
    expect(details(account, 'EMR Unhealthy Node Replacement')).toMatchObject([{ clusterId: id, eventCode }]);
    expect(nodeStates(account, id)).toEqual(['RUNNING', 'RUNNING']);
  });
});

test.each([
  ['INSTANCE_GROUP', 'EMR Instance Group State Change', ['RECONFIGURING', 'RUNNING']],
  ['INSTANCE_FLEET', 'EMR Instance Fleet State Change', ['RECONFIGURING', 'WAITING']],
] as const)(
  'of an %s that is reconfigured the nodes stay, and begin and end are told',
  async (collection, type, told) => {
    await using account = await virtualAccount();
    const { id, nodes } = await waiting(account, { collection });
    const core = account.compute.emr.groups(id)[1];
    account.compute.emr.reconfigure(core?.id ?? 'ig-');
    account.compute.emr.rebootstrap(nodes[0] ?? 'i-');
    expect(account.compute.emr.groups(id)[1]?.state).toBe('RECONFIGURING');
    await account.clock.advance(2000);
    expect(account.compute.emr.groups(id)[1]?.state).toBe('RUNNING');
    expect(states(account, type).slice(-2)).toEqual(told);
    expect(nodeStates(account, id)).toEqual(['RUNNING', 'RUNNING']);
  },
);

test('managed scaling tells of its action beside the resize', async () => {
  await using account = await virtualAccount();
  const { id } = await waiting(account);
  const core = account.compute.emr.groups(id)[1]?.id ?? 'ig-';
  account.compute.emr.resize(core, 2, 'managed scaling');
  const [told] = details(account, 'EMR Managed Scaling Action');
  expect(told).toMatchObject({ clusterId: id });
  expect(fields(told)).toEqual(fields(await inferred('emr-managed-scaling-action')));
  expect(states(account, 'EMR Instance Group State Change')).toEqual(['RESIZING']);
  account.compute.emr.resize(core, 3);
  expect(details(account, 'EMR Managed Scaling Action')).toHaveLength(1);
});

test('a lack of capacity is told of the provisioning or the resize that it holds up', async () => {
  await using account = await virtualAccount();
  const id = launch(account);
  const core = account.compute.emr.groups(id)[1]?.id ?? 'ig-';
  account.compute.emr.lackCapacity(core);
  const [starting] = details(account, 'EMR Instance Group Provisioning');
  expect(starting).toMatchObject({ clusterId: id, instanceGroupId: core });
  expect(fields(starting)).toEqual(fields(await inferred('emr-instance-group-provisioning-insufficient-capacity')));
  await account.clock.advance(LAUNCHED);
  account.compute.emr.resize(core, 2);
  account.compute.emr.lackCapacity(core);
  expect(details(account, 'EMR Instance Group Resize')).toMatchObject([{ clusterId: id, instanceGroupId: core }]);
  const fleets = await waiting(account, { collection: 'INSTANCE_FLEET' });
  const fleet = account.compute.emr.groups(fleets.id)[1]?.id ?? 'if-';
  account.compute.emr.resize(fleet, 2);
  account.compute.emr.lackCapacity(fleet);
  const [stuck] = details(account, 'EMR Instance Fleet Resize');
  expect(stuck).toMatchObject({ clusterId: fleets.id, instanceFleetId: fleet });
  expect(fields(stuck)).toEqual(fields(await inferred('emr-instance-fleet-resize-spot-provisioning-timeout')));
});

test('a fleet of several instance types has nodes of each, and says so', async () => {
  await using account = await virtualAccount();
  const mixed = { ...CORE, otherTypes: ['m5.xlarge', 'r6g.xlarge'], count: 4 };
  const { id } = await waiting(account, { collection: 'INSTANCE_FLEET', groups: [MASTER, mixed] });
  const client = account.client(EMRClient);
  const { Instances } = await client.send(new ListInstancesCommand({ ClusterId: id, InstanceFleetType: 'CORE' }));
  const types = ['m6g.xlarge', 'm5.xlarge', 'r6g.xlarge', 'm6g.xlarge'];
  expect(Instances?.map(({ InstanceType }) => InstanceType)).toEqual(types);
  expect(Instances?.map(({ Ec2InstanceId }) => account.compute.ec2.instance(Ec2InstanceId as 'i-')?.arch)).toEqual([
    'arm64',
    'amd64',
    'arm64',
    'arm64',
  ]);
  const { InstanceFleets } = await client.send(new ListInstanceFleetsCommand({ ClusterId: id }));
  const specified = InstanceFleets?.[1]?.InstanceTypeSpecifications?.map(({ InstanceType }) => InstanceType);
  expect(specified).toEqual(types.slice(0, 3));
});

test('tags of a cluster that change are those of its instances, present and future, beside AWS’s own', async () => {
  await using account = await virtualAccount();
  const { id, nodes } = await waiting(account, { tags: { Service: 'etl', Team: 'x' } });
  account.compute.emr.tag(id, { Service: 'reporting' });
  account.compute.emr.resize(account.compute.emr.groups(id)[1]?.id ?? 'ig-', 2);
  await account.clock.advance(LAUNCHED);
  expect(account.compute.emr.cluster(id)?.tags).toEqual({ Service: 'reporting' });
  const own = { 'aws:elasticmapreduce:job-flow-id': id, 'aws:elasticmapreduce:instance-group-role': 'CORE' };
  const tags = account.compute.ec2.instances().map((instance) => instance.tags);
  expect(tags).toHaveLength(nodes.length + 1);
  expect(tags.slice(1)).toEqual([
    { Service: 'reporting', ...own },
    { Service: 'reporting', ...own },
  ]);
});

test('tags that change while an instance boots or ends are not lost', async () => {
  await using account = await virtualAccount();
  const id = launch(account, { groups: [MASTER] });
  await account.clock.advance(1500);
  account.compute.emr.tag(id, { Service: 'first' });
  await account.clock.advance(LAUNCHED);
  const service = () => account.compute.ec2.instances()[0]?.tags['Service'];
  expect(service()).toBe('first');
  account.compute.emr.terminate(id);
  account.compute.emr.tag(id, { Service: 'last' });
  expect(service()).toBe('last');
  await account.clock.advance(LAUNCHED);
  expect(service()).toBe('last');
});

test('a cluster that EMR has forgotten is not valid, not listed, and only an ended one is forgotten', async () => {
  await using account = await virtualAccount();
  const { id } = await waiting(account);
  expect(() => account.compute.emr.forget(id)).toThrow('has not ended');
  account.compute.emr.terminate(id);
  await account.clock.advance(LAUNCHED);
  account.compute.emr.forget(id);
  await expect(account.client(EMRClient).send(new DescribeClusterCommand({ ClusterId: id }))).rejects.toMatchObject({
    name: 'InvalidRequestException',
    message: `Cluster id '${id}' is not valid.`,
  });
  expect(account.compute.emr.clusters()).toEqual([]);
});
