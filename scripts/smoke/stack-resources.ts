import { paginateListStackResources } from '@aws-sdk/client-cloudformation';
import { everyItem, required } from '../../shared/aws/aws-error.ts';
import { inWords } from '../aws/in-words.ts';
import type { Place } from '../place-options.ts';
import type { Clients } from './clients.ts';
import type { DeployedResource } from './examined.ts';

/** What CloudFormation made for the stack of this id. */
export async function stackResources(
  { cloudFormation }: Clients,
  place: Place,
  id: string,
): Promise<readonly DeployedResource[]> {
  const operation = 'cloudformation:ListStackResources';
  const resources = await inWords(operation, place, () =>
    everyItem(
      operation,
      paginateListStackResources({ client: cloudFormation }, { StackName: id }),
      ({ StackResourceSummaries }) => StackResourceSummaries,
    ),
  );
  return resources.map(({ LogicalResourceId, ResourceType, PhysicalResourceId = '' }) => ({
    logicalId: required(LogicalResourceId, 'LogicalResourceId'),
    type: required(ResourceType, 'ResourceType'),
    physicalId: PhysicalResourceId,
  }));
}
