import {
  DescribeInstancesCommand,
  DescribeInstanceTypeOfferingsCommand,
  DescribeSubnetsCommand,
  DescribeTagsCommand,
  EC2Client,
  paginateDescribeInstances,
  paginateDescribeTags,
  StopInstancesCommand,
} from '@aws-sdk/client-ec2';
import { expect, test } from 'vitest';
import { CORE, launch, MASTER, virtualAccount, waiting } from './compute-fixture.ts';

const HOUR = 3_600_000;
const UNKNOWN = ['i-aaaaaaaaaaaaaaaaa', 'i-bbbbbbbbbbbbbbbbb'];

test('the SDK reads an instance with its state, zone, architecture and EMR tags', async () => {
  await using account = await virtualAccount();
  const { id, nodes } = await waiting(account);
  const { Reservations } = await account
    .client(EC2Client)
    .send(new DescribeInstancesCommand({ InstanceIds: [...nodes] }));
  const instances = Reservations?.flatMap(({ Instances = [] }) => Instances);
  expect(instances).toMatchObject([
    {
      InstanceId: nodes[0],
      Architecture: 'x86_64',
      State: { Code: 16, Name: 'running' },
      Placement: { AvailabilityZone: 'us-east-1a' },
      LaunchTime: new Date('2026-11-22T12:00:01Z'),
      PrivateIpAddress: '10.42.0.10',
      Tags: [
        { Key: 'Service', Value: 'etl' },
        { Key: 'aws:elasticmapreduce:instance-group-role', Value: 'MASTER' },
        { Key: 'aws:elasticmapreduce:job-flow-id', Value: id },
      ],
    },
    { InstanceId: nodes[1], Architecture: 'arm64', InstanceLifecycle: 'spot' },
  ]);
});

test('one instance of a production cluster is at least 6 kB of XML, as in AWS', async () => {
  await using account = await virtualAccount();
  const tags = { Service: 'etl', Project: 'rocket', Team: 'data', CostCenter: '1234', Environment: 'production' };
  const { nodes } = await waiting(account, { tags, groups: [{ ...MASTER, instanceType: 'm5.2xlarge' }] });
  const body = `Action=DescribeInstances&Version=2016-11-15&InstanceId.1=${nodes[0]}`;
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const text = await (await fetch(account.url, { method: 'POST', headers, body })).text();
  expect(text.length).toBeGreaterThan(6000);
});

test('one unknown id fails the call, whose message names every unknown one', async () => {
  await using account = await virtualAccount();
  const { nodes } = await waiting(account);
  const ec2 = account.client(EC2Client);
  const both = ec2.send(new DescribeInstancesCommand({ InstanceIds: [...nodes, ...UNKNOWN] }));
  await expect(both).rejects.toMatchObject({
    name: 'InvalidInstanceID.NotFound',
    message: `The instance IDs '${UNKNOWN.join(', ')}' do not exist`,
    $metadata: { httpStatusCode: 400 },
  });
  const one = ec2.send(new DescribeInstancesCommand({ InstanceIds: [UNKNOWN[0] ?? ''] }));
  await expect(one).rejects.toMatchObject({ message: `The instance ID '${UNKNOWN[0]}' does not exist` });
  const malformed = ec2.send(new DescribeInstancesCommand({ InstanceIds: ['i-nonsense'] }));
  await expect(malformed).rejects.toMatchObject({ name: 'InvalidInstanceID.Malformed' });
});

test('a terminated instance stays visible for an hour with its tags, then nobody knows it', async () => {
  await using account = await virtualAccount();
  const { nodes } = await waiting(account, { groups: [MASTER] });
  account.compute.ec2.shutDown(nodes[0] ?? 'i-');
  const describe = async () => {
    const answer = await account
      .client(EC2Client)
      .send(new DescribeInstancesCommand({ InstanceIds: [nodes[0] ?? ''] }));
    return answer.Reservations?.[0]?.Instances?.[0];
  };
  expect(await describe()).toMatchObject({ State: { Name: 'shutting-down' } });
  await account.clock.advance(1000);
  const terminated = await describe();
  expect(terminated).toMatchObject({ State: { Code: 48, Name: 'terminated' } });
  expect(terminated?.Tags).toHaveLength(3);
  expect(Object.keys(terminated ?? {})).not.toContain('PrivateIpAddress');
  await account.clock.advance(HOUR - 1);
  expect(await describe()).toMatchObject({ State: { Name: 'terminated' } });
  await account.clock.advance(1);
  await expect(describe()).rejects.toMatchObject({ name: 'InvalidInstanceID.NotFound' });
});

