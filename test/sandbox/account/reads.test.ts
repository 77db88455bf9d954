import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeRuleCommand, EventBridgeClient, ListTargetsByRuleCommand } from '@aws-sdk/client-eventbridge';
import { GetPolicyCommand, IAMClient, SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam';
import { GetFunctionConfigurationCommand, LambdaClient, ListEventSourceMappingsCommand } from '@aws-sdk/client-lambda';
import { GetBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3';
import { DescribeDocumentCommand, SSMClient } from '@aws-sdk/client-ssm';
import { describe, expect, test } from 'vitest';
import { createAccount } from '../../../sandbox/account/account.ts';
import { virtualClock } from '../../../sandbox/account/clock.ts';
import { QUICK } from '../../../sandbox/account/compute.ts';
import { deployTemplate } from '../../../sandbox/account/deploy.ts';
import { inProcess } from '../../../sandbox/account/lambda.ts';
import { compileFilter } from '../../../sandbox/account/logs-wire.ts';
import { clientConfig, testFace } from './account-clients.ts';
import { smallTemplate } from './small-template.ts';

const EVENT = { source: 'aws.emr', 'detail-type': 'EMR Cluster State Change', detail: { clusterId: 'j-1' } };

async function world() {
  const clock = virtualClock(new Date());
  const account = createAccount({ clock, timings: QUICK });
  const face = await testFace(account.handlers);
  const invoked: string[] = [];
  const runner = (name: string) => inProcess(async () => void invoked.push(name));
  deployTemplate(smallTemplate(), { account, endpoint: face.url, runner });
  const depth = () => account.sqs.depth('arn:aws:sqs:us-east-1:123456789012:bells').visible;
  return { account, clock, invoked, depth, config: clientConfig(face.url, account.credentials.issue()) };
}

test('a disabled rule is shown as such and forwards nothing, until it is enabled again', async () => {
  const { account, clock, invoked, config } = await world();
  const rule = account.events.rules().find(({ pattern }) => pattern !== undefined);
  const events = new EventBridgeClient(config);
  const Name = rule?.arn.split('/').at(-1) ?? '';
  const stateOf = async () => (await events.send(new DescribeRuleCommand({ Name }))).State;
  account.events.setEnabled(rule?.arn ?? '', false);
  account.events.publish(EVENT);
  await clock.advance(3000);
  expect([await stateOf(), invoked]).toEqual(['DISABLED', []]);
  account.events.setEnabled(rule?.arn ?? '', true);
  account.events.publish(EVENT);
  await clock.advance(3000);
  expect([await stateOf(), invoked]).toEqual(['ENABLED', ['on-event']]);
  const { Targets } = await events.send(new ListTargetsByRuleCommand({ Rule: Name }));
  expect(Targets?.map(({ Arn }) => Arn)).toEqual(['arn:aws:sqs:us-east-1:123456789012:bells']);
});

test('a disabled mapping leaves its messages, and takes them once it is enabled', async () => {
  const { account, clock, invoked, depth, config } = await world();
  const [source] = account.eventSources.all();
  const lambda = new LambdaClient(config);
  const states = async () =>
    (await lambda.send(new ListEventSourceMappingsCommand({ FunctionName: 'on-event' }))).EventSourceMappings?.map(
      ({ UUID, State }) => [UUID, State],
    );
  account.eventSources.setEnabled(source?.uuid ?? '', false);
  account.events.publish(EVENT);
  await clock.advance(3000);
  expect([await states(), invoked, depth()]).toEqual([[[source?.uuid, 'Disabled']], [], 1]);
  account.eventSources.setEnabled(source?.uuid ?? '', true);
  await clock.advance(3000);
  expect([await states(), invoked, depth()]).toEqual([[[source?.uuid, 'Enabled']], ['on-event'], 0]);
});

test('what is not there is refused by the name that AWS gives it', async () => {
  const { config } = await world();
  const nameOf = async (asked: Promise<unknown>) =>
    await asked.then(
      () => 'answered',
      ({ name }: Error) => name,
    );
  expect([
    await nameOf(new EventBridgeClient(config).send(new DescribeRuleCommand({ Name: 'x' }))),
    await nameOf(new LambdaClient(config).send(new GetFunctionConfigurationCommand({ FunctionName: 'x' }))),
    await nameOf(new SSMClient(config).send(new DescribeDocumentCommand({ Name: 'xyz' }))),
    await nameOf(new CloudWatchLogsClient(config).send(new FilterLogEventsCommand({ logGroupName: 'x' }))),
    await nameOf(
      new IAMClient(config).send(new GetPolicyCommand({ PolicyArn: 'arn:aws:iam::123456789012:policy/xyz' })),
    ),
    await nameOf(
      new S3Client({ ...config, forcePathStyle: true }).send(new GetBucketPolicyCommand({ Bucket: 'nobody' })),
    ),
  ]).toEqual([
    'ResourceNotFoundException',
    'ResourceNotFoundException',
    'InvalidDocument',
    'ResourceNotFoundException',
    'NoSuchEntityException',
    'NoSuchBucket',
  ]);
});

test('a simulation answers by the role’s policies and the context it is given', async () => {
  const { account, config } = await world();
  const role = 'arn:aws:iam::123456789012:role/r';
  const Condition = { StringLike: { 'ssm:resourceTag/aws:elasticmapreduce:job-flow-id': 'j-*' } };
  const allow = { Effect: 'Allow', Action: 'ssm:SendCommand', Resource: '*', Condition };
  account.permissions.putRole(role, {
    trust: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    },
    inline: { send: { Version: '2012-10-17', Statement: [allow, { Effect: 'Deny', Action: 'ec2:*', Resource: '*' }] } },
  });
  const iam = new IAMClient(config);
  const decide = async (action: string, tag?: string) => {
    const ContextKeyName = 'ssm:resourceTag/aws:elasticmapreduce:job-flow-id';
    const entry = { ContextKeyName, ContextKeyValues: [tag ?? ''], ContextKeyType: 'string' as const };
    const { EvaluationResults } = await iam.send(
      new SimulatePrincipalPolicyCommand({
        PolicySourceArn: role,
        ActionNames: [action],
        ResourceArns: ['arn:aws:ec2:us-east-1:123456789012:instance/i-00000000'],
        ...(tag !== undefined && { ContextEntries: [entry] }),
      }),
    );
    return EvaluationResults?.[0]?.EvalDecision;
  };
  expect([
    await decide('ssm:SendCommand', 'j-1'),
    await decide('ssm:SendCommand', 'x'),
    await decide('ssm:SendCommand'),
    await decide('ec2:RunInstances'),
  ]).toEqual(['allowed', 'implicitDeny', 'implicitDeny', 'explicitDeny']);
});

describe('a filter pattern', () => {
  test.each([
    ['', 'anything', true],
    ['AccessDenied', 'x AccessDenied y', true],
    ['AccessDenied', 'accessdenied', false],
    ['a "b c"', 'b c a', true],
    ['a "b c"', 'b a c', false],
    ['?a ?"b c"', 'b c', true],
    ['?a ?"b c"', 'b', false],
  ])('%s on %s: %s', (pattern, message, matches) => {
    expect(compileFilter(pattern)(message)).toBe(matches);
  });

  test.each(['{ $.level = "ERROR" }', '-debug', '?a b'])('%s is not modelled, and says so', (pattern) => {
    expect(() => compileFilter(pattern)).toThrow(/does not model/);
  });
});
