import { SSMClient } from '@aws-sdk/client-ssm';
import { describe, expect, test } from 'vitest';
import { ssmCommands } from '../../shared/aws/ssm-commands.ts';
import type { InstanceId } from '../../shared/core/model.ts';
import { type Answer, type Asked, awsStub, inTurn, json, jsonError } from './aws-stub.ts';

async function ssm(answer: (asked: Asked) => Answer) {
  const stub = await awsStub(answer);
  return { ...stub, commands: ssmCommands(new SSMClient(stub.client)) };
}

const COMMAND = '12345678-1234-1234-1234-123456789012';
const nodes = (count: number): InstanceId[] =>
  Array.from({ length: count }, (_, index) => `i-${index.toString(16).padStart(8, '0')}` as const);

const filterIds = ({ input }: Asked) => (input['Filters'] as [{ Values: string[] }])[0].Values;
const online = (ids: readonly string[], PingStatus = 'Online') =>
  json({ InstanceInformationList: ids.map((InstanceId) => ({ InstanceId, PingStatus })) });

describe('online nodes', () => {
  test('120 ids take three calls of at most 50', async () => {
    const { commands, asked } = await ssm((call) => online(filterIds(call)));
    expect(await commands.online(nodes(120))).toEqual(new Set(nodes(120)));
    expect(asked.map((call) => filterIds(call).length)).toEqual([50, 50, 20]);
  });

  test('every page of an answer counts', async () => {
    const { commands } = await ssm(({ input }) =>
      input['NextToken'] === 'more'
        ? online(['i-00000001'])
        : json({ InstanceInformationList: [{ InstanceId: 'i-00000000', PingStatus: 'Online' }], NextToken: 'more' }),
    );
    expect(await commands.online(nodes(2))).toEqual(new Set(nodes(2)));
  });

  test('an agent that lost its connection is not online', async () => {
    const { commands } = await ssm((call) => online(filterIds(call), 'ConnectionLost'));
    expect(await commands.online(nodes(1))).toEqual(new Set());
  });

  test('an id that SSM calls invalid does not hide the 49 others', async () => {
    const bad = 'i-00000011';
    const { commands, asked } = await ssm((call) =>
      filterIds(call).includes(bad) ? jsonError('InvalidInstanceId') : online(filterIds(call)),
    );
    expect(await commands.online(nodes(50))).toEqual(new Set(nodes(50).filter((id) => id !== bad)));
    expect(asked.length).toBeLessThanOrEqual(13);
  });

  test('a refused second page fails the whole call', async () => {
    const { commands } = await ssm(
      inTurn(json({ InstanceInformationList: [], NextToken: 'more' }), jsonError('AccessDeniedException')),
    );
    await expect(commands.online(nodes(1))).rejects.toMatchObject({ name: 'ConfigError' });
  });
});

describe('finding an order', () => {
  test('looks through every page for the Comment: an order may have become several commands', async () => {
    const page = (CommandId: string, Comment: string, NextToken?: string) =>
      json({ Commands: [{ CommandId, Comment }], NextToken });
    const pages = [page('0', 'order-0', 'two'), page('1', 'order-1', 'three'), page('2', 'order-1')];
    const { commands, asked } = await ssm(inTurn(...pages));
    expect(await commands.find('order-1', new Date('2026-01-01T00:00:09.999Z'))).toEqual(['1', '2']);
    expect(asked.map(({ input }) => input['NextToken'])).toEqual([undefined, 'two', 'three']);
    expect(asked[0]?.input['Filters']).toEqual([{ key: 'InvokedAfter', value: '2026-01-01T00:00:09Z' }]);
  });

  test('an order that no command carries is not found', async () => {
    const { commands } = await ssm(() => json({ Commands: [{ CommandId: COMMAND, Comment: 'order-10' }] }));
    expect(await commands.find('order-1', new Date(0))).toEqual([]);
  });

  test('a page that fails is no proof that the rest of the order was never sent', async () => {
    const { commands } = await ssm(
      inTurn(
        json({ Commands: [{ CommandId: COMMAND, Comment: 'order-1' }], NextToken: 'two' }),
        jsonError('AccessDeniedException'),
      ),
    );
    await expect(commands.find('order-1', new Date(0))).rejects.toMatchObject({ name: 'ConfigError' });
  });
});

const result = async (invocation: object) => {
  const { commands } = await ssm(() => json({ CommandInvocations: [{ InstanceId: 'i-1', ...invocation }] }));
  return (await commands.results(COMMAND))[0];
};
const plugin = (ResponseCode: number, Output = '') => ({ CommandPlugins: [{ ResponseCode, Output }] });

const one = (InstanceId: string) => [{ InstanceId, StatusDetails: 'Success', ...plugin(0, 'line') }];

describe('results', () => {
  test.each([
    ['Delivery Timed Out', -1, 'DeliveryTimedOut', undefined],
    ['In Progress', 0, 'InProgress', undefined],
    ['Success', 0, 'Success', 0],
    ['Failed', 75, 'Failed', 75],
    ['ExecutionTimedOut', 137, 'ExecutionTimedOut', 137],
    ['Undeliverable', -1, 'Undeliverable', undefined],
  ])('"%s" with code %i is %s, exit code %s', async (StatusDetails, code, status, exitCode) => {
    const invocation = await result({ StatusDetails, ...plugin(code) });
    expect([invocation?.status, invocation?.exitCode]).toEqual([status, exitCode]);
  });

  test('a command that has not reached its node has neither exit code nor output', async () => {
    const invocation = await result({ StatusDetails: 'Pending', Comment: 'order-1' });
    expect(invocation).toEqual({ node: 'i-1', commandId: COMMAND, orderId: 'order-1', status: 'Pending', output: '' });
  });

  test('a command with a stranger’s comment belongs to no order', async () => {
    expect((await result({ StatusDetails: 'Success', Comment: 'by hand' }))?.orderId).toBeUndefined();
  });

  test('every page is read, with details', async () => {
    const { commands, asked } = await ssm(({ input }) =>
      input['NextToken'] === 'two'
        ? json({ CommandInvocations: one('i-2') })
        : json({ CommandInvocations: one('i-1'), NextToken: 'two' }),
    );
    expect((await commands.results(COMMAND)).map(({ node, output }) => `${node} ${output}`)).toEqual([
      'i-1 line',
      'i-2 line',
    ]);
    expect(asked[0]?.input).toMatchObject({ CommandId: COMMAND, Details: true });
  });
});