test('filters by tag, tag key and state are alternatives within and conditions between', async () => {
  await using account = await virtualAccount();
  const { id, nodes } = await waiting(account);
  const other = await waiting(account, { tags: { Service: 'ad*hoc' }, groups: [MASTER] });
  account.compute.ec2.launch({ instanceType: 't4g.micro', market: 'ON_DEMAND', tags: {} });
  const ids = async (...Filters: readonly { Name: string; Values: string[] }[]) => {
    const { Reservations } = await account
      .client(EC2Client)
      .send(new DescribeInstancesCommand({ Filters: [...Filters] }));
    return Reservations?.map(({ Instances }) => Instances?.[0]?.InstanceId);
  };
  const tag = (Name: string, ...Values: string[]) => ({ Name, Values });
  expect(await ids(tag('tag:aws:elasticmapreduce:job-flow-id', id))).toEqual(nodes);
  expect(await ids(tag('tag-key', 'aws:elasticmapreduce:job-flow-id'))).toEqual([...nodes, ...other.nodes]);
  expect(await ids(tag('instance-state-name', 'pending', 'stopped'))).toHaveLength(1);
  expect(await ids(tag('tag:Service', 'e?l', 'nothing'))).toEqual(nodes);
  expect(await ids(tag('tag:Service', 'ad*'), tag('instance-state-name', 'running'))).toEqual(other.nodes);
  expect(await ids(tag('tag:Service', 'ad*'), tag('instance-state-name', 'stopped'))).toEqual([]);
});

test('pages hold MaxResults instances, which may not stand beside ids', async () => {
  await using account = await virtualAccount();
  const { nodes } = await waiting(account, { groups: [MASTER, { ...CORE, count: 6 }] });
  const client = account.client(EC2Client);
  const sizes: number[] = [];
  const pages = paginateDescribeInstances({ client, pageSize: 5 }, {});
  for await (const { Reservations = [] } of pages) sizes.push(Reservations.length);
  expect(sizes).toEqual([5, 2]);
  const both = client.send(new DescribeInstancesCommand({ InstanceIds: [nodes[0] ?? ''], MaxResults: 5 }));
  await expect(both).rejects.toMatchObject({ name: 'InvalidParameterCombination' });
  const small = client.send(new DescribeInstancesCommand({ MaxResults: 4 }));
  await expect(small).rejects.toMatchObject({ name: 'InvalidParameterValue' });
});

test('DescribeTags lists tags of instances, those of AWS itself too, by key, value, resource and type', async () => {
  await using account = await virtualAccount();
  const { id, nodes } = await waiting(account);
  const other = await waiting(account, { tags: { Service: 'ad hoc', Team: 'x' }, groups: [MASTER] });
  const tags = async (...Filters: readonly { Name: string; Values: string[] }[]) =>
    (await account.client(EC2Client).send(new DescribeTagsCommand({ Filters: [...Filters] }))).Tags;
  const cluster = 'aws:elasticmapreduce:job-flow-id';
  expect(await tags({ Name: 'key', Values: [cluster] }, { Name: 'resource-type', Values: ['instance'] })).toEqual(
    [...nodes, ...other.nodes].map((ResourceId, n) => ({
      ResourceId,
      ResourceType: 'instance',
      Key: cluster,
      Value: n < 2 ? id : other.id,
    })),
  );
  const [one = ''] = other.nodes;
  const keys = { Name: 'key', Values: ['Service', 'Team', 'Nothing'] };
  expect(await tags({ Name: 'resource-id', Values: [one] }, keys)).toMatchObject([
    { Key: 'Service', Value: 'ad hoc' },
    { Key: 'Team', Value: 'x' },
  ]);
  expect(await tags({ Name: 'value', Values: ['ad*'] })).toMatchObject([{ ResourceId: one, Key: 'Service' }]);
  expect(await tags({ Name: 'resource-type', Values: ['volume'] })).toEqual([]);
});

