import { EMRClient } from '@aws-sdk/client-emr';
import { describe, expect, test } from 'vitest';
import { emrClusters } from '../../shared/aws/emr-clusters.ts';
import { type Answer, type Asked, awsStub, halfOf, inTurn, json, jsonError, lost } from './aws-stub.ts';

async function emr(answer: (asked: Asked) => Answer) {
  const stub = await awsStub(answer);
  const spent: string[] = [];
  const clusters = emrClusters(new EMRClient(stub.client), (operation) => void spent.push(operation));
  return { ...stub, clusters, spent };
}

const node = (name: string, fields = {}) => ({
  Id: `ci-${name}`,
  Ec2InstanceId: `i-${name}`,
  Status: { State: 'RUNNING' },
  InstanceGroupId: 'ig-1',
  InstanceType: 'm5.xlarge',
  Market: 'SPOT',
  ...fields,
});

const CLUSTER = {
  ClusterArn: 'arn:aws-cn:elasticmapreduce:cn-north-1:123456789012:cluster/j-1',
  Status: { State: 'RUNNING' },
};

describe('the EMR adapter', () => {
  test('asks for nodes that are not TERMINATED, so the ended ones of the last 30 days stay out', async () => {
    const { clusters, asked } = await emr(() => json({ Instances: [] }));
    await clusters.nodes('j-1');
    expect(asked[0]?.input).toEqual({
      ClusterId: 'j-1',
      InstanceStates: ['AWAITING_FULFILLMENT', 'PROVISIONING', 'BOOTSTRAPPING', 'RUNNING'],
    });
  });

  test('asks for clusters in the states given, and says which one each is in', async () => {
    const { clusters, asked } = await emr(() => json({ Clusters: [{ Id: 'j-1', Status: { State: 'STARTING' } }] }));
    expect(await clusters.list(['STARTING', 'BOOTSTRAPPING'])).toEqual(new Map([['j-1', 'STARTING']]));
    expect(asked.map(({ input }) => input['ClusterStates'])).toEqual([['STARTING', 'BOOTSTRAPPING']]);
  });

  test('clusters of no state at all are none: without a filter EMR would list two months of them', async () => {
    const { clusters, asked } = await emr(() => json({ Clusters: [{ Id: 'j-1', Status: { State: 'TERMINATED' } }] }));
    expect(await clusters.list([])).toEqual(new Map());
    expect(asked).toEqual([]);
  });

  test('reads every page', async () => {
    const { clusters } = await emr(({ input }) =>
      input['Marker'] === 'm' ? json({ Instances: [node('b')] }) : json({ Instances: [node('a')], Marker: 'm' }),
    );
    expect((await clusters.nodes('j-1')).map(({ id }) => id)).toEqual(['i-a', 'i-b']);
  });

  test('half a list is never answered: a refused second page fails the whole call', async () => {
    const { clusters } = await emr(
      inTurn(json({ Instances: [node('a')], Marker: 'm' }), jsonError('AccessDeniedException')),
    );
    await expect(clusters.nodes('j-1')).rejects.toMatchObject({ name: 'ConfigError' });
  });

  test('half a list is never answered: an answer that breaks off fails the whole call', async () => {
    const { clusters } = await emr(() => halfOf(json({ Instances: [node('a'), node('b')] })));
    await expect(clusters.nodes('j-1')).rejects.toMatchObject({ name: 'UnavailableError' });
  });

  test('an answer without a list is not an empty list', async () => {
    const { clusters } = await emr(() => json({}));
    await expect(clusters.nodes('j-1')).rejects.toMatchObject({ name: 'UnavailableError' });
    await expect(clusters.list(['RUNNING'])).rejects.toMatchObject({ name: 'UnavailableError' });
  });

  test('a node that awaits its EC2 instance is left out, and one without an address has none', async () => {
    const waiting = node('a', { Ec2InstanceId: undefined, Status: { State: 'AWAITING_FULFILLMENT' } });
    const { clusters } = await emr(() => json({ Instances: [waiting, node('b')] }));
    expect(await clusters.nodes('j-1')).toStrictEqual([
      { id: 'i-b', state: 'RUNNING', instanceType: 'm5.xlarge', market: 'SPOT', collectionId: 'ig-1' },
    ]);
  });

  test('a throttled call is repeated by the SDK', async () => {
    const { clusters, asked } = await emr(
      inTurn(jsonError('ThrottlingException', 'Rate exceeded'), json({ Instances: [] })),
    );
    expect(await clusters.nodes('j-1')).toEqual([]);
    expect(asked).toHaveLength(2);
  });

  test('a call that stays throttled can be retried later', async () => {
    const { clusters } = await emr(() => jsonError('ThrottlingException', 'Rate exceeded'));
    await expect(clusters.describe('j-1')).rejects.toMatchObject({ name: 'UnavailableError', retryable: true });
  });

  test('every request is spent: each page, and each one that the SDK repeats', async () => {
    const page = json({ Instances: [node('a')], Marker: 'm' });
    const throttled = jsonError('ThrottlingException', 'Rate exceeded');
    const { clusters, spent, operations } = await emr(
      inTurn(page, throttled, lost, json({ Instances: [node('b')] }), json({ Cluster: CLUSTER })),
    );
    expect(await clusters.nodes('j-1')).toHaveLength(2);
    expect(spent).toEqual(['ListInstances', 'ListInstances', 'ListInstances', 'ListInstances']);
    await clusters.describe('j-1');
    expect(spent).toEqual(operations());
  });

  test('each operation is spent by its own name', async () => {
    const lists = { Clusters: [], Instances: [], InstanceGroups: [], InstanceFleets: [] };
    const { clusters, spent } = await emr(() => json({ Cluster: CLUSTER, ...lists }));
    const cluster = await clusters.describe('j-1');
    await clusters.nodes('j-1');
    await clusters.roles(cluster);
    await clusters.roles({ ...cluster, collection: 'INSTANCE_FLEET' });
    await clusters.list(['RUNNING']);
    expect(spent).toEqual([
      'DescribeCluster',
      'ListInstances',
      'ListInstanceGroups',
      'ListInstanceFleets',
      'ListClusters',
    ]);
  });

  test('another partition has its own ARNs, and a cluster that does not say how its nodes are grouped has groups', async () => {
    const { clusters } = await emr(() => json({ Cluster: CLUSTER }));
    expect(await clusters.describe('j-1')).toMatchObject({
      accountId: '123456789012',
      region: 'cn-north-1',
      collection: 'INSTANCE_GROUP',
    });
  });
});
