import { describe, expect, test } from 'vitest';
import { descriptionOf } from '../../../scripts/package/build-network.ts';
import { type FoundGroup, groupsOf, networkProblems } from '../../../scripts/package/check-network.ts';
import { readNetwork } from '../../../scripts/package/network-parameters.ts';

const [HOST, MASTERS, CORES] = ['sg-01234567', 'sg-0aaaaaaa', 'sg-0bbbbbbb'] as const;
const RANGES = [
  { from: 9100, to: 9100 },
  { from: 17_101, to: 17_110 },
];
const STACK = 'prometheus-on-emr-dev';

function networkOf(source: object) {
  const network = readNetwork({ ...source, clusterSecurityGroups: [MASTERS, CORES] });
  if (network === undefined) throw new Error('no network');
  return network;
}
const byGroup = networkOf({ prometheusSecurityGroup: HOST });
const byCidr = networkOf({ prometheusCidr: '10.1.2.0/24' });
const bySix = networkOf({ prometheusCidr: '2001:db8::/56' });
const [host, masters, cores]: readonly FoundGroup[] = [HOST, MASTERS, CORES].map((GroupId) => ({
  GroupId,
  VpcId: 'vpc-1',
}));
const found = (...groups: readonly (FoundGroup | undefined)[]): readonly FoundGroup[] =>
  groups.flatMap((group) => group ?? []);

const tcp = (FromPort: number, ToPort = FromPort) => ({ IpProtocol: 'tcp', FromPort, ToPort });
const ours = descriptionOf(STACK);

test('groups of one VPC with room for the rules are no problem', () => {
  expect(groupsOf(byGroup)).toEqual([HOST, MASTERS, CORES]);
  expect(groupsOf(byCidr)).toEqual([MASTERS, CORES]);
  expect(networkProblems(byGroup, RANGES, found(host, masters, cores), STACK)).toEqual([]);
});

test('a group that is not there is named with its parameter', () => {
  expect(networkProblems(byGroup, RANGES, found(masters), STACK)).toEqual([
    expect.stringMatching(/^prometheusSecurityGroup: sg-01234567 does not exist/),
    expect.stringMatching(/^clusterSecurityGroups: sg-0bbbbbbb does not exist/),
  ]);
});

test('a Prometheus of another VPC comes by its network', () => {
  const far = { ...cores, VpcId: 'vpc-2' };
  expect(networkProblems(byGroup, RANGES, found(host, masters, far), STACK)).toEqual([
    expect.stringMatching(/sg-01234567 is in vpc-1, but sg-0bbbbbbb .* vpc-2\. Across VPCs give prometheusCidr/),
  ]);
  expect(networkProblems(byCidr, RANGES, found(masters, far), STACK)).toEqual([]);
});

describe('a rule that EC2 would take for a double', () => {
  const from = (Description?: string) => ({ GroupId: HOST, ...(Description !== undefined && { Description }) });
  const withRule = (rule: object) =>
    networkProblems(byGroup, RANGES, found(host, { ...masters, IpPermissions: [rule] }, cores), STACK);

  test.each([
    ["somebody's", from('by hand')],
    ['without a word', from()],
    ["another stage's", from(descriptionOf('prometheus-on-emr-prod'))],
  ])('is refused when it is %s', (_whose, pair) => {
    expect(withRule({ ...tcp(17_101, 17_110), UserIdGroupPairs: [pair] })).toEqual([
      expect.stringMatching(/^clusterSecurityGroups: sg-0aaaaaaa lets sg-01234567 in to ports 17101 to 17110 already/),
    ]);
  });

  test.each([
    ['our own', { ...tcp(9100), UserIdGroupPairs: [from(ours)] }],
    ['of other ports', { ...tcp(9100, 9101), UserIdGroupPairs: [from()] }],
    ['of another source', { ...tcp(9100), UserIdGroupPairs: [{ GroupId: MASTERS }] }],
    ['for UDP', { ...tcp(9100), IpProtocol: 'udp', UserIdGroupPairs: [from()] }],
  ])('is none when it is %s', (_what, rule) => {
    expect(withRule(rule)).toEqual([]);
  });

  test('is found by its network, too', () => {
    const rule = { ...tcp(9100), IpRanges: [{ CidrIp: '10.1.2.0/24' }] };
    expect(networkProblems(byCidr, RANGES, found(masters, { ...cores, IpPermissions: [rule] }), STACK)).toEqual([
      expect.stringMatching(/sg-0bbbbbbb lets 10\.1\.2\.0\/24 in to port 9100 already/),
    ]);
  });
});

test('a group that has no room for the rules is told by the rules of others; IPv6 has a quota of its own', () => {
  const full = (Description: string) => ({
    ...cores,
    IpPermissions: Array.from({ length: 59 }, (_, n) => ({
      ...tcp(n),
      IpRanges: [{ CidrIp: '10.0.0.0/8', Description }],
    })),
  });
  expect(networkProblems(byCidr, RANGES, found(masters, full('others')), STACK)).toEqual([
    expect.stringMatching(/sg-0bbbbbbb has 59 rules of others, and 2 more make over 60/),
  ]);
  expect(networkProblems(byCidr, RANGES, found(masters, full(ours)), STACK)).toEqual([]);
  expect(networkProblems(bySix, RANGES, found(masters, full('others')), STACK)).toEqual([]);
});

test('a rule for a group or a prefix list takes room of both quotas', () => {
  const rules = (count: number, of: (n: number) => object) =>
    Array.from({ length: count }, (_, n) => ({ ...tcp(n), ...of(n) }));
  const four = rules(30, () => ({ IpRanges: [{ CidrIp: '10.0.0.0/8' }] }));
  const six = rules(40, () => ({ Ipv6Ranges: [{ CidrIpv6: 'fd00::/8' }] }));
  const both = rules(19, (n) => (n % 2 ? { PrefixListIds: [{}] } : { UserIdGroupPairs: [{ GroupId: MASTERS }] }));
  const problems = (network: typeof byGroup) =>
    networkProblems(
      network,
      RANGES,
      found(host, masters, { ...cores, IpPermissions: [...four, ...six, ...both] }),
      STACK,
    );
  expect(problems(byCidr)).toEqual([]);
  const full = expect.stringMatching(/sg-0bbbbbbb has 59 rules of others, and 2 more make over 60/);
  expect(problems(bySix)).toEqual([full]);
  expect(problems(byGroup)).toEqual([full]);
});