test('DescribeTags answers pages of MaxResults tags, and of 1,000 when not said', async () => {
  await using account = await virtualAccount();
  await waiting(account, { groups: [MASTER, { ...CORE, count: 350 }] });
  const client = account.client(EC2Client);
  const sizes = async (pageSize: number | undefined): Promise<number[]> => {
    const all: number[] = [];
    const pages = paginateDescribeTags({ client, ...(pageSize !== undefined && { pageSize }) }, {});
    for await (const { Tags = [] } of pages) all.push(Tags.length);
    return all;
  };
  expect(await sizes(undefined)).toEqual([1000, 53]);
  expect(await sizes(500)).toEqual([500, 500, 53]);
  const large = client.send(new DescribeTagsCommand({ MaxResults: 1001 }));
  await expect(large).rejects.toMatchObject({ name: 'InvalidParameterValue' });
});

test('a filter takes 200 values and no more', async () => {
  await using account = await virtualAccount();
  const client = account.client(EC2Client);
  const ask = (count: number) => {
    const Values = Array.from({ length: count }, (_, n) => `i-${String(n).padStart(17, '0')}`);
    return client.send(new DescribeTagsCommand({ Filters: [{ Name: 'resource-id', Values }] }));
  };
  expect((await ask(200)).Tags).toEqual([]);
  await expect(ask(201)).rejects.toMatchObject({ name: 'FilterLimitExceeded' });
});

test('an instance that ended keeps its tags in DescribeTags for an hour', async () => {
  await using account = await virtualAccount();
  const { nodes } = await waiting(account, { groups: [MASTER] });
  const client = account.client(EC2Client);
  const count = async () => (await client.send(new DescribeTagsCommand({}))).Tags?.length;
  account.compute.ec2.shutDown(nodes[0] ?? 'i-');
  await account.clock.advance(1000 + HOUR - 1);
  expect(await count()).toBe(3);
  await account.clock.advance(1);
  expect(await count()).toBe(0);
});

test('what is not modelled answers NotImplemented', async () => {
  await using account = await virtualAccount();
  launch(account);
  const ec2 = account.client(EC2Client);
  const status = { name: 'NotImplemented', $metadata: { httpStatusCode: 501 } };
  await expect(ec2.send(new StopInstancesCommand({ InstanceIds: UNKNOWN }))).rejects.toMatchObject(status);
  const filtered = ec2.send(new DescribeInstancesCommand({ Filters: [{ Name: 'vpc-id', Values: ['vpc-1'] }] }));
  await expect(filtered).rejects.toMatchObject({ ...status, message: expect.stringContaining('vpc-id') });
  await expect(ec2.send(new DescribeInstancesCommand({ DryRun: true }))).rejects.toMatchObject(status);
});

test('an account without instances answers an empty list', async () => {
  await using account = await virtualAccount();
  const { Reservations } = await account.client(EC2Client).send(new DescribeInstancesCommand({}));
  expect(Reservations).toEqual([]);
});

test('the types of a zone are told, and what is asked of a Region or by another filter is refused', async () => {
  await using account = await virtualAccount();
  const ec2 = account.client(EC2Client);
  const offered = (Name: string, LocationType: 'availability-zone' | 'region') =>
    ec2.send(new DescribeInstanceTypeOfferingsCommand({ LocationType, Filters: [{ Name, Values: ['r7g.large'] }] }));
  expect((await offered('instance-type', 'availability-zone')).InstanceTypeOfferings).toEqual([
    { InstanceType: 'r7g.large', Location: 'us-east-1a', LocationType: 'availability-zone' },
  ]);
  await expect(offered('instance-type', 'region')).rejects.toMatchObject({ name: 'NotImplemented' });
  await expect(offered('vcpu', 'availability-zone')).rejects.toMatchObject({ name: 'NotImplemented' });
});

test('who asks for subnets and names none gets all of them; an unknown one is refused', async () => {
  await using account = await virtualAccount();
  const ask = async (...SubnetIds: readonly string[]) =>
    await account
      .client(EC2Client)
      .send(new DescribeSubnetsCommand(SubnetIds.length > 0 ? { SubnetIds: [...SubnetIds] } : {}));
  const all = (await ask()).Subnets?.map(({ SubnetId = '' }) => SubnetId) ?? [];
  expect(all).toHaveLength(3);
  expect((await ask(all[1] ?? '')).Subnets).toMatchObject([{ SubnetId: all[1], AvailabilityZone: 'us-east-1b' }]);
  await expect(ask('subnet-aaaaaaaa')).rejects.toMatchObject({ name: 'InvalidSubnetID.NotFound' });
});
