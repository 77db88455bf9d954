import { DescribeVolumesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { required } from '../../shared/aws/aws-error.ts';
import type { Place } from '../place-options.ts';
import { inWords, unless } from './in-words.ts';

interface Volume {
  readonly zone: string;
  readonly isInUse: boolean;
  readonly isEncrypted: boolean;
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
  const { AvailabilityZone, Attachments = [], Encrypted = false } = volume;
  return {
    zone: required(AvailabilityZone, 'AvailabilityZone'),
    isInUse: Attachments.length > 0,
    isEncrypted: Encrypted,
  };
}
