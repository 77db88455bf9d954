import { DescribeSubnetsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { required } from '../../shared/aws/aws-error.ts';
import type { Place } from '../place-options.ts';
import { inWords, unless } from './in-words.ts';

export interface Subnet {
  readonly id: string;
  readonly vpcId: string;
  readonly zone: string;
}

/** Undefined where there is none of this id. */
export async function findSubnet(place: Place, id: string): Promise<Subnet | undefined> {
  const found = await inWords('ec2:DescribeSubnets', place, () =>
    unless(['InvalidSubnetID.NotFound'], () =>
      new EC2Client({ region: place.region }).send(new DescribeSubnetsCommand({ SubnetIds: [id] })),
    ),
  );
  const [subnet] = found?.Subnets ?? [];
  return (
    subnet && {
      id,
      vpcId: required(subnet.VpcId, 'VpcId'),
      zone: required(subnet.AvailabilityZone, 'AvailabilityZone'),
    }
  );
}
