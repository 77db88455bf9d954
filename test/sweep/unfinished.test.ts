import { describe, expect, test } from 'vitest';
import { sweep as sweepOnce } from '../../functions/sweep.ts';
import { resultLine } from '../../sandbox/account/scripted-nodes.ts';
import type { InstanceId, Invocation } from '../../shared/core/model.ts';
import { deliver, MINUTE, sample, world } from '../fakes/world.ts';

const HOUR = 60 * MINUTE;
const down = { kind: 'error', status: 503, code: 'ServiceUnavailable' } as const;
const group = { instanceType: 'm5.xlarge', market: 'SPOT' } as const;
const nodesOf = (cores: number) => ({
  groups: [{ ...group, role: 'MASTER', count: 1 } as const, { ...group, role: 'CORE', count: cores } as const],
});

test('a node without an agent is asked about 39 times in a day of 1,440 sweeps, and its record written once', async () => {
  const { account, callsOf, launch, nodes, sweep, sweepFor, work } = world({ register: () => undefined });
  const id = await launch();
  expect(await callsOf(sweep)).toMatchObject({ DescribeInstanceInformation: 1, PutObject: 1 });
  const calls = await callsOf(() => sweepFor(24 * HOUR));
  expect([calls['DescribeInstanceInformation'], calls['PutObject']]).toEqual([38, undefined]);
  expect(await work(id, nodes(id)[0] ?? 'i-')).toMatchObject({ reason: 'SSM agent is not online' });
  expect(account.commands.commands()).toEqual([]);
});

test('an agent that comes after ten minutes is noticed within four', async () => {
  const { account, launch, sweepFor } = world({ register: () => 10 * MINUTE });
  await launch();
  await sweepFor(14 * MINUTE);
  expect(account.commands.commands()).toHaveLength(1);
});

test('results that do not ring are asked for in one call per command, whatever the number of nodes', async () => {
  const { callsOf, launch, sweep, sweepFor, targets } = world();
  const id = await launch(nodesOf(69));
  expect(await callsOf(sweep)).toMatchObject({ SendCommand: 2 });
  expect(await callsOf(() => sweepFor(MINUTE))).toMatchObject({ ListCommandInvocations: 2 });
  expect(await targets(id)).toHaveLength(70);
});

describe('a SendCommand', () => {
  test('whose answer is lost is found by its order id, and not sent again', async () => {
    const { account, faults, launch, sweep, sweepFor, targets } = world();
    const id = await launch();
    faults.arm({ kind: 'lost' }, { operation: 'SendCommand' });
    await expect(sweep()).rejects.toThrow('1 of 1 clusters failed');
    await sweepFor(5 * MINUTE);
    expect([account.commands.commands().length, (await targets(id))?.length]).toEqual([1, 1]);
  });

  test('that SSM refuses without a word about its effect is looked for, and sent again when there is none', async () => {
    const { account, callsOf, faults, launch, sweep, sweepFor, targets } = world();
    const id = await launch();
    faults.arm(down, { operation: 'SendCommand' });
    await expect(sweep()).rejects.toThrow('1 of 1 clusters failed');
    expect(await callsOf(() => sweepFor(5 * MINUTE))).toMatchObject({
      ListCommands: expect.any(Number) as number,
      SendCommand: 1,
    });
    expect([account.commands.commands().length, (await targets(id))?.length]).toEqual([1, 1]);
  });

  test('that is found to have reached some nodes only is sent again to the others', async () => {
    const { account, launch, nodes, sweeper, sweepFor, targets } = world();
    const id = await launch(nodesOf(2));
    const [first, ...others] = nodes(id) as [InstanceId, ...InstanceId[]];
    const { commands } = sweeper;
    const half: typeof commands.send = async (order) => {
      await commands.send({ ...order, nodes: [first] });
      throw new Error('killed');
    };
    const dying = { ...sweeper, commands: { ...commands, send: half } };
    await expect(sweepOnce({}, dying)).rejects.toThrow('1 of 1 clusters failed');
    await sweepFor(5 * MINUTE);
    const sent = account.commands.commands().map((command) => command.nodes.toSorted());
    expect(sent).toEqual([others.toSorted(), [first]]);
    expect(await targets(id)).toHaveLength(3);
  });
});

describe('a result of an order whose lease is over', () => {
  /** The first order ran on and on; its node says so at last. */
  async function late() {
    const here = world();
    const id = await here.launch();
    const [node = 'i-'] = here.nodes(id);
    here.install(() => undefined);
    await here.sweep();
    const [first] = here.account.commands.commands();
    if (first === undefined) throw new Error('nothing was ordered');
    const success: Invocation = {
      node,
      commandId: first.id,
      orderId: 'order-1',
      status: 'Success',
      exitCode: 0,
      output: resultLine({ node, document: first.document, parameters: {} }),
    };
    const ring = async () => {
      const { commands, ...rest } = here.container();
      const app = { ...rest, commands: { ...commands, results: async () => [success] } };
      const event = sample('ssm-command-invocation-success', { 'instance-id': node, 'command-id': first.id });
      expect(await deliver([event], app)).toEqual([]);
    };
    return { ...here, id, node, ring };
  }

  test('changes nothing once there is another order', async () => {
    const { account, id, node, record, ring, sweepFor, work } = await late();
    await sweepFor(20 * MINUTE);
    const [second, , ...more] = account.commands.commands();
    expect([second?.comment, more]).toEqual(['order-2', []]);
    const before = await record(id);
    await ring();
    expect(await record(id)).toEqual(before);
    expect(await work(id, node)).toMatchObject({ orderId: 'order-2', deferrals: 1 });
  });

  test('counts while there is none', async () => {
    const { account, clock, id, ring, targets } = await late();
    await clock.advance(17 * MINUTE);
    await ring();
    expect([account.commands.commands().length, (await targets(id))?.length]).toEqual([1, 1]);
  });
});
