import {
  DescribeInstanceInformationCommand,
  GetCommandInvocationCommand,
  ListCommandInvocationsCommand,
  ListCommandsCommand,
  paginateDescribeInstanceInformation,
  paginateListCommandInvocations,
  SendCommandCommand,
  type SendCommandCommandInput,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { describe, expect, test } from 'vitest';
import type { InstanceId } from '../../../shared/core/model.ts';
import { CORE, MASTER, register, shellDocument, virtualAccount, waiting } from './compute-fixture.ts';

const DOCUMENT = 'Svc-dev-node-install-0123456789ab';

/** Nodes whose agents are online, the document, and a way to send it to them. */
async function ready(count = 1) {
  const account = await virtualAccount();
  const { nodes } = await waiting(account, { groups: [MASTER, { ...CORE, count: count - 1 }] });
  register(account, nodes);
  account.compute.putDocument(DOCUMENT, shellDocument);
  const ssm = account.client(SSMClient);
  const send = async (input: Partial<SendCommandCommandInput> = {}) =>
    await ssm.send(
      new SendCommandCommand({
        DocumentName: DOCUMENT,
        InstanceIds: [...nodes],
        Parameters: { Url: ['https://x'] },
        Comment: 'order-1',
        TimeoutSeconds: 300,
        MaxErrors: '100%',
        ...input,
      }),
    );
  const invocations = async (CommandId: string | undefined) => {
    const answer = await ssm.send(new ListCommandInvocationsCommand({ CommandId, Details: true }));
    return answer.CommandInvocations ?? [];
  };
  const reply = (commandId: string | undefined, node: InstanceId, documentStatus: string, code = 0, output = '') =>
    account.compute.commands.reply(`aws.ssm.${commandId}.${node}`, {
      documentStatus,
      trace: '',
      steps: documentStatus === 'InProgress' ? [] : [{ name: 'run', status: 'Success', code, output }],
    });
  return { account, nodes, node: nodes[0] ?? ('i-' as const), ssm, send, invocations, reply };
}

describe('DescribeInstanceInformation', () => {
  test('lists registered agents only, a page at a time, and none whose instance has ended', async () => {
    await using account = await virtualAccount();
    const { nodes } = await waiting(account, { groups: [MASTER, { ...CORE, count: 12 }] });
    register(account, nodes.slice(1));
    account.compute.ec2.shutDown(nodes[1] ?? 'i-');
    const client = account.client(SSMClient);
    const found: string[][] = [];
    for await (const { InstanceInformationList = [] } of paginateDescribeInstanceInformation({ client }, {})) {
      found.push(InstanceInformationList.map(({ InstanceId = '' }) => InstanceId));
    }
    expect(found.map(({ length }) => length)).toEqual([10, 1]);
    expect(found.flat()).toEqual(nodes.slice(2));
  });

  test('says ConnectionLost when an agent has been silent for more than ten minutes', async () => {
    const { account, ssm, node } = await ready();
    await using _ = account;
    const ping = async () => {
      const Filters = [{ Key: 'InstanceIds', Values: [node] }];
      const answer = await ssm.send(new DescribeInstanceInformationCommand({ Filters }));
      return answer.InstanceInformationList?.[0]?.PingStatus;
    };
    await account.clock.advance(600_000);
    expect(await ping()).toBe('Online');
    await account.clock.advance(1);
    expect(await ping()).toBe('ConnectionLost');
    const Filters = [{ Key: 'PingStatus', Values: ['Online'] }];
    const { InstanceInformationList } = await ssm.send(new DescribeInstanceInformationCommand({ Filters }));
    expect(InstanceInformationList).toEqual([]);
  });

  test('fails whole for one id that the account does not know', async () => {
    const { account, ssm, node } = await ready();
    await using _ = account;
    const Filters = [{ Key: 'InstanceIds', Values: [node, 'i-aaaaaaaaaaaaaaaaa'] }];
    const refusal = ssm.send(new DescribeInstanceInformationCommand({ Filters, MaxResults: 50 }));
    await expect(refusal).rejects.toMatchObject({ name: 'InvalidInstanceId' });
  });
});

describe('SendCommand refuses', () => {
  test.each<[string, Partial<SendCommandCommandInput>, string, string]>([
    ['a document that is not there', { DocumentName: 'Other' }, 'InvalidDocument', 'Other'],
    ['a parameter that the document lacks', { Parameters: { Url: ['x'], Nope: ['1'] } }, 'InvalidParameters', 'Nope'],
    ['a required parameter left out', { Parameters: {} }, 'InvalidParameters', 'Url'],
    ['a value outside the pattern', { Parameters: { Url: ['x'], Port: ['9100;'] } }, 'InvalidParameters', 'Port'],
    ['a value that is not allowed', { Parameters: { Url: ['x'], Adopt: ['maybe'] } }, 'InvalidParameters', 'Adopt'],
    ['a value that is too long', { Parameters: { Url: ['x'.repeat(21)] } }, 'InvalidParameters', 'Url'],
    ['two values for one string', { Parameters: { Url: ['x', 'y'] } }, 'InvalidParameters', 'Url'],
    ['too many items', { Parameters: { Url: ['x'], Extra: ['1', '2', '3'] } }, 'InvalidParameters', 'Extra'],
    ['a comment over 100 characters', { Comment: 'x'.repeat(101) }, 'ValidationException', 'Comment'],
    ['a delivery timeout under 30 s', { TimeoutSeconds: 29 }, 'ValidationException', 'TimeoutSeconds'],
    ['51 nodes', { InstanceIds: Array<string>(51).fill('i-0123456789abcdef0') }, 'ValidationException', 'InstanceIds'],
    ['targets by tag', { Targets: [{ Key: 'tag:x', Values: ['y'] }] }, 'NotImplemented', 'Targets'],
    ['less concurrency than nodes', { MaxConcurrency: '1' }, 'NotImplemented', 'MaxConcurrency'],
  ])('%s', async (_name, input, code, word) => {
    const { account, send } = await ready(2);
    await using _ = account;
    await expect(send(input)).rejects.toMatchObject({ name: code, message: expect.stringContaining(word) });
    expect(account.compute.commands.commands()).toEqual([]);
  });

  test('the whole call when one node is not online, and names it', async () => {
    const { account, send, nodes } = await ready(3);
    await using _ = account;
    account.compute.ec2.shutDown(nodes[1] ?? 'i-');
    const refusal = send();
    await expect(refusal).rejects.toMatchObject({ name: 'InvalidInstanceId' });
    await expect(refusal).rejects.toThrow(`Instances [[${nodes[1]}]] not in a valid state for account 111122223333`);
    expect(account.compute.commands.commands()).toEqual([]);
  });

  test('the same node twice', async () => {
    const { account, send, node } = await ready();
    await using _ = account;
    await expect(send({ InstanceIds: [node, node] })).rejects.toMatchObject({ name: 'DuplicateInstanceId' });
  });
});

describe('a command', () => {
  test('is Pending, InProgress and then what its agents say; each step carries code and output', async () => {
    const { account, send, invocations, reply, node, ssm } = await ready();
    await using _ = account;
    const { Command } = await send();
    expect(Command).toMatchObject({ Status: 'Pending', Comment: 'order-1', InstanceIds: [node], TargetCount: 1 });
    expect(await invocations(Command?.CommandId)).toMatchObject([
      { Status: 'Pending', CommandPlugins: [{ Name: 'run', Status: 'Pending', ResponseCode: -1 }] },
    ]);
    reply(Command?.CommandId, node, 'InProgress');
    expect(await invocations(Command?.CommandId)).toMatchObject([{ Status: 'InProgress' }]);
    reply(Command?.CommandId, node, 'Failed', 75, 'try later');
    expect(await invocations(Command?.CommandId)).toMatchObject([
      { Status: 'Failed', StatusDetails: 'Failed', CommandPlugins: [{ ResponseCode: 75, Output: 'try later' }] },
    ]);
    const { Commands } = await ssm.send(new ListCommandsCommand({ CommandId: Command?.CommandId }));
    expect(Commands).toMatchObject([
      { Status: 'Success', StatusDetails: 'Incomplete', ErrorCount: 1, CompletedCount: 1 },
    ]);
  });

  test('fails when more invocations fail than MaxErrors allows', async () => {
    const { account, send, reply, nodes, ssm } = await ready(2);
    await using _ = account;
    const { Command } = await send({ MaxErrors: '0' });
    reply(Command?.CommandId, nodes[0] ?? 'i-', 'Failed', 1);
    reply(Command?.CommandId, nodes[1] ?? 'i-', 'Success');
    const { Commands } = await ssm.send(new ListCommandsCommand({ CommandId: Command?.CommandId }));
    expect(Commands).toMatchObject([{ Status: 'Failed', StatusDetails: 'Failed' }]);
  });

  test.each(['Pending', 'InProgress'])('that is still %s after delivery and run time has timed out', async (status) => {
    const { account, send, invocations, reply, node } = await ready();
    await using _ = account;
    const { Command } = await send();
    if (status === 'InProgress') reply(Command?.CommandId, node, 'InProgress');
    expect(Command?.ExpiresAfter).toEqual(new Date(account.clock.now().getTime() + 900_000));
    await account.clock.advance(899_999);
    expect(await invocations(Command?.CommandId)).toMatchObject([{ Status: status }]);
    await account.clock.advance(1);
    expect(await invocations(Command?.CommandId)).toMatchObject([
      { Status: 'TimedOut', StatusDetails: 'DeliveryTimedOut' },
    ]);
  });

  test('whose script ran too long is TimedOut by execution', async () => {
    const { account, send, invocations, reply, node } = await ready();
    await using _ = account;
    const { Command } = await send();
    reply(Command?.CommandId, node, 'TimedOut', 137);
    expect(await invocations(Command?.CommandId)).toMatchObject([
      { Status: 'TimedOut', StatusDetails: 'ExecutionTimedOut', CommandPlugins: [{ ResponseCode: 137 }] },
    ]);
  });

  test('tells each invocation and itself by events with the documented fields', async () => {
    const { account, send, reply, nodes } = await ready(2);
    await using _ = account;
    const { Command } = await send();
    for (const node of nodes) reply(Command?.CommandId, node, 'InProgress');
    for (const node of nodes) reply(Command?.CommandId, node, 'Success');
    const told = account.events
      .filter(({ source }) => source === 'aws.ssm')
      .map((event) => {
        const { status, 'instance-id': node } = event['detail'] as { status: string; 'instance-id'?: string };
        return `${node === undefined ? 'command' : nodes.indexOf(node as InstanceId)} ${status}`;
      });
    expect(told).toEqual([
      '0 InProgress',
      'command InProgress',
      '1 InProgress',
      '0 Success',
      '1 Success',
      'command Success',
    ]);
    expect(account.events.at(-2)).toMatchObject({
      'detail-type': 'EC2 Command Invocation Status-change Notification',
      resources: [`arn:aws:ec2:us-east-1:111122223333:instance/${nodes[1]}`],
      detail: {
        'command-id': Command?.CommandId,
        'document-name': DOCUMENT,
        'instance-id': nodes[1],
        'requested-date-time': '2026-11-22T12:00:06.000Z',
        status: 'Success',
      },
    });
    expect(account.events.at(-1)).toMatchObject({
      'detail-type': 'EC2 Command Status-change Notification',
      detail: { parameters: { Url: ['https://x'] }, 'expire-after': '2026-11-22T12:15:06.000Z', status: 'Success' },
    });
  });

  test('sent while the answer gets lost runs all the same', async () => {
    const { account, send, ssm } = await ready();
    await using _ = account;
    account.faults.arm({ kind: 'lost' }, { operation: 'SendCommand' });
    await expect(send()).rejects.toThrow('hang up');
    const { Commands } = await ssm.send(new ListCommandsCommand({}));
    expect(Commands).toMatchObject([{ Comment: 'order-1', Status: 'Pending' }]);
  });

  test('is found among those sent after a moment, newest first', async () => {
    const { account, send, ssm } = await ready();
    await using _ = account;
    for (const Comment of ['order-1', 'order-2', 'order-3']) {
      await send({ Comment });
      await account.clock.advance(60_000);
    }
    const Filters = [{ key: 'InvokedAfter' as const, value: '2026-11-22T12:00:06Z' }];
    const { Commands } = await ssm.send(new ListCommandsCommand({ Filters }));
    expect(Commands?.map(({ Comment }) => Comment)).toEqual(['order-3', 'order-2']);
  });

  test('lists its invocations a page at a time, with plugins only on request', async () => {
    const { account, send, ssm } = await ready(7);
    await using _ = account;
    const { Command } = await send();
    const sizes: number[] = [];
    const input = { CommandId: Command?.CommandId, MaxResults: 5 };
    for await (const { CommandInvocations = [] } of paginateListCommandInvocations({ client: ssm }, input)) {
      sizes.push(CommandInvocations.length);
      expect(CommandInvocations[0]?.CommandPlugins).toEqual([]);
    }
    expect(sizes).toEqual([5, 2]);
  });
});

test('a document that was deleted can no longer be sent', async () => {
  const { account, send } = await ready();
  await using _ = account;
  account.compute.deleteDocument(DOCUMENT);
  await expect(send()).rejects.toMatchObject({ name: 'InvalidDocument' });
});

test('what SSM has and the account does not model answers NotImplemented', async () => {
  const { account, ssm, node } = await ready();
  await using _ = account;
  const get = ssm.send(new GetCommandInvocationCommand({ CommandId: crypto.randomUUID(), InstanceId: node }));
  await expect(get).rejects.toMatchObject({ name: 'NotImplemented', $metadata: { httpStatusCode: 501 } });
  const Filters = [{ key: 'Status' as const, value: 'Failed' }];
  await expect(ssm.send(new ListCommandsCommand({ Filters }))).rejects.toMatchObject({ name: 'NotImplemented' });
});

test('a document over 64 KB or of another schema is refused', async () => {
  await using account = await virtualAccount();
  const large = { ...shellDocument, description: 'x'.repeat(65_536) };
  expect(() => account.compute.putDocument('Large', large)).toThrow('64 KB');
  expect(() => account.compute.putDocument('Old', { ...shellDocument, schemaVersion: '1.2' })).toThrow('schemaVersion');
});
