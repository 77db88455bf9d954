import { epoch } from './aws-json.ts';
import { isError, reasonMessage } from './emr-events.ts';
import type { EmrCluster, EmrGroup, EmrInstance } from './emr-model.ts';
import { WireFault } from './wire.ts';

/** The shapes of docs: emr/latest/APIReference, Data Types. */

export const invalidRequest = (message: string): WireFault => new WireFault('InvalidRequestException', message);

export const wrongCollection = ({ collection }: EmrCluster): WireFault =>
  invalidRequest(
    collection === 'INSTANCE_FLEET'
      ? 'Instance fleets and instance groups are mutually exclusive. The EMR cluster specified in the request uses instance fleets. The request uses instance groups.'
      : 'Instance fleets and instance groups are mutually exclusive. The EMR cluster specified in the request uses instance groups. The request uses instance fleets.',
  );

export interface NodeFilter {
  readonly InstanceGroupId?: string | undefined;
  readonly InstanceGroupTypes?: readonly string[] | undefined;
  readonly InstanceFleetId?: string | undefined;
  readonly InstanceFleetType?: string | undefined;
}

/** A filter for groups on a cluster with fleets, and the other way round, is refused. */
export function checkCollection(cluster: EmrCluster, filter: NodeFilter): void {
  const asksGroups = filter.InstanceGroupId !== undefined || filter.InstanceGroupTypes !== undefined;
  const asksFleets = filter.InstanceFleetId !== undefined || filter.InstanceFleetType !== undefined;
  if (cluster.collection === 'INSTANCE_FLEET' ? asksGroups : asksFleets) throw wrongCollection(cluster);
}

export const matches = ({ id, role }: EmrGroup, filter: NodeFilter): boolean =>
  (filter.InstanceGroupId ?? filter.InstanceFleetId ?? id) === id &&
  (filter.InstanceGroupTypes ?? [role]).includes(role) &&
  (filter.InstanceFleetType ?? role) === role;

const reason = (code: string | undefined): object =>
  code === undefined ? {} : { Code: code, Message: reasonMessage(code) };

export const summary = (cluster: EmrCluster, arn: string): object => ({
  Id: cluster.id,
  ClusterArn: arn,
  Name: cluster.name,
  NormalizedInstanceHours: 0,
  Status: {
    State: cluster.state,
    StateChangeReason: reason(cluster.reason),
    Timeline: {
      CreationDateTime: epoch(cluster.createdAt),
      ReadyDateTime: epoch(cluster.readyAt),
      EndDateTime: epoch(cluster.endedAt),
    },
    ErrorDetails: isError(cluster.reason) ? [{ ErrorCode: cluster.reason }] : [],
  },
});

export const details = (cluster: EmrCluster, region: string): object => ({
  ReleaseLabel: cluster.releaseLabel,
  InstanceCollectionType: cluster.collection,
  Tags: Object.entries(cluster.tags).map(([Key, Value]) => ({ Key, Value })),
  Ec2InstanceAttributes: {
    Ec2AvailabilityZone: `${region}a`,
    Ec2SubnetId: 'subnet-0123456789abcdef0',
    IamInstanceProfile: 'EMR_EC2_DefaultRole',
    EmrManagedMasterSecurityGroup: 'sg-0123456789abcdef0',
    EmrManagedSlaveSecurityGroup: 'sg-0123456789abcdef1',
  },
  Applications: [{ Name: 'Hadoop' }, { Name: 'Spark' }],
  AutoTerminate: cluster.transient,
  TerminationProtected: false,
  VisibleToAllUsers: true,
  ScaleDownBehavior: 'TERMINATE_AT_TASK_COMPLETION',
  ServiceRole: 'EMR_DefaultRole',
});

/** `PrivateIpAddress` and `Ec2InstanceId` are absent until assigned. There are no roles and no tags. */
export const instance = (node: EmrInstance, group: EmrGroup | undefined): object => ({
  Id: node.id,
  Ec2InstanceId: node.ec2?.id,
  PrivateDnsName: node.ec2?.dnsName,
  PrivateIpAddress: node.ec2?.address,
  PublicDnsName: node.ec2 && '',
  Status: {
    State: node.state,
    StateChangeReason: {},
    Timeline: {
      CreationDateTime: epoch(node.createdAt),
      ReadyDateTime: epoch(node.readyAt),
      EndDateTime: epoch(node.endedAt),
    },
  },
  [node.groupId.startsWith('ig-') ? 'InstanceGroupId' : 'InstanceFleetId']: node.groupId,
  Market: group?.market,
  InstanceType: node.instanceType,
  EbsVolumes: [],
});

const status = ({ state, createdAt }: EmrGroup): object => ({
  State: state,
  StateChangeReason: {},
  Timeline: { CreationDateTime: epoch(createdAt) },
});

export const instanceGroup = (group: EmrGroup, running: number): object => ({
  Id: group.id,
  Name: group.role,
  InstanceGroupType: group.role,
  InstanceType: group.instanceType,
  Market: group.market,
  RequestedInstanceCount: group.requested,
  RunningInstanceCount: running,
  Status: status(group),
});

export function instanceFleet(fleet: EmrGroup, running: number): object {
  const isSpot = fleet.market === 'SPOT';
  return {
    Id: fleet.id,
    Name: fleet.role,
    InstanceFleetType: fleet.role,
    Status: status(fleet),
    TargetOnDemandCapacity: isSpot ? 0 : fleet.requested,
    TargetSpotCapacity: isSpot ? fleet.requested : 0,
    ProvisionedOnDemandCapacity: isSpot ? 0 : running,
    ProvisionedSpotCapacity: isSpot ? running : 0,
    InstanceTypeSpecifications: [fleet.instanceType, ...fleet.otherTypes].map((type) => ({
      InstanceType: type,
      WeightedCapacity: 1,
    })),
  };
}
