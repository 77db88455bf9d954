import { CloudFormationClient, DescribeStacksCommand, ListStacksCommand } from '@aws-sdk/client-cloudformation';
import { DescribeTagsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { InvokeCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { expect, onTestFinished, test } from 'vitest';
import { createAccount } from '../../../sandbox/account/account.ts';
import { realClock } from '../../../sandbox/account/clock.ts';
import { QUICK } from '../../../sandbox/account/compute.ts';
import { deployTemplate } from '../../../sandbox/account/deploy.ts';
import type { Call } from '../../../sandbox/account/face.ts';
import { inProcess } from '../../../sandbox/account/lambda.ts';
import { clientConfig, testFace } from './account-clients.ts';
import { smallTemplate } from './small-template.ts';

/** What command-line tools call, with nothing to tell them from AWS but the endpoint in their environment. */
async function deployed(run: (event: unknown) => Promise<unknown> = async (event) => event) {
  const account = createAccount({ clock: realClock(), timings: QUICK });
  const calls: Call[] = [];
  const face = await testFace(account.handlers, (call) => calls.push(call));
  const template = smallTemplate();
  const described = { ...template.Outputs, Bucket: { Value: { Ref: 'Bucket' }, Description: 'Records & targets' } };
  const runner = () => inProcess(run);
  deployTemplate({ ...template, Outputs: described }, { account, endpoint: face.url, runner, stack: 'monitoring-dev' });
  onTestFinished(() => account.stop());
  const config = clientConfig(face.url, account.credentials.issue());
  const lambda = new LambdaClient(config);
  const invoke = async (
    input: Omit<ConstructorParameters<typeof InvokeCommand>[0], 'FunctionName'>,
    name = 'sweep',
  ) => {
    const { Payload, ...answer } = await lambda.send(new InvokeCommand({ FunctionName: name, ...input }));
    return { ...answer, payload: Payload && Buffer.from(Payload).toString() };
  };
  return { account, calls, config, lambda, invoke, stacks: new CloudFormationClient(config) };
}

test('DescribeStacks answers a stack with its outputs, of one name or of all', async () => {
  const { stacks, calls } = await deployed();
  const { Stacks } = await stacks.send(new DescribeStacksCommand({ StackName: 'monitoring-dev' }));
  expect(Stacks).toMatchObject([{ StackName: 'monitoring-dev', StackStatus: 'CREATE_COMPLETE' }]);
  expect(Stacks?.[0]?.StackId).toMatch(/^arn:aws:cloudformation:us-east-1:123456789012:stack\/monitoring-dev\//);
  expect(Stacks?.[0]?.Outputs).toEqual([
    { OutputKey: 'Bells', OutputValue: expect.stringMatching(/^http:.*\/123456789012\/bells$/) as string },
    {
      OutputKey: 'Bucket',
      OutputValue: expect.stringMatching(/^monitoring-dev-bucket-/) as string,
      Description: 'Records & targets',
    },
  ]);
  expect((await stacks.send(new DescribeStacksCommand({}))).Stacks).toEqual(Stacks);
  expect(calls.at(-1)).toEqual({ service: 'CloudFormation', operation: 'DescribeStacks', status: 200 });
});

test('a stack that nobody deployed is a ValidationError, as CloudFormation says it', async () => {
  const { stacks } = await deployed();
  await expect(stacks.send(new DescribeStacksCommand({ StackName: 'other' }))).rejects.toMatchObject({
    name: 'ValidationError',
    message: 'Stack with id other does not exist',
    $metadata: { httpStatusCode: 400 },
  });
});

test('Invoke answers what the function returned, by name and by ARN', async () => {
  const { invoke, calls } = await deployed(async (event) => ({ got: event }));
  const Payload = JSON.stringify({ dryRun: true });
  const answer = { StatusCode: 200, ExecutedVersion: '$LATEST', payload: '{"got":{"dryRun":true}}' };
  expect(await invoke({ Payload })).toMatchObject(answer);
  expect(await invoke({ Payload }, 'arn:aws:lambda:us-east-1:123456789012:function:sweep')).toMatchObject(answer);
  expect(await invoke({ Payload }, '123456789012:function:sweep')).toMatchObject(answer);
  expect((await invoke({ Payload })).FunctionError).toBeUndefined();
  expect((await invoke({})).payload).toBe('{"got":{}}');
  expect(calls.at(-1)).toEqual({ service: 'Lambda', operation: 'Invoke', status: 200 });
});

test('Invoke answers 200 and the error in the payload when the function fails', async () => {
  const { invoke } = await deployed(() => Promise.reject(new TypeError('no such cluster')));
  const { payload, ...answer } = await invoke({ Payload: '{}' });
  expect(answer).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled' });
  expect(JSON.parse(payload ?? '')).toEqual({ errorType: 'TypeError', errorMessage: 'no such cluster' });
});

test('Invoke with the type Event is accepted, and the function runs afterwards', async () => {
  let ran: unknown;
  const { invoke } = await deployed(async (event) => void (ran = event));
  expect(await invoke({ InvocationType: 'Event', Payload: '{"n":1}' })).toMatchObject({ StatusCode: 202 });
  await expect.poll(() => ran).toEqual({ n: 1 });
});

test('a function that is not there is a ResourceNotFoundException, a payload that is no JSON a refusal', async () => {
  const { invoke } = await deployed();
  await expect(invoke({}, 'nobody')).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: 'Function not found: arn:aws:lambda:us-east-1:123456789012:function:nobody',
    $metadata: { httpStatusCode: 404 },
  });
  await expect(invoke({ Payload: '{' })).rejects.toMatchObject({ $metadata: { httpStatusCode: 400 } });
});

test('a fault that is armed for Invoke or DescribeStacks reaches the client', async () => {
  const { account, invoke, stacks } = await deployed();
  account.faults.arm({ kind: 'error', status: 503, code: 'ServiceException' }, { operation: 'Invoke' });
  await expect(invoke({})).rejects.toMatchObject({ name: 'ServiceException' });
  account.faults.arm({ kind: 'error', status: 400, code: 'Throttling' }, { operation: 'DescribeStacks' });
  await expect(stacks.send(new DescribeStacksCommand({}))).rejects.toMatchObject({ name: 'Throttling' });
});

test('what Lambda and CloudFormation do beyond that answers NotImplemented, and EC2 keeps its forms', async () => {
  const { lambda, stacks, invoke, config } = await deployed();
  const refused = { name: 'NotImplemented', $metadata: { httpStatusCode: 501 } };
  await expect(lambda.send(new ListFunctionsCommand({}))).rejects.toMatchObject(refused);
  await expect(invoke({ LogType: 'Tail' })).rejects.toMatchObject(refused);
  await expect(invoke({ InvocationType: 'DryRun' })).rejects.toMatchObject(refused);
  await expect(invoke({ Qualifier: '7' })).rejects.toMatchObject(refused);
  await expect(stacks.send(new ListStacksCommand({}))).rejects.toMatchObject(refused);
  await expect(stacks.send(new DescribeStacksCommand({ NextToken: 'x' }))).rejects.toMatchObject(refused);
  expect((await new EC2Client(config).send(new DescribeTagsCommand({}))).Tags).toEqual([]);
});

test('the endpoint of the environment is enough, for all services or for one', async () => {
  const { config } = await deployed();
  const { endpoint, ...rest } = config;
  for (const name of ['AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_LAMBDA', 'AWS_ENDPOINT_URL_CLOUDFORMATION']) {
    process.env[name] = name === 'AWS_ENDPOINT_URL' ? 'http://127.0.0.1:1' : endpoint;
    onTestFinished(() => void delete process.env[name]);
  }
  const answer = await new LambdaClient(rest).send(new InvokeCommand({ FunctionName: 'sweep' }));
  expect(answer.StatusCode).toBe(200);
  expect((await new CloudFormationClient(rest).send(new DescribeStacksCommand({}))).Stacks).toHaveLength(1);
});
