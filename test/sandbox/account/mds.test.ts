import {
  ListCommandInvocationsCommand,
  SendCommandCommand,
  SSMClient,
  CancelCommandCommand,
} from '@aws-sdk/client-ssm';
import { describe, expect, test } from 'vitest';
import { fastAccount, launch, register, shellDocument, virtualAccount, waiting, waitUntil } from './compute-fixture.ts';

const MDS = 'EC2WindowsMessageDeliveryService';
const DOCUMENT = 'Svc-dev-node-install-0123456789ab';

interface Delivered {
  readonly MessageId: string;
  readonly Topic: string;
  readonly Payload: string;
}

const twoSteps = {
  ...shellDocument,
  mainSteps: ['first', 'second'].map((name) => ({ ...shellDocument.mainSteps[0], name })),
};

/** A command on one node, and the agent's side of the wire. */
async function commanded(content: object = shellDocument) {
  const account = await virtualAccount();
  const { nodes } = await waiting(account, {
    groups: [{ role: 'MASTER', instanceType: 'm5.xlarge', market: 'SPOT', count: 1 }],
  });
  const node = nodes[0] ?? 'i-';
  register(account, nodes);
  account.compute.putDocument(DOCUMENT, content);
  const ssm = account.client(SSMClient);
  const Parameters = { Url: ['https://x'], Extra: ['a', 'b'] };
  const { Command } = await ssm.send(
    new SendCommandCommand({ DocumentName: DOCUMENT, InstanceIds: [node], Parameters, TimeoutSeconds: 300 }),
  );
  const id = Command?.CommandId ?? '';
  const MessageId = `aws.ssm.${id}.${node}`;
  const step = (status: string, code: number, output: string) => ({ status, code, name: 'aws:runShellScript', output });
  return {
    account,
    node,
    id,
    MessageId,
    step,
    read: async (): Promise<readonly Delivered[]> => {
      const request = { Destination: node, MessagesRequestId: 'r-1', VisibilityTimeoutInSeconds: 10 };
      return (await account.agent(`${MDS}.GetMessages`, request))['Messages'] as readonly Delivered[];
    },
    acknowledge: () => account.agent(`${MDS}.AcknowledgeMessage`, { MessageId }),
    reply: (documentStatus: string, runtimeStatus: object | null = null) =>
      account.agent(`${MDS}.SendReply`, {
        MessageId,
        ReplyId: crypto.randomUUID(),
        Payload: JSON.stringify({ additionalInfo: {}, documentStatus, documentTraceOutput: '', runtimeStatus }),
      }),
    invocation: async () => {
      const answer = await ssm.send(new ListCommandInvocationsCommand({ CommandId: id, Details: true }));
      return answer.CommandInvocations?.[0];
    },
    cancel: () => ssm.send(new CancelCommandCommand({ CommandId: id })),
    /** Nothing is visible now; asked of the queue, because the wire would wait 15 s. */
    isEmpty: () => account.compute.mds.take(node, 0).length === 0,
  };
}

