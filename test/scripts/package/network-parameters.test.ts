import { describe, expect, test } from 'vitest';
import { readNetwork } from '../../../scripts/package/network-parameters.ts';
import { ConfigError } from '../../../shared/core/errors.ts';

const HOST = 'sg-0123456789abcdef0';
const [MASTERS, CORES] = ['sg-0aaaaaaaaaaaaaaa0', 'sg-1bbbbbbb'];
const cidr = (prometheusCidr: string) => readNetwork({ prometheusCidr, clusterSecurityGroups: MASTERS });

test('nothing is opened when nothing is given', () => {
  expect(readNetwork({ prometheusSecurityGroup: '', prometheusCidr: '', clusterSecurityGroups: '' })).toBeUndefined();
  expect(readNetwork({})).toBeUndefined();
});

test('a group is let in to every group of the clusters, given with commas or as a list', () => {
  const expected = { source: { group: HOST }, clusterGroups: [MASTERS, CORES] };
  const prometheusSecurityGroup = HOST;
  expect(readNetwork({ prometheusSecurityGroup, clusterSecurityGroups: `${CORES}, ${MASTERS}` })).toEqual(expected);
  expect(readNetwork({ prometheusSecurityGroup, clusterSecurityGroups: [MASTERS, CORES] })).toEqual(expected);
});

test.each([
  ['private', ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '10.1.2.0/24', 'fd00::/8']],
  ['public', ['52.1.2.0/24', '52.1.2.3/32', '2600:1f14:ab0::/44', '::ffff:10.1.2.3/128']],
])('%s networks of one host or firm are let in', (_kind, networks) => {
  expect(networks.map((network) => cidr(network)?.source)).toEqual(networks.map((network) => ({ cidr: network })));
});

describe('a ConfigError names the parameter, the value and what to do, of', () => {
  test.each([
    [
      'both sources',
      { prometheusSecurityGroup: HOST, prometheusCidr: '10.0.0.0/8' },
      /prometheusSecurityGroup.*prometheusCidr is 10\.0\.0\.0\/8: give one/,
    ],
    [
      'no source',
      { clusterSecurityGroups: MASTERS },
      /clusterSecurityGroups is sg-0a.*give prometheusSecurityGroup or prometheusCidr/,
    ],
    [
      'a group that nobody lets in',
      { prometheusSecurityGroup: HOST },
      /prometheusSecurityGroup is sg-01.*give clusterSecurityGroups/,
    ],
    [
      'a network that nobody lets in',
      { prometheusCidr: '10.0.0.0/8' },
      /prometheusCidr is 10\.0\.0\.0\/8.*give clusterSecurityGroups/,
    ],
    [
      'a name in place of an id',
      { prometheusSecurityGroup: 'prometheus', clusterSecurityGroups: MASTERS },
      /prometheusSecurityGroup: prometheus .*expected sg-/,
    ],
    [
      'an id of another thing',
      { prometheusSecurityGroup: HOST, clusterSecurityGroups: 'subnet-0aaaaaaaaaaaaaaa0' },
      /clusterSecurityGroups: subnet-/,
    ],
    [
      'capitals',
      { prometheusSecurityGroup: HOST, clusterSecurityGroups: 'sg-0AAAAAAA' },
      /clusterSecurityGroups: sg-0AAAAAAA/,
    ],
    [
      'a comma too many',
      { prometheusSecurityGroup: HOST, clusterSecurityGroups: `${MASTERS},` },
      /clusterSecurityGroups: an empty name/,
    ],
    [
      'a group twice',
      { prometheusSecurityGroup: HOST, clusterSecurityGroups: `${MASTERS},${MASTERS}` },
      /clusterSecurityGroups names sg-0a\w+ twice/,
    ],
  ])('%s', (_what, given, message) => {
    expect(() => readNetwork(given)).toThrow(message);
    expect(() => readNetwork(given)).toThrow(ConfigError);
  });

  test.each([
    ['10.1.2.3', /prometheusCidr is 10\.1\.2\.3; expected a network such as/],
    ['10.1.2.0/33', /expected a network/],
    ['2001:db8::/129', /expected a network/],
    ['10.1.2/24', /expected a network/],
    ['10.1.2.0/24/8', /expected a network/],
    ['fe80::1%eth0/64', /expected a network/],
    ['prometheus.example/24', /expected a network/],
    ['0.0.0.0/0', /a public network wider than \/24.*EMR starts no cluster.*Name the network of the Prometheus host/],
    ['::/0', /wider than \/44/],
    ['10.0.0.0/7', /wider than \/24/],
    ['52.0.0.0/8', /prometheusCidr is 52\.0\.0\.0\/8, a public network/],
    ['52.1.2.0/23', /a public network/],
    ['172.32.0.0/12', /a public network/],
    ['100.0.0.0/9', /a public network/],
    ['2001:db8::/43', /a public network wider than \/44/],
    ['10.1.2.3/24', /beyond the first 24 bits: write zeros there, or 10\.1\.2\.3\/32/],
    ['10.1.2.128/24', /beyond the first 24 bits/],
    ['2001:db8:0:1::/48', /beyond the first 48 bits: write zeros there, or 2001:db8:0:1::\/128/],
    ['2001:db8::1/64', /beyond the first 64 bits/],
  ])('the network %s', (network, message) => {
    expect(() => cidr(network)).toThrow(message);
  });
});
