/** Looks at EC2 twice, one way or the other, and says what the second look took. Started by ec2.ts. */
import {
  type DescribeInstancesCommandInput,
  EC2Client,
  paginateDescribeInstances,
  paginateDescribeTags,
} from '@aws-sdk/client-ec2';
import { CLUSTER_TAG } from './big-fleet.ts';
import { spent } from './spent.ts';

const LOOKS = 2;
const PAGE = 1000;
const LEAVING = ['shutting-down', 'terminated'];
const client = new EC2Client();

/** Instance id → its cluster, and what EC2 says of it where that is asked. */
type Seen = Map<string, { readonly cluster: string | undefined; readonly state?: string | undefined }>;

async function instances(states: readonly string[], seen: Seen): Promise<void> {
  const Filters: DescribeInstancesCommandInput['Filters'] = [
    { Name: 'tag-key', Values: [CLUSTER_TAG] },
    { Name: 'instance-state-name', Values: [...states] },
  ];
  for await (const { Reservations = [] } of paginateDescribeInstances({ client }, { Filters, MaxResults: PAGE }))
    for (const { InstanceId = '', State, Tags = [] } of Reservations.flatMap(({ Instances = [] }) => Instances))
      seen.set(InstanceId, { cluster: Tags.find(({ Key }) => Key === CLUSTER_TAG)?.Value, state: State?.Name });
}

async function tags(seen: Seen): Promise<void> {
  const Filters = [
    { Name: 'resource-type', Values: ['instance'] },
    { Name: 'key', Values: [CLUSTER_TAG] },
  ];
  for await (const { Tags = [] } of paginateDescribeTags({ client }, { Filters, MaxResults: PAGE }))
    for (const { ResourceId = '', Value } of Tags) seen.set(ResourceId, { cluster: Value });
}

const WAYS: Readonly<Record<string, (seen: Seen) => Promise<void>>> = {
  instances: (seen) => instances(['pending', 'running', 'stopping', 'stopped', ...LEAVING], seen),
  async tags(seen) {
    await tags(seen);
    await instances(LEAVING, seen);
  },
};

const [, , way = '', expected = ''] = process.argv;
for (let look = 1; look <= LOOKS; look += 1) {
  const seen: Seen = new Map();
  const took = await spent(async () => await WAYS[way]?.(seen));
  if (seen.size !== Number(expected)) throw new Error(`${seen.size} nodes seen instead of ${expected}`);
  if (look === LOOKS) console.log(JSON.stringify(took));
}