describe('GetMessages', () => {
  test('brings the command as the agent expects it: strings unwrapped, lists as lists, the document as an object', async () => {
    const { account, read, node, id, MessageId } = await commanded();
    await using _ = account;
    const [message] = await read();
    expect(message).toEqual({
      CreatedDate: '2026-11-22T12:00:06.000Z',
      Destination: node,
      MessageId,
      Topic: `aws.ssm.sendCommand.us-east-1.${DOCUMENT}`,
      PayloadDigest: '',
      Payload: expect.any(String),
    });
    expect(JSON.parse(message?.Payload ?? '')).toEqual({
      Parameters: { Url: 'https://x', Extra: ['a', 'b'] },
      DocumentContent: shellDocument,
      CommandId: id,
      DocumentName: DOCUMENT,
      OutputS3KeyPrefix: '',
      OutputS3BucketName: '',
      CloudWatchLogGroupName: '',
      CloudWatchOutputEnabled: 'false',
    });
  });

  test('waits for a message, and answers empty after 15 seconds', async () => {
    await using account = await virtualAccount();
    const { nodes } = await waiting(account);
    const node = nodes[0] ?? 'i-';
    let answer: unknown;
    const polled = account.compute.mds.poll(node, 10_000, 15_000).then((messages) => (answer = messages));
    await account.clock.advance(14_999);
    expect(answer).toBeUndefined();
    await account.clock.advance(1);
    expect(await polled).toEqual([]);
    const next = account.compute.mds.poll(node, 10_000, 15_000);
    account.compute.mds.put(node, `aws.ssm.x.${node}`, 'topic', '{}');
    expect(await next).toMatchObject([{ Topic: 'topic' }]);
  });

  test('is answered over HTTP as soon as a command is sent', async () => {
    await using account = await fastAccount();
    const id = launch(account);
    const node = await waitUntil(() => Promise.resolve(account.compute.emr.instances(id)[1]?.ec2?.id));
    const request = { Destination: node, MessagesRequestId: 'r-7', VisibilityTimeoutInSeconds: 10 };
    const polled = account.agent(`${MDS}.GetMessages`, request);
    await waitUntil(() => Promise.resolve(account.compute.mds.isPolled(node) || undefined));
    account.compute.mds.put(node, `aws.ssm.x.${node}`, 'topic', '{}');
    expect(await polled).toMatchObject({ Destination: node, MessagesRequestId: 'r-7', Messages: [{ Topic: 'topic' }] });
  });

  test('goes to the newest poll of a node: an older one is that of a killed agent', async () => {
    await using account = await virtualAccount();
    const { nodes } = await waiting(account);
    const node = nodes[0] ?? 'i-';
    const older = account.compute.mds.poll(node, 10_000, 15_000);
    const newer = account.compute.mds.poll(node, 10_000, 15_000);
    account.compute.mds.put(node, `aws.ssm.x.${node}`, 'topic', '{}');
    expect([await older, await newer]).toMatchObject([[], [{ Topic: 'topic' }]]);
  });

  test('brings a message again that was not acknowledged within 10 seconds, also to a poll that waits', async () => {
    const { account, read, isEmpty, node } = await commanded();
    await using _ = account;
    const [first] = await read();
    await account.clock.advance(9999);
    expect(isEmpty()).toBe(true);
    const polled = account.compute.mds.poll(node, 10_000, 15_000);
    await account.clock.advance(1);
    expect(await polled).toEqual([first]);
  });

  test('brings no acknowledged message again', async () => {
    const { account, read, acknowledge, isEmpty } = await commanded();
    await using _ = account;
    await read();
    expect(await acknowledge()).toEqual({});
    await account.clock.advance(10_000);
    expect(isEmpty()).toBe(true);
  });

  test('brings no message after its delivery timeout', async () => {
    const { account, isEmpty } = await commanded();
    await using _ = account;
    await account.clock.advance(299_999);
    expect(isEmpty()).toBe(false);
    await account.clock.advance(1);
    expect(isEmpty()).toBe(true);
  });
});

describe('SendReply', () => {
  test('merges the steps of several replies', async () => {
    const { account, reply, step, invocation } = await commanded(twoSteps);
    await using _ = account;
    await reply('InProgress');
    await reply('InProgress', { first: step('Success', 0, 'one') });
    expect(await invocation()).toMatchObject({
      Status: 'InProgress',
      CommandPlugins: [
        { Name: 'first', Output: 'one' },
        { Name: 'second', ResponseCode: -1 },
      ],
    });
    await reply('InProgress', { second: step('Failed', 3, 'two') });
    await reply('Failed', {});
    expect(await invocation()).toMatchObject({
      Status: 'Failed',
      CommandPlugins: [
        { Name: 'first', Status: 'Success', ResponseCode: 0, Output: 'one' },
        { Name: 'second', Status: 'Failed', ResponseCode: 3, Output: 'two' },
      ],
    });
  });

  test('that is late never moves a terminal status back, nor rings again', async () => {
    const { account, reply, step, invocation } = await commanded();
    await using _ = account;
    await reply('Success', { run: step('Success', 0, 'done') });
    const told = account.events.length;
    await reply('InProgress');
    await reply('Failed', { run: step('Failed', 1, 'no') });
    expect(await invocation()).toMatchObject({
      Status: 'Success',
      CommandPlugins: [{ ResponseCode: 0, Output: 'done' }],
    });
    expect(account.events).toHaveLength(told);
  });

  test('that is terminal takes the message off without an acknowledge', async () => {
    const { account, read, reply, isEmpty } = await commanded();
    await using _ = account;
    await read();
    await reply('Failed');
    await account.clock.advance(10_000);
    expect(isEmpty()).toBe(true);
  });

  test('keeps 2,500 characters of output', async () => {
    const { account, reply, step, invocation } = await commanded();
    await using _ = account;
    await reply('Success', { run: step('Success', 0, 'x'.repeat(3000)) });
    expect((await invocation())?.CommandPlugins?.[0]?.Output).toHaveLength(2500);
  });
});

