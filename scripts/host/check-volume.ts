import { hostStackName } from '../aws/stack.ts';
import type { Subnet } from '../aws/subnets.ts';
import { defaultDiskKey, findVolume, withoutTag } from '../aws/volumes.ts';
import type { HostPlan } from './host-plan.ts';

/** Of the data volume, whose former machine is ended before the new one takes it. */
export async function volumeProblems(plan: HostPlan, subnet: Subnet | undefined): Promise<readonly string[]> {
  await sayWhoseKey(plan);
  const { before, values } = plan;
  if (values.dataVolume !== '') return await problemsOf(plan, { id: values.dataVolume, name: 'dataVolume is' }, subnet);
  if (before === undefined || before.parameters['DataVolumeId'] !== '') return [];
  const { VolumeGiB: size = '0' } = before.parameters;
  return [
    ...(await problemsOf(plan, { id: before.outputs['DataVolume'] ?? '', name: 'the data volume is' }, subnet)),
    ...(Number(values.volumeGiB) >= Number(size)
      ? []
      : [`volumeGiB is ${values.volumeGiB}, but the data volume has ${size}: EBS volumes only grow`]),
  ];
}

async function problemsOf(
  { place, identity }: HostPlan,
  { id, name }: { readonly id: string; readonly name: string },
  subnet: Subnet | undefined,
): Promise<readonly string[]> {
  const volume = await findVolume(place, id);
  if (volume === undefined) return [`${name} ${id}: there is no such volume in ${place.region}`];
  const others = await withoutTag(place, volume.attachedTo, ['prometheus-on-emr-host', hostStackName(place)]);
  const keeper = volume.key?.split(':')[4];
  const wrong: readonly (readonly [boolean, string])[] = [
    [
      subnet !== undefined && volume.zone !== subnet.zone,
      ` in ${volume.zone}, but subnet ${subnet?.id} is in ${subnet?.zone}: both have to be in one. Name a subnet there, or move the data: docs/host.md, "Backup and restore"`,
    ],
    [!['available', 'in-use'].includes(volume.state), `, whose state is ${volume.state}: it has to be available`],
    [others.length > 0, `, which is attached to ${others.join(', ')}: detach it first`],
    [
      volume.isMultiAttach,
      ', which several machines may write at a time (Multi-Attach), and would spoil: aws ec2 modify-volume --no-multi-attach-enabled, or name another',
    ],
    [volume.key === undefined, ', which is not encrypted: copy its snapshot with --encrypted'],
    [
      keeper !== undefined && keeper !== identity.accountId,
      `, whose key ${volume.key} is of account ${keeper}, and the host may use keys of its own: copy its snapshot with --encrypted --kms-key-id`,
    ],
  ];
  return wrong.flatMap(([isWrong, text]) => (isWrong ? [`${name} ${id}${text}`] : []));
}

/** Whether its policy has the service's role in it, only those see who may read it. */
async function sayWhoseKey({ place, say }: HostPlan): Promise<void> {
  const key = await defaultDiskKey(place);
  if (key.endsWith('alias/aws/ebs')) return;
  say(
    `  disks of this account are encrypted with ${key}, not looked at: its policy must let AWSServiceRoleForAutoScaling start machines with it, and IAM decide for the host's role (docs/host.md)`,
  );
}
