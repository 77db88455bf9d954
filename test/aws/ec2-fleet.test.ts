import { EC2Client } from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { ec2Fleet } from '../../shared/aws/ec2-fleet.ts';
import type { InstanceId } from '../../shared/core/model.ts';
import { type Answer, type Asked, awsStub, ec2Error, halfOf, xml } from './aws-stub.ts';

async function ec2(answer: (asked: Asked) => Answer) {
  const stub = await awsStub(answer);
  return { ...stub, fleet: ec2Fleet(new EC2Client(stub.client)) };
}

const idsOf = ({ input }: Asked) =>
  Object.keys(input).flatMap((key) => (key.startsWith('InstanceId.') ? [String(input[key])] : []));

const describeInstances = (ids: readonly string[], tags = '') =>
  xml(
    `<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId><reservationSet>${ids
      .map(
        (id) => `<item><reservationId>r-1</reservationId><instancesSet><item><instanceId>${id}</instanceId>
          <instanceState><code>16</code><name>running</name></instanceState><architecture>arm64</architecture>
          <placement><availabilityZone>us-east-1a</availabilityZone></placement><tagSet>${tags}</tagSet></item></instancesSet></item>`,
      )
      .join('')}</reservationSet></DescribeInstancesResponse>`,
  );
const JOB_FLOW = '<item><key>aws:elasticmapreduce:job-flow-id</key><value>j-1</value></item>';

const many = (count: number): InstanceId[] =>
  Array.from({ length: count }, (_, index) => `i-${index.toString(16).padStart(17, '0')}` as const);

describe('the EC2 adapter', () => {
  test('says state, zone, architecture and cluster of an EMR node', async () => {
    const { fleet } = await ec2((asked) => describeInstances(idsOf(asked), JOB_FLOW));
    expect([...(await fleet.instances(['i-1'])).values()]).toEqual([
      { id: 'i-1', state: 'running', zone: 'us-east-1a', arch: 'arm64', clusterId: 'j-1' },
    ]);
  });

  test('one id that EC2 does not know hides no other', async () => {
    const { fleet, asked } = await ec2((call) => {
      const ids = idsOf(call);
      const unknown = ids.filter((id) => id === 'i-2' || id === 'i-4');
      if (unknown.length === 0) return describeInstances(ids);
      return ec2Error('InvalidInstanceID.NotFound', `The instance IDs '${unknown.join(', ')}' do not exist`);
    });
    const found = await fleet.instances(['i-1', 'i-2', 'i-3', 'i-4']);
    expect([...found.values()].map(({ id, state }) => `${id} ${state}`).sort()).toEqual([
      'i-1 running',
      'i-2 notFound',
      'i-3 running',
      'i-4 notFound',
    ]);
    expect(asked).toHaveLength(2);
  });

  test('a malformed id is nobody, and hides no other', async () => {
    const { fleet } = await ec2((call) =>
      idsOf(call).includes('i-xyz')
        ? ec2Error('InvalidInstanceID.Malformed', 'Invalid id: &quot;i-xyz&quot;')
        : describeInstances(idsOf(call)),
    );
    const found = await fleet.instances(['i-xyz', 'i-1']);
    expect([found.get('i-xyz')?.state, found.get('i-1')?.state]).toEqual(['notFound', 'running']);
  });

  test('a short id is not taken for gone because a longer one begins like it', async () => {
    const { fleet } = await ec2((call) =>
      idsOf(call).includes('i-0123456789abcdef0')
        ? ec2Error('InvalidInstanceID.NotFound', "The instance ID 'i-0123456789abcdef0' does not exist")
        : describeInstances(idsOf(call)),
    );
    expect((await fleet.instances(['i-01234567', 'i-0123456789abcdef0'])).get('i-01234567')?.state).toBe('running');
  });

  test('an error that names none of our ids tells nothing about any of them', async () => {
    const { fleet } = await ec2(() => ec2Error('InvalidInstanceID.NotFound', 'some instances do not exist'));
    await expect(fleet.instances(['i-1'])).rejects.toMatchObject({ name: 'ConfigError' });
  });

  test('an id that the answer leaves out fails the call: absence proves nothing', async () => {
    const { fleet } = await ec2(() => describeInstances(['i-1']));
    await expect(fleet.instances(['i-1', 'i-2'])).rejects.toMatchObject({ name: 'UnavailableError' });
  });

  test('an answer that breaks off fails the call', async () => {
    const { fleet } = await ec2((asked) => halfOf(describeInstances(idsOf(asked))));
    await expect(fleet.instances(['i-1', 'i-2'])).rejects.toMatchObject({ name: 'UnavailableError' });
  });

  test('450 ids take three calls and no id is asked twice', async () => {
    const ids = many(450);
    const { fleet, asked } = await ec2((call) => describeInstances(idsOf(call)));
    expect([...(await fleet.instances([...ids, ...ids])).keys()]).toEqual(ids);
    expect(asked.map((call) => idsOf(call).length)).toEqual([200, 200, 50]);
  });

  test('nobody is asked about nobody', async () => {
    const { fleet, asked } = await ec2(() => describeInstances([]));
    expect(await fleet.instances([])).toEqual(new Map());
    expect(asked).toEqual([]);
  });
});
