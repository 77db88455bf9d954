import { hostStackName } from '../aws/stack.ts';
import type { Subnet } from '../aws/subnets.ts';
import { defaultDiskKey, findVolume, type Volume, withoutTag } from '../aws/volumes.ts';
import type { HostPlan } from './host-plan.ts';

interface Looked {
  readonly problems: readonly string[];
  readonly found: Volume | undefined;
}

/** At the data volume, whose former machine is ended before the new one takes it. */
export async function lookAtVolume(plan: HostPlan, subnet: Subnet | undefined): Promise<Looked> {
  await sayWhoseKey(plan);
  const { place, before, values } = plan;
  const former = before?.outputs['DataVolume'] ?? '';
  if (values.dataVolume !== '') return await looked(plan, { id: values.dataVolume, name: 'dataVolume is' }, subnet);
  if (before === undefined) return { problems: [], found: undefined };
  if (before.parameters['DataVolumeId'] === '')
    return await looked(plan, { id: former, name: 'the data volume is' }, subnet);
  const problem = `dataVolume is empty, and a new volume without any data would take the place of ${former}: leave it out, or name one (aws ec2 create-volume --region ${place.region} makes an empty one)`;
  return { problems: [problem], found: undefined };
}

interface Named {
  readonly id: string;
  /** As a sentence about it begins. */
  readonly name: string;
}

async function looked(plan: HostPlan, { id, name }: Named, subnet: Subnet | undefined): Promise<Looked> {
  const found = await findVolume(plan.place, id);
  if (found === undefined)
    return { problems: [`${name} ${id}: there is no such volume in ${plan.place.region}`], found };
  const wrong = [...(await problemsOf(plan, found, subnet)), ...sizeProblems(plan, found)];
  return { problems: wrong.map((text) => `${name} ${id}${text}`), found };
}

async function problemsOf(
  { place, identity }: HostPlan,
  { zone, state, attachedTo, isMultiAttach, key }: Volume,
  subnet: Subnet | undefined,
): Promise<readonly string[]> {
  const others = await withoutTag(place, attachedTo, ['prometheus-on-emr-host', hostStackName(place)]);
  const keeper = key?.split(':')[4];
  const wrong: readonly (readonly [boolean, string])[] = [
    [
      subnet !== undefined && zone !== subnet.zone,
      ` in ${zone}, but subnet ${subnet?.id} is in ${subnet?.zone}: both have to be in one. Name a subnet there, or move the data: docs/host.md, "Backup and restore"`,
    ],
    [!['available', 'in-use'].includes(state), `, whose state is ${state}: it has to be available`],
    [others.length > 0, `, which is attached to ${others.join(', ')}: detach it first`],
    [
      isMultiAttach,
      ', which several machines may write at a time (Multi-Attach), and would spoil: aws ec2 modify-volume --no-multi-attach-enabled, or name another',
    ],
    [key === undefined, ', which is not encrypted: copy its snapshot with --encrypted'],
    [
      keeper !== undefined && keeper !== identity.accountId,
      `, whose key ${key} is of account ${keeper}, and the host may use keys of its own: copy its snapshot with --encrypted --kms-key-id`,
    ],
  ];
  return wrong.flatMap(([isWrong, text]) => (isWrong ? [text] : []));
}

/** What it has, or will have once EBS has done what it was asked for. */
export const sizeOf = ({ sizeGiB, change }: Volume): number => Math.max(sizeGiB, change?.toGiB ?? 0);

function sizeProblems({ place, wantedGiB }: HostPlan, volume: Volume): readonly string[] {
  const { id, change } = volume;
  const size = sizeOf(volume);
  if (wantedGiB === undefined || wantedGiB === size) return [];
  if (wantedGiB < size)
    return [` of ${size} GiB, but volumeGiB is ${wantedGiB}, and EBS volumes only grow: leave it out`];
  if (change === undefined) return [];
  return [
    `, which EBS still changes (${change.state}, to ${change.toGiB} GiB), but volumeGiB is ${wantedGiB}, and one change ends before the next: leave it out until aws ec2 describe-volumes-modifications --region ${place.region} --volume-ids ${id} says completed`,
  ];
}

/** Whether its policy has the service's role in it, only those see who may read it. */
async function sayWhoseKey({ place, say }: HostPlan): Promise<void> {
  const key = await defaultDiskKey(place);
  if (key.endsWith('alias/aws/ebs')) return;
  say(
    `  disks of this account are encrypted with ${key}, not looked at: its policy must let AWSServiceRoleForAutoScaling start machines with it, and IAM decide for the host's role (docs/host.md)`,
  );
}
