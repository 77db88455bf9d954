import { assert, asyncProperty, constant, integer, subarray, tuple } from 'fast-check';
import { expect, test } from 'vitest';
import { halve, sendOrHalve } from '../../shared/core/halve.ts';
import type { InstanceId } from '../../shared/core/model.ts';

const nodesOf = (count: number): InstanceId[] => Array.from({ length: count }, (_, index) => `i-${index}` as const);

/** An SSM that refuses every group with one of these nodes in it, and says no more. */
function ssm(culprits: ReadonlySet<InstanceId>) {
  const asked: (readonly InstanceId[])[] = [];
  const send = async (nodes: readonly InstanceId[]) => {
    asked.push(nodes);
    return nodes.some((id) => culprits.has(id)) ? undefined : (`${asked.length}-0-0-0-0` as const);
  };
  return { asked, send };
}

test('one culprit among 50 is found in at most 12 calls wherever it stands, the first one to all included', async () => {
  const counts = await Promise.all(
    nodesOf(50).map(async (culprit) => {
      const { asked, send } = ssm(new Set([culprit]));
      expect((await sendOrHalve(nodesOf(50), send)).refused).toEqual([culprit]);
      return asked.length;
    }),
  );
  expect(Math.max(...counts)).toBe(12);
});

test('whoever the culprits are, each was refused alone, and every other node is in exactly one command', async () => {
  const stories = integer({ min: 1, max: 50 }).chain((count) =>
    tuple(constant(nodesOf(count)), subarray(nodesOf(count))),
  );
  await assert(
    asyncProperty(stories, async ([nodes, culprits]) => {
      const { asked, send } = ssm(new Set(culprits));
      const { sent, refused } = await sendOrHalve(nodes, send);
      expect(refused).toEqual(culprits);
      expect(sent.flatMap((command) => command.nodes)).toEqual(nodes.filter((id) => !culprits.includes(id)));
      expect(new Set(sent.map(({ commandId }) => commandId)).size).toBe(sent.length);
      expect(asked).toEqual(expect.arrayContaining(culprits.map((id) => [id])));
      expect(asked.length).toBeLessThan(2 * nodes.length);
    }),
  );
});

test('a node that is taken after all, once it stands alone, is not refused', async () => {
  const { sent, refused } = await halve(nodesOf(2), ssm(new Set()).send);
  expect([sent.map(({ nodes }) => nodes), refused]).toEqual([[['i-0'], ['i-1']], []]);
});
