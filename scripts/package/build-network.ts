import type { Monitoring } from '../../shared/core/monitoring.ts';
import type { Network } from './network-parameters.ts';

/** From one port to another, both included. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
}

/** The ports of every exporter that monitoring.yml switches on, no other port among them, in as few ranges as that takes. */
export function portRanges({ exporters }: Pick<Monitoring, 'exporters'>): readonly PortRange[] {
  const enabled = Object.values(exporters).filter((section) => section.enabled);
  const ports = new Set(enabled.flatMap((section) => Object.values(section.ports)));
  const ranges: PortRange[] = [];
  for (const port of [...ports].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last?.to === port - 1) ranges[ranges.length - 1] = { from: last.from, to: port };
    else ranges.push({ from: port, to: port });
  }
  return ranges;
}

/**
 * One rule per group and range. CloudFormation creates before it deletes: an id that named its place in the list, and
 * not its content, would ask for a rule that another id still holds, and EC2 refuses doubles.
 */
export const ingressResources = (
  { source, clusterGroups }: Network,
  ranges: readonly PortRange[],
  stack: string,
): Readonly<Record<string, object>> =>
  Object.fromEntries(
    clusterGroups.flatMap((group) =>
      ranges.map(({ from, to }) => [
        `Ingress${group.slice('sg-'.length)}From${from}To${to}`,
        {
          Type: 'AWS::EC2::SecurityGroupIngress',
          Properties: {
            GroupId: group,
            IpProtocol: 'tcp',
            FromPort: from,
            ToPort: to,
            ...sourceProperty(source),
            Description: descriptionOf(stack),
          },
        },
      ]),
    ),
  );

/** Tells our rules from those that EMR and people made. */
export const descriptionOf = (stack: string): string => `${stack}: Prometheus reads the exporters`;

function sourceProperty(source: Network['source']): object {
  if ('group' in source) return { SourceSecurityGroupId: source.group };
  return source.cidr.includes(':') ? { CidrIpv6: source.cidr } : { CidrIp: source.cidr };
}
