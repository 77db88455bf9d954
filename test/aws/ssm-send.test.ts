import { SSMClient } from '@aws-sdk/client-ssm';
import { describe, expect, test } from 'vitest';
import { ssmCommands } from '../../shared/aws/ssm-commands.ts';
import type { InstanceId, Order } from '../../shared/core/model.ts';
import { type Answer, type Asked, awsStub, halfOf, inTurn, json, jsonError, lost } from './aws-stub.ts';

async function ssm(answer: (asked: Asked) => Answer) {
  const stub = await awsStub(answer);
  return { ...stub, commands: ssmCommands(new SSMClient(stub.client)) };
}

const COMMAND = '12345678-1234-1234-1234-123456789012';
const sent = json({ Command: { CommandId: COMMAND } });

const whole = (...nodes: readonly string[]) => ({ sent: [{ commandId: COMMAND, nodes }], refused: [] });

const orderFor = (...nodes: readonly InstanceId[]): Order => ({
  id: 'order-1',
  clusterId: 'j-1',
  exporter: 'node',
  action: 'install',
  document: 'prometheus-on-emr-dev-node-install-0123456789ab',
  parameters: { Port: ['9100'] },
  nodes,
});

describe('SendCommand', () => {
  test('carries the order id as its Comment, and the limits that keep the nodes independent', async () => {
    const { commands, asked } = await ssm(() => sent);
    expect(await commands.send(orderFor('i-1', 'i-2'))).toEqual(whole('i-1', 'i-2'));
    expect(asked.map(({ input }) => input)).toEqual([
      {
        DocumentName: 'prometheus-on-emr-dev-node-install-0123456789ab',
        DocumentVersion: '1',
        InstanceIds: ['i-1', 'i-2'],
        Parameters: { Port: ['9100'] },
        Comment: 'order-1',
        TimeoutSeconds: 300,
        MaxConcurrency: '50',
        MaxErrors: '100%',
      },
    ]);
  });

  test('more than 50 nodes are never sent', async () => {
    const { commands, asked } = await ssm(() => sent);
    const nodes = Array.from({ length: 51 }, (_, index) => `i-${index}` as const);
    await expect(commands.send(orderFor(...nodes))).rejects.toThrow('51 nodes in order-1');
    expect(asked).toEqual([]);
  });

  test('is repeated after throttling, when it was certainly not carried out', async () => {
    const { commands, operations } = await ssm(inTurn(jsonError('ThrottlingException', 'Rate exceeded'), sent));
    expect(await commands.send(orderFor('i-1'))).toEqual(whole('i-1'));
    expect(operations()).toEqual(['SendCommand', 'SendCommand']);
  });

  test.each([
    ['a lost answer', lost],
    ['half an answer', halfOf(sent)],
    ['an answer that is no JSON', { ...sent, body: '{"Command":' }],
    ['their own failure', jsonError('InternalServerError', 'oops', 500)],
    ['a 503', jsonError('ServiceUnavailable', 'oops', 503)],
  ])('is never repeated after %s: the command may be running', async (_name, ambiguous) => {
    const { commands, operations } = await ssm(inTurn(ambiguous, sent));
    await expect(commands.send(orderFor('i-1'))).rejects.toMatchObject({ name: 'UnavailableError' });
    expect(operations()).toEqual(['SendCommand']);
  });

  test('a missing document is for a person to mend', async () => {
    const { commands } = await ssm(() => jsonError('InvalidDocument', 'Document does not exist.'));
    await expect(commands.send(orderFor('i-1'))).rejects.toMatchObject({ name: 'ConfigError', retryable: false });
  });
});

const instanceIds = ({ input }: Asked) => input['InstanceIds'] as string[];
const filterIds = ({ input }: Asked) => (input['Filters'] as [{ Values: string[] }])[0].Values;
const online = (ids: readonly string[]) =>
  json({ InstanceInformationList: ids.map((InstanceId) => ({ InstanceId, PingStatus: 'Online' })) });
const onlineBut =
  (...offline: readonly string[]) =>
  (asked: Asked) =>
    online(filterIds(asked).filter((id) => !offline.includes(id)));

