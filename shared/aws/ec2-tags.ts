import { type DescribeTagsCommandInput, paginateDescribeTags } from '@aws-sdk/client-ec2';
import type { EC2Client, TagDescription } from '@aws-sdk/client-ec2';
import { isClusterId } from '../core/event.ts';
import type { ClusterId, InstanceId } from '../core/model.ts';
import type { Tags } from '../ports.ts';
import { everyItem, required } from './aws-error.ts';

/** EMR puts it on each of its instances; nobody else can, for the prefix `aws:` is AWS's own. */
export const CLUSTER_TAG = 'aws:elasticmapreduce:job-flow-id';
/** DescribeTags, DescribeInstances: MaxResults is at most 1,000. */
export const ITEMS_PER_PAGE = 1000;
/** EC2, "List and filter resources": at most 200 values per filter. */
const VALUES_PER_FILTER = 200;

/** Some 250 bytes of XML an instance, against the 5 to 8 kB of DescribeInstances; it says nothing of their state. */
export async function clusterMembers(
  client: EC2Client,
  cluster?: ClusterId,
): Promise<ReadonlyMap<InstanceId, ClusterId>> {
  const ofOne = cluster === undefined ? [] : [{ Name: 'value', Values: [cluster] }];
  const tags = await describeTags(client, [{ Name: 'key', Values: [CLUSTER_TAG] }, ...ofOne]);
  return new Map(tags.flatMap(({ id, value }) => (isClusterId(value) ? [[id, value] as const] : [])));
}

/** One entry for every id, empty where EC2 shows none of these tags. */
export async function tagsOf(
  client: EC2Client,
  ids: readonly InstanceId[],
  keys: readonly string[],
): Promise<ReadonlyMap<InstanceId, Tags>> {
  if (ids.length > VALUES_PER_FILTER) throw new RangeError(`tags of ${ids.length} instances in one call`);
  const found = new Map<InstanceId, Record<string, string>>(ids.map((id) => [id, {}]));
  if (ids.length === 0 || keys.length === 0) return found; // a filter without values is an error
  const tags = await describeTags(client, [
    { Name: 'resource-id', Values: [...ids] },
    { Name: 'key', Values: [...keys] },
  ]);
  for (const { id, key, value } of tags) {
    const entry = found.get(id);
    if (entry && keys.includes(key)) entry[key] = value; // `*` and `?` of a key are wildcards in a filter
  }
  return found;
}

async function describeTags(client: EC2Client, filters: DescribeTagsCommandInput['Filters'] = []) {
  const Filters = [{ Name: 'resource-type', Values: ['instance'] }, ...filters];
  const tags = await everyItem(
    'ec2:DescribeTags',
    paginateDescribeTags({ client, pageSize: ITEMS_PER_PAGE }, { Filters }),
    ({ Tags: list }) => list,
  );
  return tags.map(toTag);
}

const toTag = ({ ResourceId, Key, Value = '' }: TagDescription) => ({
  id: required(ResourceId, 'Tags[].ResourceId') as InstanceId,
  key: required(Key, 'Tags[].Key'),
  value: Value,
});
