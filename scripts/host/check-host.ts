import { isIPv4 } from 'node:net';
import { throwProblems } from '../all-problems.ts';
import { securityGroups } from '../aws/security-groups.ts';
import { findSubnet, type Subnet } from '../aws/subnets.ts';
import type { Volume } from '../aws/volumes.ts';
import { isOffered } from '../aws/instance-types.ts';
import { topicProblems } from '../deploy/check-topic.ts';
import { isPrivate } from '../package/network-parameters.ts';
import { lookAtVolume } from './check-volume.ts';
import type { HostPlan } from './host-plan.ts';
import type { HostParameter } from './host-template.ts';

interface Found {
  /** Where the host will be; undefined only where its parameter was wrong before. */
  readonly subnet: Subnet | undefined;
  /** Its data volume; undefined where the stack will make one. */
  readonly volume: Volume | undefined;
}

/** What only the account can say of the parameters, all of it before anything is created. */
export async function checkHost(plan: HostPlan): Promise<Found> {
  const { place, values } = plan;
  const subnet = values.subnet === '' ? undefined : await findSubnet(place, values.subnet);
  const volume = await lookAtVolume(plan, subnet);
  const problems: readonly (readonly [HostParameter, readonly string[]])[] = [
    ['subnet', subnetProblems(plan, subnet)],
    ['dataVolume', volume.problems],
    ['instanceType', await typeProblems(plan, subnet)],
    ['grafanaCidr', cidrProblems(values.grafanaCidr)],
    ['targetGroup', targetProblems(plan)],
    ['rootUrl', urlProblems(values)],
    ['grafanaSecurityGroup', await groupProblems(plan, subnet)],
    ['alertTopic', await topicProblems({ ...plan, parameter: 'alertTopic', topic: values.alertTopic })],
  ];
  throwProblems(problems.flatMap(([name, found]) => (plan.wrong.has(name) ? [] : found)));
  return { subnet, volume: volume.found };
}

function subnetProblems({ place, values: { subnet: id } }: HostPlan, subnet: Subnet | undefined): readonly string[] {
  if (subnet !== undefined) return [];
  const list = `aws ec2 describe-subnets --region ${place.region} --query 'Subnets[].[SubnetId,VpcId,AvailabilityZone]' --output text`;
  if (id === '')
    return [`subnet is not given: --param subnet=subnet-…, one that reaches the clusters' nodes (${list})`];
  return [`subnet is ${id}: there is no such subnet in ${place.region}; those that there are: ${list}`];
}

async function typeProblems({ place, values: { instanceType } }: HostPlan, subnet: Subnet | undefined) {
  if (subnet === undefined || (await isOffered(place, instanceType, subnet.zone))) return [];
  return [
    `instanceType is ${instanceType}, which EC2 does not offer in ${subnet.zone}, the zone of ${subnet.id}; what it does: aws ec2 describe-instance-type-offerings --region ${place.region} --location-type availability-zone --filters Name=location,Values=${subnet.zone} --query 'InstanceTypeOfferings[].InstanceType' --output text`,
  ];
}

function cidrProblems(cidr: string): readonly string[] {
  if (cidr === '') return [];
  const [address = '', length = ''] = cidr.split('/');
  if (!isIPv4(address) || Number(length) > 32)
    return [`grafanaCidr is ${cidr}: expected a network such as 10.1.0.0/16`];
  if (isPrivate(address, Number(length))) return [];
  return [
    `grafanaCidr is ${cidr}, which is not wholly private, and Grafana's port speaks plain HTTP, the password with it: name a private network (10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10), or put TLS in front (docs/host.md)`,
  ];
}

/** What its ARN says. Whether it is there, and fits, Auto Scaling says when it is told of it. */
function targetProblems({ place, identity, values: { targetGroup } }: HostPlan): readonly string[] {
  const [, partition, , region, owner] = targetGroup.split(':');
  const here = `arn:${identity.partition}:elasticloadbalancing:${place.region}:${identity.accountId}:`;
  if (targetGroup === '' || `arn:${partition}:elasticloadbalancing:${region}:${owner}:` === here) return [];
  return [`targetGroup is ${targetGroup}: expected one of this account and Region (${here}targetgroup/…)`];
}

function urlProblems({ targetGroup, rootUrl }: HostPlan['values']): readonly string[] {
  if (targetGroup === '' || !rootUrl.startsWith('http://')) return [];
  return [
    `rootUrl is ${rootUrl}, without TLS behind a load balancer: give it a listener with a certificate, and name https://…: docs/host.md, "TLS in front"`,
  ];
}

async function groupProblems({ place, values }: HostPlan, subnet: Subnet | undefined): Promise<readonly string[]> {
  const id = values.grafanaSecurityGroup;
  if (id === '') return [];
  const [group] = await securityGroups(place, [id]);
  if (group === undefined) return [`grafanaSecurityGroup is ${id}: there is no such group in ${place.region}`];
  if (subnet === undefined || group.VpcId === subnet.vpcId) return [];
  return [
    `grafanaSecurityGroup is ${id} of ${group.VpcId}, but the host will be in ${subnet.vpcId}: name one there, or grafanaCidr`,
  ];
}
