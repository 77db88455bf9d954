import { DescribeInstancesCommand, paginateDescribeInstances } from '@aws-sdk/client-ec2';
import type { EC2Client, Instance } from '@aws-sdk/client-ec2';
import type { Arch, ClusterId, Ec2Instance, InstanceId } from '../core/model.ts';
import type { Fleet } from '../ports.ts';
import { awsCode, awsMessage, chunksOf, everyItem, required, toAppError } from './aws-error.ts';
import { CLUSTER_TAG, clusterMembers, ITEMS_PER_PAGE, tagsOf } from './ec2-tags.ts';

/** An instance is 5 to 8 kB of XML: 200 of them are an answer of some 1.5 MB. */
const IDS_PER_CALL = 200;
/** One such id fails the whole call, and the message names it: "The instance IDs 'i-…, i-…' do not exist". */
const UNKNOWN_IDS = new Set(['InvalidInstanceID.NotFound', 'InvalidInstanceID.Malformed']);
const LEAVING = ['shutting-down', 'terminated'];
const ARCHITECTURES: Readonly<Record<string, Arch>> = { x86_64: 'amd64', arm64: 'arm64' };

export function ec2Fleet(client: EC2Client): Fleet {
  return {
    async instances(ids) {
      const found: Ec2Instance[] = [];
      for (const chunk of chunksOf(IDS_PER_CALL, [...new Set(ids)])) found.push(...(await describe(client, chunk)));
      return new Map(found.map((instance) => [instance.id, instance]));
    },
    members: (id) => clusterMembers(client, id),
    leavers: () => leavers(client),
    tags: (ids, keys) => tagsOf(client, ids, keys),
  };
}

/** EC2 shows a terminated instance for about an hour, without its interfaces and volumes: less XML than a running one. */
async function leavers(client: EC2Client): Promise<ReadonlyMap<InstanceId, Ec2Instance>> {
  const Filters = [
    { Name: 'tag-key', Values: [CLUSTER_TAG] },
    { Name: 'instance-state-name', Values: LEAVING },
  ];
  const reservations = await everyItem(
    'ec2:DescribeInstances',
    paginateDescribeInstances({ client, pageSize: ITEMS_PER_PAGE }, { Filters }),
    ({ Reservations }) => Reservations,
  );
  const instances = reservations.flatMap(({ Instances }) => required(Instances, 'Reservations[].Instances'));
  return new Map(
    instances.map((instance) => {
      const id = required(instance.InstanceId, 'Instances[].InstanceId') as InstanceId;
      return [id, toInstance(id, instance)];
    }),
  );
}

/** One entry for every id, or it throws: "not there" is said only where EC2 says so. */
async function describe(client: EC2Client, ids: readonly InstanceId[]): Promise<readonly Ec2Instance[]> {
  const unknown: Ec2Instance[] = [];
  let known = ids;
  while (known.length > 0) {
    const answer = await describeOrUnknown(client, known);
    if ('instances' in answer) return [...unknown, ...eachOf(known, answer.instances)];
    known = known.filter((id) => !answer.unknown.has(id));
    unknown.push(...[...answer.unknown].map((id) => ({ id, state: 'notFound' }) as const));
  }
  return unknown;
}

type Answer = { readonly instances: readonly Instance[] } | { readonly unknown: ReadonlySet<InstanceId> };

async function describeOrUnknown(client: EC2Client, ids: readonly InstanceId[]): Promise<Answer> {
  try {
    // With InstanceIds the answer is one page: MaxResults is not allowed beside them.
    const { Reservations } = await client.send(new DescribeInstancesCommand({ InstanceIds: [...ids] }));
    return { instances: required(Reservations, 'Reservations').flatMap(({ Instances = [] }) => Instances) };
  } catch (error) {
    const named = new Set(awsMessage(error).match(/i-[\w-]+/g));
    const unknown = new Set(ids.filter((id) => named.has(id)));
    if (UNKNOWN_IDS.has(awsCode(error)) && unknown.size > 0) return { unknown };
    throw toAppError('ec2:DescribeInstances', error);
  }
}

function eachOf(ids: readonly InstanceId[], instances: readonly Instance[]): readonly Ec2Instance[] {
  const byId = new Map(instances.map((instance) => [instance.InstanceId, instance]));
  return ids.map((id) => toInstance(id, required(byId.get(id), `instance ${id}`)));
}

function toInstance(id: InstanceId, { State, Placement, Architecture, Tags = [] }: Instance): Ec2Instance {
  const zone = Placement?.AvailabilityZone;
  const arch = ARCHITECTURES[Architecture ?? ''];
  const clusterId = Tags.find(({ Key }) => Key === CLUSTER_TAG)?.Value as ClusterId | undefined;
  return {
    id,
    state: required(State?.Name, `the state of ${id}`),
    ...(zone && { zone }),
    ...(arch && { arch }),
    ...(clusterId && { clusterId }),
  };
}
