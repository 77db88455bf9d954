import type { Identifiers } from './identifiers.ts';
import { WireFault } from './wire.ts';

export type SecurityGroupId = `sg-${string}`;

export interface IngressRule {
  readonly from: number;
  readonly to: number;
  readonly source: { readonly group: string } | { readonly cidr: string };
  readonly description?: string | undefined;
}

export interface SecurityGroup {
  readonly id: SecurityGroupId;
  readonly name: string;
  readonly vpcId: string;
  /** TCP only. */
  readonly ingress: readonly IngressRule[];
}

export interface SecurityGroups {
  create(group: { readonly name: string; readonly vpcId?: string; readonly id?: SecurityGroupId }): SecurityGroup;
  remove(id: string): void;
  find(id: string): SecurityGroup | undefined;
  all(): readonly SecurityGroup[];
  /** AuthorizeSecurityGroupIngress; the answer revokes the rule. */
  authorize(groupId: string, rule: IngressRule): () => void;
}

/** Where this account's clusters are. */
export const VPC = 'vpc-0123456789abcdef0';

/** docs: vpc/latest/userguide/amazon-vpc-limits, "Inbound or outbound rules per security group"; IPv6 counts apart. */
const MAX_RULES = 60;

/** Those that EMR makes in a VPC with its first cluster, and every cluster's nodes are in. */
const OF_EMR: readonly SecurityGroup[] = [
  { id: 'sg-0123456789abcdef0', name: 'ElasticMapReduce-master', vpcId: VPC, ingress: [] },
  { id: 'sg-0123456789abcdef1', name: 'ElasticMapReduce-slave', vpcId: VPC, ingress: [] },
];

export function createSecurityGroups(ids: Identifiers): SecurityGroups {
  const groups = new Map<string, SecurityGroup>(OF_EMR.map((group) => [group.id, group]));
  const existing = (id: string): SecurityGroup => {
    const group = groups.get(id);
    if (group === undefined) throw notFound(id);
    return group;
  };
  return {
    create({ name, vpcId = VPC, id = `sg-${ids.resource('').slice(1)}` }) {
      const group: SecurityGroup = { id, name, vpcId, ingress: [] };
      groups.set(group.id, group);
      return group;
    },
    remove(id) {
      const isNamed = [...groups.values()].some(({ ingress }) =>
        ingress.some(({ source }) => 'group' in source && source.group === id),
      );
      if (isNamed) throw new WireFault('DependencyViolation', `resource ${id} has a dependent object`);
      groups.delete(id);
    },
    find: (id) => groups.get(id),
    all: () => [...groups.values()],
    authorize(groupId, rule) {
      const group = existing(groupId);
      if ('group' in rule.source && existing(rule.source.group).vpcId !== group.vpcId) throw otherVpc();
      if (group.ingress.some((other) => isSame(other, rule))) throw duplicate(rule);
      const counted = group.ingress.filter(({ source }) => isIpv6(source) === isIpv6(rule.source));
      if (counted.length >= MAX_RULES) throw full();
      groups.set(groupId, { ...group, ingress: [...group.ingress, rule] });
      return () => {
        const now = existing(groupId);
        groups.set(groupId, { ...now, ingress: now.ingress.filter((other) => other !== rule) });
      };
    },
  };
}

const isIpv6 = (source: IngressRule['source']): boolean => 'cidr' in source && source.cidr.includes(':');

const sourceOf = ({ source }: IngressRule): string => ('group' in source ? source.group : source.cidr);

/** The description does not count. */
const isSame = (a: IngressRule, b: IngressRule): boolean =>
  a.from === b.from && a.to === b.to && sourceOf(a) === sourceOf(b);

/** docs: AWSEC2/latest/APIReference/errors-overview, of these codes. */
const notFound = (id: string): WireFault =>
  new WireFault('InvalidGroup.NotFound', `The security group '${id}' does not exist`);
const otherVpc = (): WireFault =>
  new WireFault('InvalidGroup.NotFound', 'You have specified two resources that belong to different networks.');
const duplicate = (rule: IngressRule): WireFault =>
  new WireFault(
    'InvalidPermission.Duplicate',
    `the specified rule "peer: ${sourceOf(rule)}, TCP, from port: ${rule.from}, to port: ${rule.to}, ALLOW" already exists`,
  );
const full = (): WireFault =>
  new WireFault(
    'RulesPerSecurityGroupLimitExceeded',
    'The maximum number of rules per security group has been reached.',
  );
