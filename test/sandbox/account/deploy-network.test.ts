import { expect, test } from 'vitest';
import { createAccount } from '../../../sandbox/account/account.ts';
import { virtualClock } from '../../../sandbox/account/clock.ts';
import { QUICK } from '../../../sandbox/account/compute.ts';
import { deployTemplate } from '../../../sandbox/account/deploy.ts';
import { inProcess } from '../../../sandbox/account/lambda.ts';
import { ingressResources, type PortRange } from '../../../scripts/package/build-network.ts';
import { type NetworkParameters, readNetwork } from '../../../scripts/package/network-parameters.ts';

const [MASTERS, CORES] = ['sg-0123456789abcdef0', 'sg-0123456789abcdef1'] as const;
const RANGES: readonly PortRange[] = [
  { from: 9100, to: 9100 },
  { from: 9108, to: 9108 },
];
const CIDR = { prometheusCidr: '10.1.2.0/24', clusterSecurityGroups: [MASTERS, CORES] };

/** Deploys again and again what the parameters come to. */
function world() {
  const account = createAccount({ clock: virtualClock(new Date('2026-11-22T10:00:00Z')), timings: QUICK });
  const { securityGroups } = account.compute;
  const runner = () => inProcess(async () => null);
  const apply = (Resources: object, stack = 'stack') =>
    deployTemplate({ Resources }, { account, endpoint: 'http://127.0.0.1:4566', runner, stack });
  const kept = { Kept: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'kept' } } };
  const deploy = (given: NetworkParameters, ranges = RANGES) => {
    const network = readNetwork(given);
    return apply({ ...kept, ...(network && ingressResources(network, ranges, 'stack')) });
  };
  const open = (group: string) =>
    securityGroups.find(group)?.ingress.map(({ from, to, source }) => {
      return `${from}-${to} ${'group' in source ? source.group : source.cidr}`;
    });
  return { apply, deploy, open, securityGroups };
}

test('a deploy opens the ports in each group, and the next takes back what is not asked for', () => {
  const { deploy, open } = world();
  deploy(CIDR);
  expect([MASTERS, CORES].map(open)).toEqual([
    ['9100-9100 10.1.2.0/24', '9108-9108 10.1.2.0/24'],
    ['9100-9100 10.1.2.0/24', '9108-9108 10.1.2.0/24'],
  ]);
  deploy({ ...CIDR, clusterSecurityGroups: CORES });
  expect(open(MASTERS)).toEqual([]);
  deploy({});
  expect(open(CORES)).toEqual([]);
});

test('another source, and ports that come and go, meet no rule that is still there', () => {
  const { deploy, open, securityGroups } = world();
  const { id } = securityGroups.create({ name: 'prometheus' });
  deploy(CIDR);
  deploy({ prometheusSecurityGroup: id, clusterSecurityGroups: CORES });
  expect(open(CORES)).toEqual([`9100-9100 ${id}`, `9108-9108 ${id}`]);
  deploy({ prometheusSecurityGroup: id, clusterSecurityGroups: CORES }, [
    { from: 9090, to: 9090 },
    { from: 9100, to: 9101 },
    { from: 9108, to: 9108 },
  ]);
  expect(open(CORES)?.toSorted()).toEqual([`9090-9090 ${id}`, `9100-9101 ${id}`, `9108-9108 ${id}`]);
});

test('rules of others stay through every deploy, as EMR keeps ours', () => {
  const { deploy, open, securityGroups } = world();
  securityGroups.authorize(MASTERS, { from: 8443, to: 8443, source: { cidr: '10.0.0.0/8' } });
  deploy(CIDR);
  deploy({});
  expect(open(MASTERS)).toEqual(['8443-8443 10.0.0.0/8']);
});

test('a rule that is there already fails the deploy, and nothing is left of it', () => {
  const { deploy, open, securityGroups } = world();
  securityGroups.authorize(CORES, { from: 9100, to: 9100, source: { cidr: '10.1.2.0/24' } });
  expect(() => deploy(CIDR)).toThrow(/already exists/);
  expect(open(MASTERS)).toEqual([]);
});

test.each([
  ['a property that is not modelled', { SourcePrefixListId: 'pl-1' }, /SourcePrefixListId/],
  ['two sources', { CidrIp: '10.0.0.0/8', SourceSecurityGroupId: CORES }, /exactly one source/],
  ['no source', {}, /exactly one source/],
  ['another protocol', { IpProtocol: '-1', CidrIp: '10.0.0.0/8' }, /IpProtocol/],
  ['a description with other letters', { CidrIp: '10.0.0.0/8', Description: 'Größe' }, /Description/],
])('a rule with %s is refused', (_what, properties, message) => {
  const rule = { GroupId: MASTERS, IpProtocol: 'tcp', FromPort: 9100, ToPort: 9100, ...properties };
  const { apply } = world();
  expect(() => apply({ Rule: { Type: 'AWS::EC2::SecurityGroupIngress', Properties: rule } })).toThrow(message);
});
