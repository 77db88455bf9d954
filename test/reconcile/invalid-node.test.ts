import { describe, expect, test } from 'vitest';
import type { InstanceId } from '../../shared/core/model.ts';
import { MINUTE, SECOND, world } from '../fakes/world.ts';

const REASON = 'SSM calls the instance invalid';
const group = { role: 'CORE', instanceType: 'm5.xlarge', market: 'SPOT' } as const;

/** Fifty nodes whose agents are online; SendCommand calls the last one invalid, and says no more. */
async function fifty() {
  const here = world();
  const id = await here.launch({
    groups: [
      { ...group, role: 'MASTER', count: 1 },
      { ...group, count: 49 },
    ],
  });
  await here.clock.advance(2 * SECOND);
  const nodes = here.nodes(id).toSorted();
  const culprit = nodes.at(-1) ?? 'i-';
  const good = nodes.filter((node) => node !== culprit);
  here.account.commands.setInvalid(culprit, true);
  const commands = () => here.account.commands.commands();
  const ordered = (): readonly InstanceId[] => commands().flatMap((command) => command.nodes);
  return { ...here, id, culprit, good, commands, ordered };
}

describe('one node of fifty that looks well and that SSM calls invalid without naming it', () => {
  test('costs the others nothing: each has its exporter a minute later, by one command', async () => {
    const { callsOf, good, id, lines, culprit, commands, ordered, sweep, sweepFor, targets, work } = await fifty();
    const { SendCommand = 0, DescribeInstanceInformation } = await callsOf(sweep);
    expect([SendCommand <= 12, DescribeInstanceInformation]).toEqual([true, 1]);
    expect(ordered().toSorted()).toEqual(good);
    for (const command of commands()) {
      for (const node of command.nodes) {
        expect(await work(id, node)).toMatchObject({ phase: 'installing', orderId: 'order-1', commandId: command.id });
      }
    }
    const sent = lines.filter(({ message }) => message === 'order sent').map(({ fields }) => fields);
    const ids = commands().map((command) => command.id);
    expect(sent).toMatchObject([{ orderId: 'order-1', commands: ids.toReversed(), refused: [culprit] }]);
    await sweepFor(MINUTE);
    expect(await targets(id)).toHaveLength(49);
  });

  test('waits with the reason, ordered again after 1, 2, 4 … minutes, and spends no attempt', async () => {
    const { callsOf, culprit, good, id, ordered, sweep, sweepFor, work } = await fifty();
    await sweep();
    expect(await work(id, culprit)).toMatchObject({ phase: 'waiting', attempt: 0, deferrals: 1, reason: REASON });
    const { SendCommand = 0 } = await callsOf(() => sweepFor(120 * MINUTE));
    expect([SendCommand, ordered().toSorted()]).toEqual([6, good]);
    expect(await work(id, culprit)).toMatchObject({ phase: 'waiting', attempt: 0, deferrals: 7, reason: REASON });
  });

  test('gets its exporter once SSM takes it', async () => {
    const { account, culprit, id, sweep, sweepFor, targets } = await fifty();
    await sweep();
    account.commands.setInvalid(culprit, false);
    await sweepFor(3 * MINUTE);
    expect(await targets(id)).toHaveLength(50);
  });

  test.each([
    ['refused with a 500', { kind: 'error', status: 500, code: 'InternalServerError' }, 25],
    ['carried out, its answer lost', { kind: 'lost' }, 37],
  ] as const)(
    'when a later half is %s, what was sent is found and what was not is sent again: none twice, none never',
    async (_title, fault, reached) => {
      const { culprit, faults, good, id, ordered, sweep, sweepFor, targets, work } = await fifty();
      faults.arm(fault, { operation: 'SendCommand', skip: 2 });
      await expect(sweep()).rejects.toThrow('1 of 1 clusters failed');
      expect(ordered()).toHaveLength(reached);
      expect(await work(id, good[0] ?? 'i-')).not.toHaveProperty('commandId');
      await sweepFor(2 * MINUTE);
      expect(ordered().toSorted()).toEqual(good);
      expect(await targets(id)).toHaveLength(reached);
      await sweepFor(2 * MINUTE);
      expect(await targets(id)).toHaveLength(49);
      expect(await work(id, culprit)).toMatchObject({ phase: 'waiting', attempt: 0, reason: REASON });
    },
  );
});
