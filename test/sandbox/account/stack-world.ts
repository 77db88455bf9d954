import {
  CloudFormationClient,
  CreateChangeSetCommand,
  type CreateChangeSetCommandInput,
  DescribeChangeSetCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  ExecuteChangeSetCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { onTestFinished } from 'vitest';
import { createAccount } from '../../../sandbox/account/account.ts';
import { virtualClock } from '../../../sandbox/account/clock.ts';
import { QUICK } from '../../../sandbox/account/compute.ts';
import { inProcess } from '../../../sandbox/account/lambda.ts';
import { clientConfig, testFace } from './account-clients.ts';
import { smallTemplate } from './small-template.ts';

export const StackName = 'monitoring';
const StackNames = { StackName, ChangeSetName: 'change' };
export const Capabilities: CreateChangeSetCommandInput['Capabilities'] = ['CAPABILITY_IAM'];
export const BELLS = 'arn:aws:sqs:us-east-1:123456789012:bells';
export const SWEEP = 'arn:aws:lambda:us-east-1:123456789012:function:sweep';

/** The small template with parameters. */
export const parametrised = () => ({
  ...smallTemplate(),
  Parameters: {
    Days: { Type: 'Number', Default: '30', MinValue: '1' },
    Owner: { Type: 'String', Default: 'us', AllowedPattern: '[a-z]*' },
  },
});

/** CloudFormation of an account, through its endpoint. */
export async function stackWorld() {
  const clock = virtualClock(new Date());
  const account = createAccount({ clock, timings: QUICK });
  onTestFinished(() => account.stop());
  const face = await testFace(account.handlers);
  account.stacks.runAt({
    endpoint: 'http://127.0.0.1:4566',
    // Each function answers which zip it was made from.
    runner: (_name, { Code }) => inProcess(async () => Code.S3Key),
  });
  const client = new CloudFormationClient(clientConfig(face.url, account.credentials.issue()));
  const settle = () => clock.advance(1);
  async function changeSet(
    type: 'CREATE' | 'UPDATE',
    template: object,
    more: Partial<CreateChangeSetCommandInput> = {},
  ) {
    const input = { ...StackNames, ChangeSetType: type, Capabilities, TemplateBody: JSON.stringify(template), ...more };
    await client.send(new CreateChangeSetCommand(input));
    return await client.send(new DescribeChangeSetCommand(StackNames));
  }
  async function change(type: 'CREATE' | 'UPDATE', template: object, more?: Partial<CreateChangeSetCommandInput>) {
    await changeSet(type, template, more);
    await client.send(new ExecuteChangeSetCommand(StackNames));
    await settle();
    return await described();
  }
  const update = (input: Partial<ConstructorParameters<typeof UpdateStackCommand>[0]>) =>
    client.send(new UpdateStackCommand({ StackName, Capabilities, ...input }));
  const described = async () => (await client.send(new DescribeStacksCommand({ StackName }))).Stacks?.[0];
  const events = async () =>
    ((await client.send(new DescribeStackEventsCommand({ StackName }))).StackEvents ?? []).map(
      ({ LogicalResourceId, ResourceStatus, ResourceStatusReason }) =>
        [LogicalResourceId, ResourceStatus, ResourceStatusReason ?? ''].join(' ').trim(),
    );
  const run = (arn: string) => account.lambda.invoke(arn, {});
  return { account, client, settle, changeSet, change, update, described, events, run };
}
