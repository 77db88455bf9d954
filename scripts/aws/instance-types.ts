import { DescribeInstanceTypeOfferingsCommand, EC2Client } from '@aws-sdk/client-ec2';
import type { Place } from '../place-options.ts';
import { inWords } from './in-words.ts';

export async function isOffered(place: Place, instanceType: string, zone: string): Promise<boolean> {
  const Filters = [
    { Name: 'instance-type', Values: [instanceType] },
    { Name: 'location', Values: [zone] },
  ];
  const { InstanceTypeOfferings = [] } = await inWords('ec2:DescribeInstanceTypeOfferings', place, () =>
    new EC2Client({ region: place.region }).send(
      new DescribeInstanceTypeOfferingsCommand({ LocationType: 'availability-zone', Filters }),
    ),
  );
  return InstanceTypeOfferings.length > 0;
}