describe('nodes that SSM calls invalid', () => {
  test('are left out when the message names them: one more call', async () => {
    const { commands, asked } = await ssm((call) =>
      instanceIds(call).includes('i-2')
        ? jsonError('InvalidInstanceId', 'Instances [[i-2]] not in a valid state for account 123456789012')
        : sent,
    );
    expect(await commands.send(orderFor('i-1', 'i-2', 'i-3'))).toEqual({ ...whole('i-1', 'i-3'), refused: ['i-2'] });
    expect(asked.map(instanceIds)).toEqual([
      ['i-1', 'i-2', 'i-3'],
      ['i-1', 'i-3'],
    ]);
  });

  test('are those that are not online when the message names nobody', async () => {
    const { commands, operations } = await ssm((call) => {
      if (call.operation !== 'SendCommand') return onlineBut('i-2')(call);
      return instanceIds(call).includes('i-2') ? jsonError('InvalidInstanceId') : sent;
    });
    expect(await commands.send(orderFor('i-1', 'i-2'))).toEqual({ ...whole('i-1'), refused: ['i-2'] });
    expect(operations()).toEqual(['SendCommand', 'DescribeInstanceInformation', 'SendCommand']);
  });

  test('are all of them when all look well and SSM refuses even each alone: nothing is sent, nothing loops', async () => {
    const { commands, operations } = await ssm((call) =>
      call.operation === 'SendCommand' ? jsonError('InvalidInstanceId') : onlineBut()(call),
    );
    expect(await commands.send(orderFor('i-1', 'i-2'))).toEqual({ sent: [], refused: ['i-1', 'i-2'] });
    expect(operations().filter((name) => name === 'SendCommand')).toHaveLength(3);
  });

  test('leave no command when nobody else is left', async () => {
    const { commands, operations } = await ssm(() => jsonError('InvalidInstanceId', 'Instances [[i-1, i-2]] not in …'));
    expect(await commands.send(orderFor('i-1', 'i-2'))).toEqual({ sent: [], refused: ['i-1', 'i-2'] });
    expect(operations()).toEqual(['SendCommand']);
  });

  test('a call that breaks after the refusal leaves the order ambiguous, not repeated', async () => {
    const refusal = jsonError('InvalidInstanceId', 'Instances [[i-2]] not in a valid state');
    const { commands, operations } = await ssm(inTurn(refusal, lost, sent));
    await expect(commands.send(orderFor('i-1', 'i-2'))).rejects.toMatchObject({ name: 'UnavailableError' });
    expect(operations()).toEqual(['SendCommand', 'SendCommand']);
  });
});

describe('one node of 50 that looks well and that SSM calls invalid without naming it', () => {
  const fifty = Array.from({ length: 50 }, (_, index) => `i-${10 + index}` as const);
  const isBad = (culprits: readonly string[]) => (call: Asked) => instanceIds(call).some((id) => culprits.includes(id));
  const numbered = () => {
    let count = 0;
    return () => json({ Command: { CommandId: `command-${(count += 1)}` } });
  };
  const taking = (refuses: (call: Asked) => boolean, take: () => Answer) => (call: Asked) => {
    if (call.operation !== 'SendCommand') return onlineBut()(call);
    return refuses(call) ? jsonError('InvalidInstanceId') : take();
  };

  test.each(['i-10', 'i-27', 'i-59'])(
    'is found in at most 12 calls, and every other one is in exactly one command: %s',
    async (culprit) => {
      const { commands, asked, operations } = await ssm(taking(isBad([culprit]), numbered()));
      const { sent: parts, refused } = await commands.send(orderFor(...fifty));
      expect(refused).toEqual([culprit]);
      expect(parts.flatMap(({ nodes }) => nodes).toSorted()).toEqual(fifty.filter((id) => id !== culprit));
      expect(new Set(parts.map(({ commandId }) => commandId)).size).toBe(parts.length);
      expect(operations().filter((name) => name === 'SendCommand').length).toBeLessThanOrEqual(12);
      expect(operations().filter((name) => name !== 'SendCommand')).toEqual(['DescribeInstanceInformation']);
      expect(new Set(asked.flatMap(({ input }) => input['Comment'] ?? []))).toEqual(new Set(['order-1']));
    },
  );

  test('is refused on SSM’s word about it alone, never because the others were taken', async () => {
    const { commands } = await ssm(inTurn(jsonError('InvalidInstanceId'), online(['i-1', 'i-2']), sent));
    const { sent: parts, refused } = await commands.send(orderFor('i-1', 'i-2'));
    expect([parts.map(({ nodes }) => nodes), refused]).toEqual([[['i-1'], ['i-2']], []]);
  });

  test('is found beside one that is not online', async () => {
    const refuses = isBad(['i-1', 'i-4']);
    const { commands } = await ssm((call) =>
      call.operation === 'SendCommand' ? taking(refuses, numbered())(call) : onlineBut('i-1')(call),
    );
    const { sent: parts, refused } = await commands.send(orderFor('i-1', 'i-2', 'i-3', 'i-4'));
    expect([parts.flatMap(({ nodes }) => nodes), refused]).toEqual([
      ['i-2', 'i-3'],
      ['i-1', 'i-4'],
    ]);
  });

  test('leaves what was sent to be found when a later half fails, and that half is not repeated', async () => {
    let calls = 0;
    const { commands, asked } = await ssm((call) => {
      calls += 1;
      return calls === 5 ? lost : taking(isBad(['i-10']), numbered())(call);
    });
    await expect(commands.send(orderFor(...fifty))).rejects.toMatchObject({ name: 'UnavailableError' });
    expect(asked.map(({ operation }) => operation)).toHaveLength(5);
  });

  test('is sent again after throttling, half by half', async () => {
    let calls = 0;
    const { commands, operations } = await ssm((call) => {
      calls += 1;
      return calls % 2 === 1 ? jsonError('ThrottlingException') : taking(isBad(['i-2']), numbered())(call);
    });
    const { sent: parts, refused } = await commands.send(orderFor('i-1', 'i-2', 'i-3'));
    expect([parts.flatMap(({ nodes }) => nodes), refused]).toEqual([['i-1', 'i-3'], ['i-2']]);
    expect(operations().filter((name) => name === 'SendCommand')).toHaveLength(8);
  });
});
