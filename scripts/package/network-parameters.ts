import { BlockList, isIP } from 'node:net';
import { ConfigError } from '../../shared/core/errors.ts';

/** The parameters of serverless.yml as they were given; empty or absent: not given. */
export interface NetworkParameters {
  readonly prometheusSecurityGroup?: Given;
  readonly prometheusCidr?: Given;
  readonly clusterSecurityGroups?: Given;
}
type Given = string | readonly string[] | null;

export type SecurityGroupId = `sg-${string}`;

/** Who may reach the exporters, and the security groups of the nodes that let it in. */
export interface Network {
  readonly source: { readonly group: SecurityGroupId } | { readonly cidr: string };
  readonly clusterGroups: readonly SecurityGroupId[];
}

/**
 * Networks that are nobody's alone (RFC 1918, RFC 6598, RFC 4193) may be as wide as they are. Of the others, wider ones
 * than these are not those of a Prometheus host: 256 addresses, or a VPC's IPv6 block (a /44 at most).
 */
const FAMILIES = { 4: { bits: 32, widest: 24 }, 6: { bits: 128, widest: 44 } } as const;
const PRIVATE = [
  ['10.0.0.0', 8, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['fc00::', 7, 'ipv6'],
] as const;

/**
 * What the parameters mean, by their shape alone; undefined when none is given. Whether the groups exist, and where, is
 * asked at deploy time (scripts/package/check-network.ts).
 */
export function readNetwork(given: NetworkParameters): Network | undefined {
  const [group, cidr] = [text(given.prometheusSecurityGroup), text(given.prometheusCidr)];
  const groups = text(given.clusterSecurityGroups);
  if (group === '' && cidr === '' && groups === '') return undefined;
  if (group !== '' && cidr !== '')
    throw new ConfigError(
      `prometheusSecurityGroup is ${group} and prometheusCidr is ${cidr}: give one of them. The group where Prometheus ` +
        'and the clusters share a VPC, else the CIDR',
    );
  if (group === '' && cidr === '')
    throw new ConfigError(
      `clusterSecurityGroups is ${groups}, but nothing says who may reach them: give prometheusSecurityGroup or prometheusCidr, too`,
    );
  if (groups === '')
    throw new ConfigError(
      `${group === '' ? `prometheusCidr is ${cidr}` : `prometheusSecurityGroup is ${group}`}, but no group would let it in: ` +
        'give clusterSecurityGroups, too (what aws emr describe-cluster shows under Ec2InstanceAttributes)',
    );
  return {
    source: group === '' ? { cidr: readCidr(cidr) } : { group: readGroup('prometheusSecurityGroup', group) },
    clusterGroups: readGroups(groups),
  };
}

/** A list is `a,b`, or a list in serverless.yml. */
const text = (value: Given | undefined): string => [value ?? ''].flat().join(',').trim();

function readGroups(groups: string): readonly SecurityGroupId[] {
  const all = groups.split(',').map((group) => readGroup('clusterSecurityGroups', group.trim()));
  const twice = all.find((group, at) => all.indexOf(group) !== at);
  if (twice !== undefined) throw new ConfigError(`clusterSecurityGroups names ${twice} twice: once is enough`);
  return all.toSorted();
}

function readGroup(parameter: string, id: string): SecurityGroupId {
  if (isGroupId(id)) return id;
  throw new ConfigError(
    `${parameter}: ${id === '' ? 'an empty name' : id} is no security group's id; expected sg- and 8 or 17 hexadecimal ` +
      'digits, and commas between several',
  );
}

/** EC2 made ids of 8 digits until 2018. */
const isGroupId = (id: string): id is SecurityGroupId => /^sg-(?:[0-9a-f]{8}|[0-9a-f]{17})$/.test(id);

function readCidr(cidr: string): string {
  const { address, length, family } = split(cidr);
  const { bits, widest } = FAMILIES[family];
  if (length < widest && !isPrivate(address, length))
    throw new ConfigError(
      `prometheusCidr is ${cidr}, a public network wider than /${widest}: the exporters' pages ask for no password, and ` +
        'EMR starts no cluster whose groups are open to the world. Name the network of the Prometheus host, or its address',
    );
  if (hasHostBits(bytesOf(address), length))
    throw new ConfigError(
      `prometheusCidr is ${cidr}, whose address goes on beyond the first ${length} bits: write zeros there, or ` +
        `${address}/${bits} for the one address`,
    );
  return cidr;
}

/** Wholly within a private network. */
export const isPrivate = (address: string, length: number): boolean =>
  PRIVATE.some(([network, prefix, family]) => {
    const block = new BlockList();
    block.addSubnet(network, prefix, family);
    return length >= prefix && block.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  });

function split(cidr: string): { readonly address: string; readonly length: number; readonly family: 4 | 6 } {
  const [, address = '', digits = ''] = /^([0-9a-fA-F.:]+)\/(\d{1,3})$/.exec(cidr) ?? [];
  const family = isIP(address);
  const length = Number(digits);
  if ((family === 4 || family === 6) && length <= FAMILIES[family].bits) return { address, length, family };
  throw new ConfigError(
    `prometheusCidr is ${cidr}; expected a network such as 10.1.2.0/24, or one address as 10.1.2.3/32`,
  );
}

/** EC2 would keep another CIDR than the one that was given, and every later comparison would find a difference. */
const hasHostBits = (bytes: readonly number[], bits: number): boolean =>
  bytes.some((byte, at) => (byte & (0xff >> Math.min(8, Math.max(0, bits - at * 8)))) !== 0);

function bytesOf(address: string): readonly number[] {
  if (isIP(address) === 4) return address.split('.').map(Number);
  // URL writes an embedded IPv4 address as two groups of digits, too.
  const [head = '', tail = ''] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const [first, last] = [head, tail].map((half) => (half === '' ? [] : half.split(':')));
  const zeros = Array.from({ length: 8 - (first?.length ?? 0) - (last?.length ?? 0) }, () => '0');
  return [...(first ?? []), ...zeros, ...(last ?? [])].flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}
