import {
  DescribeClusterCommand,
  EMRClient,
  ListClustersCommand,
  ListInstanceFleetsCommand,
  ListInstanceGroupsCommand,
  ListInstancesCommand,
  paginateListClusters,
  paginateListInstances,
  RunJobFlowCommand,
} from '@aws-sdk/client-emr';
import { describe, expect, test } from 'vitest';
import { CORE, launch, LAUNCHED, MASTER, virtualAccount, waiting } from './compute-fixture.ts';

const THIRTY_DAYS = 30 * 24 * 3_600_000;

describe('the SDK reads', () => {
  test('a cluster with its tags, release, collection and ARN', async () => {
    await using account = await virtualAccount();
    const { id } = await waiting(account, { name: 'Nightly', releaseLabel: 'emr-6.15.0' });
    const { Cluster } = await account.client(EMRClient).send(new DescribeClusterCommand({ ClusterId: id }));
    expect(Cluster).toMatchObject({
      Id: id,
      Name: 'Nightly',
      ReleaseLabel: 'emr-6.15.0',
      InstanceCollectionType: 'INSTANCE_GROUP',
      ClusterArn: `arn:aws:elasticmapreduce:us-east-1:111122223333:cluster/${id}`,
      Tags: [{ Key: 'Service', Value: 'etl' }],
      Status: { State: 'WAITING', Timeline: { CreationDateTime: new Date('2026-11-22T12:00:00Z') } },
      Ec2InstanceAttributes: { Ec2AvailabilityZone: 'us-east-1a' },
    });
  });

  test('nodes, whose address and EC2 id are absent until EC2 gave them', async () => {
    await using account = await virtualAccount();
    const id = launch(account, { groups: [MASTER] });
    const list = async () =>
      (await account.client(EMRClient).send(new ListInstancesCommand({ ClusterId: id }))).Instances;
    expect(await list()).toMatchObject([{ Status: { State: 'AWAITING_FULFILLMENT' }, Market: 'ON_DEMAND' }]);
    expect(Object.keys((await list())?.[0] ?? {})).not.toContain('Ec2InstanceId');
    await account.clock.advance(1000);
    expect(await list()).toMatchObject([
      {
        Ec2InstanceId: expect.stringMatching(/^i-[0-9a-f]{17}$/),
        PrivateIpAddress: '10.42.0.10',
        PrivateDnsName: 'ip-10-42-0-10.ec2.internal',
        InstanceType: 'm5.xlarge',
        InstanceGroupId: account.compute.emr.groups(id)[0]?.id,
      },
    ]);
  });

  test('groups of a cluster with groups, and fleets of one with fleets', async () => {
    await using account = await virtualAccount();
    const { id: grouped } = await waiting(account);
    const { id: fleeted } = await waiting(account, { collection: 'INSTANCE_FLEET' });
    const emr = account.client(EMRClient);
    const { InstanceGroups } = await emr.send(new ListInstanceGroupsCommand({ ClusterId: grouped }));
    expect(InstanceGroups).toMatchObject([
      { InstanceGroupType: 'MASTER', Status: { State: 'RUNNING' }, RequestedInstanceCount: 1, RunningInstanceCount: 1 },
      { InstanceGroupType: 'CORE', Market: 'SPOT' },
    ]);
    const { InstanceFleets } = await emr.send(new ListInstanceFleetsCommand({ ClusterId: fleeted }));
    expect(InstanceFleets).toMatchObject([
      { InstanceFleetType: 'MASTER', TargetOnDemandCapacity: 1, ProvisionedOnDemandCapacity: 1 },
      { InstanceFleetType: 'CORE', TargetSpotCapacity: 1, ProvisionedSpotCapacity: 1, TargetOnDemandCapacity: 0 },
    ]);
    const ofFleet = await emr.send(new ListInstancesCommand({ ClusterId: fleeted, InstanceFleetType: 'CORE' }));
    expect(ofFleet.Instances).toMatchObject([{ InstanceFleetId: InstanceFleets?.[1]?.Id, Market: 'SPOT' }]);
    const ofGroup = await emr.send(new ListInstancesCommand({ ClusterId: grouped, InstanceGroupTypes: ['MASTER'] }));
    expect(ofGroup.Instances).toMatchObject([{ InstanceGroupId: InstanceGroups?.[0]?.Id }]);
    const InstanceGroupId = InstanceGroups?.[1]?.Id;
    const ofOne = await emr.send(new ListInstancesCommand({ ClusterId: grouped, InstanceGroupId }));
    expect(ofOne.Instances).toMatchObject([{ InstanceGroupId, Market: 'SPOT' }]);
  });

  test('clusters of the states it asks for, 50 a page', async () => {
    await using account = await virtualAccount();
    const ids = Array.from({ length: 51 }, () => launch(account, { groups: [] }));
    account.compute.emr.terminate(launch(account, { groups: [] }));
    const sizes: number[] = [];
    const found: (string | undefined)[] = [];
    const client = account.client(EMRClient);
    for await (const { Clusters = [] } of paginateListClusters({ client }, { ClusterStates: ['STARTING'] })) {
      sizes.push(Clusters.length);
      found.push(...Clusters.map(({ Id }) => Id));
    }
    expect(sizes).toEqual([50, 1]);
    expect(found).toEqual(ids);
    expect((await client.send(new ListClustersCommand({ ClusterStates: ['RUNNING'] }))).Clusters).toEqual([]);
    const CreatedAfter = new Date('2026-11-22T12:00:01Z');
    expect((await client.send(new ListClustersCommand({ CreatedAfter }))).Clusters).toEqual([]);
    const CreatedBefore = new Date('2026-11-22T11:59:59Z');
    expect((await client.send(new ListClustersCommand({ CreatedBefore }))).Clusters).toEqual([]);
  });

  test('nodes of the states it asks for, a page at a time', async () => {
    await using account = await virtualAccount();
    const { id } = await waiting(account, { groups: [MASTER, { ...CORE, count: 120 }] });
    const client = account.client(EMRClient);
    const sizes: number[] = [];
    const filter = { ClusterId: id, InstanceStates: ['RUNNING' as const] };
    for await (const { Instances = [] } of paginateListInstances({ client }, filter)) sizes.push(Instances.length);
    expect(sizes).toEqual([100, 21]);
  });

  test('ended nodes too when it names no state, for 30 days', async () => {
    await using account = await virtualAccount();
    const { id, nodes } = await waiting(account);
    account.compute.emr.replaceNode(nodes[1] ?? 'i-');
    await account.clock.advance(LAUNCHED);
    const emr = account.client(EMRClient);
    const states = async () =>
      (await emr.send(new ListInstancesCommand({ ClusterId: id }))).Instances?.map(({ Status }) => Status?.State);
    expect(await states()).toEqual(['RUNNING', 'RUNNING', 'TERMINATED']);
    await account.clock.advance(THIRTY_DAYS);
    expect(await states()).toEqual(['RUNNING', 'RUNNING']);
  });
});

