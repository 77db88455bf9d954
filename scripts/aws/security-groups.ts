import { EC2Client, paginateDescribeSecurityGroups } from '@aws-sdk/client-ec2';
import type { FoundGroup } from '../package/check-network.ts';
import type { Place } from '../place-options.ts';
import { inWords } from './in-words.ts';

/** Those of these ids that exist in the account and Region: a filter leaves out what an id parameter would refuse. */
export async function securityGroups(place: Place, ids: readonly string[]): Promise<readonly FoundGroup[]> {
  return await inWords('ec2:DescribeSecurityGroups', place, async () => {
    const found: FoundGroup[] = [];
    const Filters = [{ Name: 'group-id', Values: [...ids] }];
    const client = new EC2Client({ region: place.region });
    for await (const page of paginateDescribeSecurityGroups({ client }, { Filters }))
      found.push(...((page.SecurityGroups ?? []) as readonly FoundGroup[]));
    return found;
  });
}
