import { setTimeout } from 'node:timers/promises';
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  paginateDescribeStackEvents,
  paginateDescribeStacks,
  type Stack,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { awsCode, awsMessage, required } from '../../shared/aws/aws-error.ts';
import type { Place } from '../place-options.ts';
import { inWords, isMissingStack } from './in-words.ts';

export const SERVICE = 'prometheus-on-emr'; // serverless.yml
export const stackName = ({ stage }: Place): string => `${SERVICE}-${stage}`;
/** Of `npm run deploy:host`. Two hyphens are in no stage's name: no stage's own stack can have this one. */
export const hostStackName = (place: Place): string => `${stackName(place)}--host`;

/** A stack of ours as CloudFormation describes it. */
export interface DeployedStack {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
}

const clientFor = ({ region }: Place): CloudFormationClient => new CloudFormationClient({ region });

/** Undefined where nothing is deployed. */
export async function findStack(place: Place, id = stackName(place)): Promise<DeployedStack | undefined> {
  return await inWords('cloudformation:DescribeStacks', place, async () => {
    try {
      const { Stacks } = await clientFor(place).send(new DescribeStacksCommand({ StackName: id }));
      return Stacks?.[0] && toStack(Stacks[0]);
    } catch (error) {
      if (isMissingStack(awsCode(error), awsMessage(error))) return undefined;
      throw error;
    }
  });
}

/** Every stack of this service in the Region, whatever its stage. */
export async function allOurStacks(place: Place): Promise<readonly DeployedStack[]> {
  return await inWords('cloudformation:DescribeStacks', place, async () => {
    const all: DeployedStack[] = [];
    for await (const { Stacks = [] } of paginateDescribeStacks({ client: clientFor(place) }, {})) {
      all.push(...Stacks.map(toStack).filter(({ name }) => name.startsWith(`${SERVICE}-`)));
    }
    return all;
  });
}

const toStack = ({ StackId, StackName, StackStatus, Parameters = [], Outputs = [] }: Stack): DeployedStack => ({
  id: required(StackId, 'StackId'),
  name: required(StackName, 'StackName'),
  status: required(StackStatus, 'StackStatus'),
  parameters: Object.fromEntries(
    Parameters.map(({ ParameterKey = '', ParameterValue = '' }) => [ParameterKey, ParameterValue]),
  ),
  outputs: Object.fromEntries(Outputs.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue])),
});

export interface StackFailure {
  readonly resource: string;
  readonly type: string;
  readonly reason: string;
}

/** The newest event of the stack's history, to tell what comes after it. */
export async function newestEvent(place: Place, id: string): Promise<string | undefined> {
  return await inWords('cloudformation:DescribeStackEvents', place, async () => {
    const { StackEvents } = await clientFor(place).send(new DescribeStackEventsCommand({ StackName: id }));
    return StackEvents?.[0]?.EventId;
  });
}

/** The first resource that failed after that event; those that CloudFormation gave up for its sake come later. */
export async function firstFailure(
  place: Place,
  id: string,
  after: string | undefined,
): Promise<StackFailure | undefined> {
  return await inWords('cloudformation:DescribeStackEvents', place, async () => {
    let first: StackFailure | undefined;
    // Newest first.
    const pages = paginateDescribeStackEvents({ client: clientFor(place) }, { StackName: id });
    for await (const { StackEvents = [] } of pages) {
      for (const { EventId, ResourceStatus, ...event } of StackEvents) {
        if (EventId === after) return first;
        if (ResourceStatus?.endsWith('_FAILED') !== true) continue;
        first = {
          resource: event.LogicalResourceId ?? '',
          type: event.ResourceType ?? '',
          reason: event.ResourceStatusReason ?? ResourceStatus,
        };
      }
    }
    return first;
  });
}

/** Changes one parameter and nothing else; answers whether there was something to change. */
export async function setParameter(
  place: Place,
  { id, parameters }: DeployedStack,
  name: string,
  value: string,
): Promise<boolean> {
  if (parameters[name] === value) return false;
  const update = new UpdateStackCommand({
    StackName: id,
    UsePreviousTemplate: true,
    Capabilities: ['CAPABILITY_IAM'],
    Parameters: [
      ...Object.keys(parameters)
        .filter((key) => key !== name)
        .map((ParameterKey) => ({ ParameterKey, UsePreviousValue: true })),
      { ParameterKey: name, ParameterValue: value },
    ],
  });
  // Nothing to change: somebody else was quicker.
  return await inWords('cloudformation:UpdateStack', place, () => unlessSame(() => clientFor(place).send(update)));
}

interface StackSource {
  readonly template: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Creates a stack, or updates the one that there is; false: it is so already. Who waits for it asks `settled`. */
export async function putStack(
  place: Place,
  name: string,
  { template, parameters }: StackSource,
  before: DeployedStack | undefined,
): Promise<boolean> {
  const input = {
    StackName: name,
    TemplateBody: template,
    Capabilities: ['CAPABILITY_IAM' as const],
    Parameters: Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue })),
  };
  if (before === undefined) {
    await inWords('cloudformation:CreateStack', place, () => clientFor(place).send(new CreateStackCommand(input)));
    return true;
  }
  return await inWords('cloudformation:UpdateStack', place, () =>
    unlessSame(() => clientFor(place).send(new UpdateStackCommand(input))),
  );
}

/** An update that changes nothing is an error to CloudFormation. */
async function unlessSame(update: () => Promise<unknown>): Promise<boolean> {
  try {
    await update();
    return true;
  } catch (error) {
    if (awsMessage(error).includes('No updates are to be performed')) return false;
    throw error;
  }
}

export async function deleteStack(place: Place, id: string): Promise<void> {
  await inWords('cloudformation:DeleteStack', place, () =>
    clientFor(place).send(new DeleteStackCommand({ StackName: id })),
  );
}

const POLL_MS = 2000;

/** Waits until CloudFormation is done with it. */
export async function settled(place: Place, id: string, say: (status: string) => void): Promise<string> {
  for (let said = ''; ;) {
    const status = (await findStack(place, id))?.status ?? 'DELETE_COMPLETE';
    if (!status.endsWith('_IN_PROGRESS')) return status;
    if (status !== said) say((said = status));
    await setTimeout(POLL_MS);
  }
}