describe('EMR refuses', () => {
  const UNKNOWN = 'j-AAAAAAAAAAAAA';
  test.each([
    ['DescribeCluster', new DescribeClusterCommand({ ClusterId: UNKNOWN })],
    ['ListInstances', new ListInstancesCommand({ ClusterId: UNKNOWN })],
    ['ListInstanceGroups', new ListInstanceGroupsCommand({ ClusterId: UNKNOWN })],
  ])('a cluster id it does not know: %s', async (_name, command) => {
    await using account = await virtualAccount();
    const refusal = account.client(EMRClient).send(command);
    await expect(refusal).rejects.toMatchObject({
      name: 'InvalidRequestException',
      message: `Cluster id '${UNKNOWN}' is not valid.`,
      $metadata: { httpStatusCode: 400 },
    });
  });

  test.each<[string, 'INSTANCE_GROUP' | 'INSTANCE_FLEET', (id: string) => unknown]>([
    ['groups of a fleet cluster', 'INSTANCE_FLEET', (ClusterId) => new ListInstanceGroupsCommand({ ClusterId })],
    ['fleets of a group cluster', 'INSTANCE_GROUP', (ClusterId) => new ListInstanceFleetsCommand({ ClusterId })],
    [
      'a role filter for groups on a fleet cluster',
      'INSTANCE_FLEET',
      (ClusterId) => new ListInstancesCommand({ ClusterId, InstanceGroupTypes: ['CORE'] }),
    ],
    [
      'a role filter for fleets on a group cluster',
      'INSTANCE_GROUP',
      (ClusterId) => new ListInstancesCommand({ ClusterId, InstanceFleetType: 'CORE' }),
    ],
  ])('%s', async (_name, collection, command) => {
    await using account = await virtualAccount();
    const id = launch(account, { collection });
    const refusal = account.client(EMRClient).send(command(id) as ListInstanceGroupsCommand);
    await expect(refusal).rejects.toMatchObject({ name: 'InvalidRequestException' });
  });

  test('the eleventh ListInstances in a row, and has one again after two seconds', async () => {
    await using account = await virtualAccount();
    const id = launch(account);
    const emr = account.client(EMRClient);
    const list = () => emr.send(new ListInstancesCommand({ ClusterId: id }));
    for (let n = 0; n < 10; n += 1) await list();
    await account.clock.advance(1900);
    await expect(list()).rejects.toMatchObject({
      name: 'ThrottlingException',
      message: 'Rate exceeded',
      $metadata: { httpStatusCode: 400 },
    });
    await account.clock.advance(100);
    await expect(list()).resolves.toMatchObject({ Instances: expect.any(Array) });
    await expect(list()).rejects.toMatchObject({ name: 'ThrottlingException' });
  });

  test('what it does not model', async () => {
    await using account = await virtualAccount();
    const emr = account.client(EMRClient);
    const run = emr.send(new RunJobFlowCommand({ Name: 'x', Instances: {} }));
    await expect(run).rejects.toMatchObject({ name: 'NotImplemented', $metadata: { httpStatusCode: 501 } });
    const unknown = await account.agent('ElasticMapReduce.ListInstances', { ClusterId: 'j-1', Sorting: 'up' });
    expect(unknown).toMatchObject({ __type: 'NotImplemented', message: expect.stringContaining('Sorting') });
  });

  test('a marker that it did not give', async () => {
    await using account = await virtualAccount();
    const refusal = account.client(EMRClient).send(new ListClustersCommand({ Marker: 'nonsense' }));
    await expect(refusal).rejects.toMatchObject({ name: 'InvalidRequestException' });
  });
});
