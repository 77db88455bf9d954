import type { EmrCluster, EmrGroup, EmrInstance } from './emr-model.ts';
import type { Surroundings } from './surroundings.ts';

/** Events beside the states, of which AWS publishes names and event codes only: the fields are those of events/inferred. */

/** docs: emr/latest/ManagementGuide/emr-manage-cloudwatch-events, "Unhealthy node replacement". */
export function emitUnhealthy(
  { emit }: Surroundings,
  { id, name }: EmrCluster,
  { ec2 }: EmrInstance,
  isReplaced: boolean,
): void {
  const plan = isReplaced
    ? 'Amazon EMR will attempt to recover or gracefully replace the UNHEALTHY instance.'
    : 'Replacement is disabled.';
  emit('aws.emr', 'EMR Unhealthy Node Replacement', [], {
    severity: 'INFO',
    eventCode: isReplaced ? 'Unhealthy core node detected' : 'Core node unhealthy - replacement disabled',
    clusterId: id,
    message: `Amazon EMR has identified that core instance [${ec2?.id} (${ec2?.dnsName})] in the Amazon EMR cluster ${id} (${name}) is UNHEALTHY. ${plan}`,
  });
}

export const emitScalingAction = ({ emit }: Surroundings, { id }: EmrCluster, { requested }: EmrGroup): void =>
  emit('aws.emr', 'EMR Managed Scaling Action', [], {
    severity: 'INFO',
    clusterId: id,
    message: `Managed scaling asks for ${requested} units.`,
  });

/** EC2 has not enough instances for a group or fleet: told again and again until there are. */
export function emitShortage(
  { emit, region }: Surroundings,
  { id, name, collection }: EmrCluster,
  group: EmrGroup,
): void {
  const kind = collection === 'INSTANCE_FLEET' ? 'Fleet' : 'Group';
  const isResize = group.state === 'RESIZING';
  const doing = isResize ? 'complete the resize operation of' : 'create';
  emit('aws.emr', `EMR Instance ${kind} ${isResize ? 'Resize' : 'Provisioning'}`, [], {
    severity: isResize ? 'WARNING' : 'WARN',
    eventCode: 'EC2 provisioning - Insufficient Instance Capacity',
    clusterId: id,
    [`instance${kind}Id`]: group.id,
    [`instance${kind}Type`]: group.role,
    message: `We are not able to ${doing} your Amazon EMR cluster ${id} (${name}) for Instance ${kind} ${group.id}: Amazon EC2 has insufficient capacity for Instance type [${group.instanceType}] in Availability Zone [${region}a].`,
  });
}
