import { assert, integer, property, uniqueArray } from 'fast-check';
import { expect, test } from 'vitest';
import { ingressResources, type PortRange, portRanges } from '../../../scripts/package/build-network.ts';
import { readNetwork } from '../../../scripts/package/network-parameters.ts';

const section = (ports: readonly number[], enabled = true) => ({
  enabled,
  roles: [],
  scrapeInterval: '15s',
  options: {},
  ports: Object.fromEntries(ports.map((port) => [`p${port}`, port])),
});
const rangesOf = (...ports: readonly number[]): readonly PortRange[] =>
  portRanges({ exporters: { one: section(ports) } });
const portsOf = (ranges: readonly PortRange[]): readonly number[] =>
  ranges.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, n) => from + n));

test('neighbours of whatever exporter become one range, and a gap begins another', () => {
  const exporters = { jmx: section([17_102, 17_101, 17_104]), node: section([17_103]), graphite: section([9108]) };
  expect(portRanges({ exporters })).toEqual([
    { from: 9108, to: 9108 },
    { from: 17_101, to: 17_104 },
  ]);
});

test('an exporter that is switched off opens nothing', () => {
  expect(portRanges({ exporters: { node: section([9100]), graphite: section([9101], false) } })).toEqual([
    { from: 9100, to: 9100 },
  ]);
});

test('whatever the ports are, exactly they are open, in ranges that no fewer could replace', () => {
  const ports = uniqueArray(integer({ min: 1024, max: 1100 }), { maxLength: 60 });
  assert(
    property(ports, (given) => {
      const ranges = rangesOf(...given);
      expect(portsOf(ranges)).toEqual(given.toSorted((a, b) => a - b));
      // Each range begins where the port before is not asked for.
      expect(ranges.filter(({ from }) => given.includes(from - 1))).toEqual([]);
    }),
  );
});

const given = (source: object) => {
  const network = readNetwork({ ...source, clusterSecurityGroups: 'sg-0aaaaaaa,sg-0bbbbbbb' });
  if (network === undefined) throw new Error('no network');
  return network;
};

test.each([
  [{ prometheusSecurityGroup: 'sg-01234567' }, { SourceSecurityGroupId: 'sg-01234567' }],
  [{ prometheusCidr: '10.1.2.0/24' }, { CidrIp: '10.1.2.0/24' }],
  [{ prometheusCidr: '2001:db8::/56' }, { CidrIpv6: '2001:db8::/56' }],
])('%j is let in to each group and range by a rule of its own', (source, expected) => {
  const resources = ingressResources(given(source), rangesOf(9100, 9101), 'prometheus-on-emr-dev');
  expect(Object.keys(resources)).toEqual(['Ingress0aaaaaaaFrom9100To9101', 'Ingress0bbbbbbbFrom9100To9101']);
  expect(resources['Ingress0aaaaaaaFrom9100To9101']).toEqual({
    Type: 'AWS::EC2::SecurityGroupIngress',
    Properties: {
      GroupId: 'sg-0aaaaaaa',
      IpProtocol: 'tcp',
      FromPort: 9100,
      ToPort: 9101,
      ...expected,
      Description: 'prometheus-on-emr-dev: Prometheus reads the exporters',
    },
  });
});

test('an id that is in two deploys means the same group and ports in both, whatever came or went beside it', () => {
  const network = given({ prometheusSecurityGroup: 'sg-01234567' });
  const before = ingressResources(network, rangesOf(9100, 9108, 9109), 'stack');
  const after = ingressResources(network, rangesOf(9090, 9100, 9101, 9108, 9109), 'stack');
  const kept = Object.keys(after).filter((id) => id in before);
  expect(kept).toEqual(['Ingress0aaaaaaaFrom9108To9109', 'Ingress0bbbbbbbFrom9108To9109']);
  for (const id of kept) expect(after[id]).toEqual(before[id]);
});
