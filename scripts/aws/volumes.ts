import {
  DescribeInstancesCommand,
  DescribeVolumesCommand,
  DescribeVolumesModificationsCommand,
  EC2Client,
  GetEbsDefaultKmsKeyIdCommand,
  ModifyVolumeCommand,
} from '@aws-sdk/client-ec2';
import { required } from '../../shared/aws/aws-error.ts';
import type { Place } from '../place-options.ts';
import { inWords, unless } from './in-words.ts';

export interface Volume {
  readonly id: string;
  readonly zone: string;
  readonly sizeGiB: number;
  /** A change that has not ended; EBS takes no other meanwhile. */
  readonly change: { readonly state: string; readonly toGiB: number } | undefined;
  /** docs: AWSEC2/latest/APIReference/API_Volume, status */
  readonly state: string;
  /** Instances. */
  readonly attachedTo: readonly string[];
  readonly isMultiAttach: boolean;
  /** ARN of its key; undefined: not encrypted. */
  readonly key: string | undefined;
}

/** Undefined where there is none of this id. */
export async function findVolume(place: Place, id: string): Promise<Volume | undefined> {
  const found = await inWords('ec2:DescribeVolumes', place, () =>
    unless(['InvalidVolume.NotFound'], () =>
      new EC2Client({ region: place.region }).send(new DescribeVolumesCommand({ VolumeIds: [id] })),
    ),
  );
  const [volume] = found?.Volumes ?? [];
  if (volume === undefined) return undefined;
  const { AvailabilityZone, State, Attachments = [], MultiAttachEnabled = false, Encrypted = false, KmsKeyId } = volume;
  return {
    id,
    zone: required(AvailabilityZone, 'AvailabilityZone'),
    sizeGiB: required(volume.Size, 'Size'),
    change: await unfinishedChange(place, id),
    state: required(State, 'State'),
    attachedTo: Attachments.map(({ InstanceId = 'something of AWS' }) => InstanceId),
    isMultiAttach: MultiAttachEnabled,
    key: Encrypted ? required(KmsKeyId, 'KmsKeyId') : undefined,
  };
}

/** By a filter: of a volume that was never changed the id parameter is refused. */
async function unfinishedChange(place: Place, id: string): Promise<Volume['change']> {
  const Filters = [{ Name: 'volume-id', Values: [id] }];
  const { VolumesModifications = [] } = await inWords('ec2:DescribeVolumesModifications', place, () =>
    new EC2Client({ region: place.region }).send(new DescribeVolumesModificationsCommand({ Filters })),
  );
  const change = VolumesModifications.find(({ ModificationState: state = '' }) => /^(modify|optimiz)ing$/.test(state));
  return change && { state: change.ModificationState ?? '', toGiB: required(change.TargetSize, 'TargetSize') };
}

/** Whatever is attached to it goes on meanwhile. */
export async function growVolume(place: Place, id: string, sizeGiB: number): Promise<void> {
  await inWords('ec2:ModifyVolume', place, () =>
    new EC2Client({ region: place.region }).send(new ModifyVolumeCommand({ VolumeId: id, Size: sizeGiB })),
  );
}

/** Those of these instances that do not have this tag. */
export async function withoutTag(
  place: Place,
  ids: readonly string[],
  [key, value]: readonly [string, string],
): Promise<readonly string[]> {
  if (ids.length === 0) return [];
  const Filters = [
    { Name: 'instance-id', Values: [...ids] },
    { Name: `tag:${key}`, Values: [value] },
  ];
  const { Reservations = [] } = await inWords('ec2:DescribeInstances', place, () =>
    new EC2Client({ region: place.region }).send(new DescribeInstancesCommand({ Filters })),
  );
  const tagged = new Set(Reservations.flatMap(({ Instances = [] }) => Instances.map(({ InstanceId }) => InstanceId)));
  return ids.filter((id) => !tagged.has(id));
}

/** What encrypts the account's disks where nobody says: `alias/aws/ebs`, or the ARN of a key of its own. */
export async function defaultDiskKey(place: Place): Promise<string> {
  const { KmsKeyId } = await inWords('ec2:GetEbsDefaultKmsKeyId', place, () =>
    new EC2Client({ region: place.region }).send(new GetEbsDefaultKmsKeyIdCommand({})),
  );
  return required(KmsKeyId, 'KmsKeyId');
}