test('FailMessage makes the invocation undeliverable', async () => {
  const { account, invocation, MessageId, isEmpty } = await commanded();
  await using _ = account;
  await account.agent(`${MDS}.FailMessage`, { MessageId, FailureType: 'NoHandlerExists' });
  expect(await invocation()).toMatchObject({ Status: 'Failed', StatusDetails: 'Undeliverable' });
  expect(isEmpty()).toBe(true);
});

test('a reply that is no JSON is refused, and changes nothing', async () => {
  const { account, MessageId, invocation } = await commanded();
  await using _ = account;
  const answer = await account.agent(`${MDS}.SendReply`, { MessageId, ReplyId: 'r', Payload: '{"documentStatus":' });
  expect(answer).toMatchObject({ __type: 'SerializationException' });
  const partial = await account.agent(`${MDS}.SendReply`, { MessageId, ReplyId: 'r', Payload: '{}' });
  expect(partial).toMatchObject({ __type: 'ValidationException', message: expect.stringContaining('documentStatus') });
  expect(await invocation()).toMatchObject({ Status: 'Pending' });
});

test('a running command is cancelled by a message of its own, which the agent only acknowledges', async () => {
  const { account, read, reply, acknowledge, cancel, invocation, MessageId, step } = await commanded();
  await using _ = account;
  await read();
  await reply('InProgress');
  await acknowledge();
  await cancel();
  expect(await invocation()).toMatchObject({ StatusDetails: 'Cancelling' });
  const [message] = await read();
  expect(message).toMatchObject({ Topic: 'aws.ssm.cancelCommand' });
  expect(JSON.parse(message?.Payload ?? '')).toEqual({ CancelMessageId: MessageId });
  await reply('Cancelled', { run: step('Cancelled', 137, '') });
  expect(await invocation()).toMatchObject({ Status: 'Cancelled', CommandPlugins: [{ ResponseCode: 137 }] });
});

test('a command that was not picked up yet is cancelled at once', async () => {
  const { account, cancel, invocation, isEmpty } = await commanded();
  await using _ = account;
  await cancel();
  expect(await invocation()).toMatchObject({ Status: 'Cancelled' });
  expect(isEmpty()).toBe(true);
});

test('an agent registers with what it says, and is told of no associations', async () => {
  await using account = await virtualAccount();
  const { nodes } = await waiting(account);
  const InstanceId = nodes[0] ?? 'i-';
  const short = { AgentName: 'amazon-ssm-agent', AgentVersion: '3.3.0.0', InstanceId, PlatformType: 'Linux' };
  expect(await account.agent('AmazonSSM.UpdateInstanceInformation', short)).toEqual({});
  const full = {
    ...short,
    AgentStatus: 'Active',
    AvailabilityZone: 'us-east-1a',
    AvailabilityZoneId: 'use1-az1',
    ComputerName: 'ip-10-42-0-10.ec2.internal',
    IPAddress: '10.42.0.10',
    PlatformName: 'Amazon Linux',
    PlatformVersion: '2023',
    SSMConnectionChannel: 'ec2messages',
  };
  expect(await account.agent('AmazonSSM.UpdateInstanceInformation', full)).toEqual({});
  expect(account.compute.agents.agent(InstanceId)).toMatchObject({
    ping: 'Online',
    report: { PlatformVersion: '2023' },
  });
  const associations = await account.agent('AmazonSSM.ListInstanceAssociations', { InstanceId, MaxResults: 20 });
  expect(associations).toEqual({ Associations: [] });
});
