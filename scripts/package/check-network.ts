import { descriptionOf, type PortRange } from './build-network.ts';
import type { Network, SecurityGroupId } from './network-parameters.ts';

/** What EC2 says of a group (DescribeSecurityGroups), as far as it matters here. */
export interface FoundGroup {
  readonly GroupId?: string | undefined;
  readonly VpcId?: string | undefined;
  readonly IpPermissions?: readonly FoundRule[] | undefined;
}
interface FoundRule {
  readonly IpProtocol?: string | undefined;
  readonly FromPort?: number | undefined;
  readonly ToPort?: number | undefined;
  readonly UserIdGroupPairs?: readonly { readonly GroupId?: string; readonly Description?: string }[] | undefined;
  readonly IpRanges?: readonly { readonly CidrIp?: string; readonly Description?: string }[] | undefined;
  readonly Ipv6Ranges?: readonly { readonly CidrIpv6?: string; readonly Description?: string }[] | undefined;
  readonly PrefixListIds?: readonly object[] | undefined;
}

/**
 * Of IPv4 as of IPv6, each by itself; a rule for a group or a prefix list counts as one of both.
 * docs: vpc/latest/userguide/amazon-vpc-limits, a default that AWS raises on request.
 */
const MAX_RULES = 60;
const FAMILIES = [4, 6] as const;
const countsFor = (source: string | undefined, family: 4 | 6): boolean =>
  source?.includes('/') !== true || source.includes(':') === (family === 6);

export const groupsOf = ({ source, clusterGroups }: Network): readonly SecurityGroupId[] => [
  ...new Set('group' in source ? [source.group, ...clusterGroups] : clusterGroups),
];

/**
 * What EC2 would refuse in the middle of a deploy, each with parameter, value and fix; empty when nothing.
 * `found`: those of `groupsOf` that exist; a call that names one that does not fails whole, so they are asked for by filter.
 */
export function networkProblems(
  network: Network,
  ranges: readonly PortRange[],
  found: readonly FoundGroup[],
  stack: string,
): readonly string[] {
  const groups = new Map(found.map((group) => [group.GroupId, group]));
  const missing = groupsOf(network).filter((id) => !groups.has(id));
  if (missing.length > 0) {
    return missing.map(
      (id) =>
        `${parameterOf(network, id)}: ${id} does not exist in this account and Region; see aws ec2 describe-security-groups`,
    );
  }
  return network.clusterGroups.flatMap((id) => {
    const group = groups.get(id) ?? {};
    return [...otherVpc(network, group, groups), ...refused(network, ranges, group, stack)];
  });
}

const parameterOf = ({ source }: Network, id: string): string =>
  'group' in source && source.group === id ? 'prometheusSecurityGroup' : 'clusterSecurityGroups';

function otherVpc({ source }: Network, group: FoundGroup, groups: ReadonlyMap<string | undefined, FoundGroup>) {
  const vpc = 'group' in source ? groups.get(source.group)?.VpcId : group.VpcId;
  if (!('group' in source) || vpc === group.VpcId) return [];
  return [
    `prometheusSecurityGroup: ${source.group} is in ${vpc}, but ${group.GroupId} of clusterSecurityGroups is in ` +
      `${group.VpcId}. Across VPCs give prometheusCidr in its place, with the network of the Prometheus host`,
  ];
}

/** Rules that carry this stack's description are its own: they are there already, or go when others come. */
function refused(
  network: Network,
  ranges: readonly PortRange[],
  { GroupId, IpPermissions = [] }: FoundGroup,
  stack: string,
) {
  const others = IpPermissions.flatMap(singleRules).filter(({ description }) => description !== descriptionOf(stack));
  const source = 'group' in network.source ? network.source.group : network.source.cidr;
  const doubles = ranges.filter(({ from, to }) =>
    others.some((rule) => rule.source === source && rule.protocol === 'tcp' && rule.from === from && rule.to === to),
  );
  const problems = doubles.map(
    ({ from, to }) =>
      `clusterSecurityGroups: ${GroupId} lets ${source} in to ${from === to ? `port ${from}` : `ports ${from} to ${to}`} ` +
      "already, by a rule that is not this stack's, and EC2 takes none twice. Leave the group out, or revoke that rule",
  );
  const counts = FAMILIES.filter((family) => countsFor(source, family)).map(
    (family) => others.filter((rule) => countsFor(rule.source, family)).length,
  );
  const most = Math.max(...counts);
  if (most + ranges.length > MAX_RULES)
    problems.push(
      `clusterSecurityGroups: ${GroupId} has ${most} rules of others, and ${ranges.length} more make over ${MAX_RULES}, ` +
        'the quota of a group. Take ports in a row in monitoring.yml, or have the quota raised and open the ports by hand (docs/network.md)',
    );
  return problems;
}

interface SingleRule {
  readonly protocol: string | undefined;
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly source: string | undefined;
  readonly description: string | undefined;
}

/** EC2 answers one entry for all sources of a port; each of them counts. */
function singleRules({ IpProtocol, FromPort, ToPort, ...sources }: FoundRule): readonly SingleRule[] {
  const all = [
    ...(sources.UserIdGroupPairs ?? []).map(({ GroupId, Description }) => [GroupId, Description] as const),
    ...(sources.IpRanges ?? []).map(({ CidrIp, Description }) => [CidrIp, Description] as const),
    ...(sources.Ipv6Ranges ?? []).map(({ CidrIpv6, Description }) => [CidrIpv6, Description] as const),
    ...(sources.PrefixListIds ?? []).map(() => [undefined, undefined] as const),
  ];
  return all.map(([source, description]) => ({
    protocol: IpProtocol,
    from: FromPort,
    to: ToPort,
    source,
    description,
  }));
}
