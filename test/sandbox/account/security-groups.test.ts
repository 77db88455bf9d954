import { DescribeSecurityGroupsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { expect, test } from 'vitest';
import { virtualAccount } from './compute-fixture.ts';

const MASTERS = 'sg-0123456789abcdef0';
const VPC = 'vpc-0123456789abcdef0';
const rule = (source: { readonly group: string } | { readonly cidr: string }, port = 9100) => ({
  from: port,
  to: port,
  source,
  description: 'ours',
});

test('the SDK reads a group with its VPC and every kind of rule', async () => {
  await using account = await virtualAccount();
  const { securityGroups } = account.compute;
  const host = securityGroups.create({ name: 'prometheus' });
  for (const source of [{ group: host.id }, { cidr: '10.1.2.0/24' }, { cidr: '2001:db8::/56' }])
    securityGroups.authorize(MASTERS, rule(source));
  const { SecurityGroups } = await account
    .client(EC2Client)
    .send(new DescribeSecurityGroupsCommand({ GroupIds: [MASTERS, host.id] }));
  const ports = { IpProtocol: 'tcp', FromPort: 9100, ToPort: 9100 };
  expect(SecurityGroups).toMatchObject([
    {
      GroupId: MASTERS,
      GroupName: 'ElasticMapReduce-master',
      VpcId: VPC,
      IpPermissions: [
        { ...ports, UserIdGroupPairs: [{ GroupId: host.id, Description: 'ours' }] },
        { ...ports, IpRanges: [{ CidrIp: '10.1.2.0/24', Description: 'ours' }] },
        { ...ports, Ipv6Ranges: [{ CidrIpv6: '2001:db8::/56', Description: 'ours' }] },
      ],
    },
    { GroupId: host.id, VpcId: VPC, IpPermissions: [] },
  ]);
});

test('groups of a VPC are found by filter', async () => {
  await using account = await virtualAccount();
  const other = account.compute.securityGroups.create({ name: 'prometheus', vpcId: 'vpc-1' });
  const { SecurityGroups } = await account
    .client(EC2Client)
    .send(new DescribeSecurityGroupsCommand({ Filters: [{ Name: 'vpc-id', Values: ['vpc-1'] }] }));
  expect(SecurityGroups?.map(({ GroupId }) => GroupId)).toEqual([other.id]);
});

test.each([
  ['sg-0aaaaaaaaaaaaaaaa', 'InvalidGroup.NotFound', /sg-0a+' does not exist/],
  ['prometheus', 'InvalidGroupId.Malformed', /"prometheus"/],
])('the group %s is %s', async (id, name, message) => {
  await using account = await virtualAccount();
  const asked = account.client(EC2Client).send(new DescribeSecurityGroupsCommand({ GroupIds: [MASTERS, id] }));
  await expect(asked).rejects.toMatchObject({ name, message: expect.stringMatching(message) as string });
});

test('EC2 refuses a rule twice, a group of another VPC, one that is not there, and the sixty-first rule', async () => {
  await using account = await virtualAccount();
  const { securityGroups } = account.compute;
  const cidr = { cidr: '10.1.2.0/24' };
  securityGroups.authorize(MASTERS, rule(cidr));
  const again = () => securityGroups.authorize(MASTERS, { ...rule(cidr), description: 'others' });
  expect(again).toThrow('the specified rule "peer: 10.1.2.0/24, TCP, from port: 9100, to port: 9100, ALLOW" already');
  const { id } = securityGroups.create({ name: 'far', vpcId: 'vpc-1' });
  expect(() => securityGroups.authorize(MASTERS, rule({ group: id }))).toThrow('belong to different networks');
  expect(() => securityGroups.authorize('sg-0a', rule(cidr))).toThrow("'sg-0a' does not exist");
  for (let port = 9101; port < 9160; port += 1) securityGroups.authorize(MASTERS, rule(cidr, port));
  expect(() => securityGroups.authorize(MASTERS, rule(cidr, 9160))).toThrow('maximum number of rules');
  securityGroups.authorize(MASTERS, rule({ cidr: '2001:db8::/56' }));
});

test('a rule that is taken back is gone, and the others stay', async () => {
  await using account = await virtualAccount();
  const { securityGroups } = account.compute;
  const undo = securityGroups.authorize(MASTERS, rule({ cidr: '10.1.2.0/24' }));
  securityGroups.authorize(MASTERS, rule({ cidr: '10.1.3.0/24' }));
  undo();
  expect(securityGroups.find(MASTERS)?.ingress).toMatchObject([{ source: { cidr: '10.1.3.0/24' } }]);
});
