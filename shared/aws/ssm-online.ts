import { paginateDescribeInstanceInformation } from '@aws-sdk/client-ssm';
import type { InstanceInformation, SSMClient } from '@aws-sdk/client-ssm';
import type { InstanceId } from '../core/model.ts';
import { awsCode, chunksOf, everyItem, toAppError } from './aws-error.ts';

/** DescribeInstanceInformation: MaxResults is at most 50. */
const IDS_PER_CALL = 50;
/** One id that SSM calls invalid fails the whole call, and nothing says which (API_DescribeInstanceInformation). */
const INVALID_ID = new Set(['InvalidInstanceId', 'InvalidInstanceInformationFilterValue', 'InvalidFilterValue']);

/** Which of these nodes have an SSM agent that is online now. */
export async function onlineNodes(client: SSMClient, ids: readonly InstanceId[]): Promise<ReadonlySet<InstanceId>> {
  const online = new Set<InstanceId>();
  for (const chunk of chunksOf(IDS_PER_CALL, [...new Set(ids)])) {
    for (const { InstanceId, PingStatus } of await information(client, chunk)) {
      if (PingStatus === 'Online') online.add(InstanceId as InstanceId);
    }
  }
  return online;
}

/** What SSM knows of these nodes (at most 50). Halves a refused chunk until the invalid id stands alone: 49 good nodes must not wait for a bad one. */
export async function information(
  client: SSMClient,
  ids: readonly InstanceId[],
): Promise<readonly InstanceInformation[]> {
  const operation = 'ssm:DescribeInstanceInformation';
  const Filters = [{ Key: 'InstanceIds', Values: [...ids] }];
  try {
    return await everyItem(
      operation,
      paginateDescribeInstanceInformation({ client }, { Filters, MaxResults: IDS_PER_CALL }),
      ({ InstanceInformationList }) => InstanceInformationList,
    );
  } catch (error) {
    if (!(error instanceof Error) || !INVALID_ID.has(awsCode(error.cause))) throw toAppError(operation, error);
    if (ids.length === 1) return [];
    const half = Math.ceil(ids.length / 2);
    return [...(await information(client, ids.slice(0, half))), ...(await information(client, ids.slice(half)))];
  }
}
