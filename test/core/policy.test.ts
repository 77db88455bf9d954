import { describe, expect, test } from 'vitest';
import type { Action } from '../../shared/core/action.ts';
import { policy } from '../../shared/core/policy.ts';
import type { ClusterRecord } from '../../shared/core/record.ts';
import type { Limit, Policies } from '../../shared/core/settings.ts';
import { aNode, aRecord, COMMAND, NODE, ORDER, someWork } from './sample-record.ts';

const NONE: Policies = { dryRun: false, pauseInstalls: false, limitDeletes: { share: 1 } };
const ids = ['i-00000001', 'i-00000002', 'i-00000003', 'i-00000004'] as const;
const four = aRecord({ nodes: Object.fromEntries(ids.map((id) => [id, aNode()])) });

const on = { node: NODE, exporter: 'node', reason: 'because' };
const install: Action = { kind: 'order', ...on, work: someWork() };
const remove: Action = { kind: 'order', ...on, work: someWork({ action: 'remove' }) };
const drop: Action = { kind: 'drop', of: 'work', ...on };
const end: Action = { kind: 'end', reason: 'cluster TERMINATED' };
const questions: readonly Action[] = [
  { kind: 'ask', ...on, commandId: COMMAND },
  { kind: 'look', ...on, orderId: ORDER, orderedAt: '2026-11-22T12:00:00.000Z' },
  { kind: 'check', action: 'install', ...on },
  { kind: 'wait', action: 'install', ...on },
];
const forget = (count: number): Action[] =>
  ids.slice(0, count).map((node) => ({ kind: 'forget', node, reason: 'node is gone' }));

describe('limitDeletes', () => {
  const half: Limit = { share: 0.5 };
  const three: Limit = { nodes: 3 };
  test.each<[string, Limit, number, ClusterRecord, number]>([
    ['of half lets one of four go', half, 1, four, 0],
    ['of half lets none of two go', half, 2, four, 2],
    ['of all lets three of four go', { share: 1 }, 3, four, 0],
    ['of all lets none of four go', { share: 1 }, 4, four, 4],
    ['of three nodes lets three go', three, 3, four, 0],
    ['of three nodes lets none of four go', three, 4, four, 4],
    ['of no node lets none go', { nodes: 0 }, 1, four, 1],
    ['lets all go when the cluster is ending', half, 4, { ...four, state: 'TERMINATING' }, 0],
    ['lets all go when the cluster has ended', half, 4, { ...four, state: 'TERMINATED_WITH_ERRORS' }, 0],
    ['lets all go when the cluster is watched no more', half, 4, { ...four, selected: false }, 0],
  ])('%s', (_title, limitDeletes, count, record, refused) => {
    const verdict = policy({ ...NONE, limitDeletes })([...forget(count), install, end], record);
    expect(verdict.refused.map(({ action }) => action)).toEqual(forget(refused));
    expect(verdict.allowed).toEqual([...forget(count).slice(refused), install, end]);
  });

  test('refuses the last node of a running cluster, and says how many of how many', () => {
    const one = aRecord({ nodes: { 'i-00000001': aNode() } });
    expect(policy(NONE)(forget(1), one).refused).toEqual([
      { action: forget(1)[0], policy: 'limitDeletes', reason: 'limitDeletes: 1 of 1 nodes at once' },
    ]);
  });

  test('takes a share at its word: 28 % of 25 nodes are 7, though 0.28 × 25 is a little more', () => {
    const all = Array.from({ length: 25 }, (_, index): `i-${string}` => `i-000000${index + 10}`);
    const record = aRecord({ nodes: Object.fromEntries(all.map((id) => [id, aNode()])) });
    const refused = (count: number) => {
      const forgets = all.slice(0, count).map((node): Action => ({ kind: 'forget', node, reason: 'node is gone' }));
      return policy({ ...NONE, limitDeletes: { share: 0.28 } })(forgets, record).refused.length;
    };
    expect([refused(6), refused(7)]).toEqual([0, 7]);
  });

  test('lets everything pass that forgets no node, whatever the limit', () => {
    const actions = [install, remove, drop, end, ...questions];
    expect(policy({ ...NONE, limitDeletes: { nodes: 0 } })(actions, four)).toEqual({ allowed: actions, refused: [] });
  });
});

test('dryRun takes away every order, forgetting, dropping and end, and leaves the questions and waits', () => {
  const effects = [install, remove, drop, end, ...forget(1)];
  expect(policy({ ...NONE, dryRun: true })([...effects, ...questions], four)).toEqual({
    allowed: questions,
    refused: effects.map((action) => ({ action, policy: 'dryRun', reason: 'dryRun' })),
  });
});

test('pauseInstalls takes away the orders that install, and no other', () => {
  const others = [remove, drop, end, ...forget(1), ...questions];
  expect(policy({ ...NONE, pauseInstalls: true })([install, ...others], four)).toEqual({
    allowed: others,
    refused: [{ action: install, policy: 'pauseInstalls', reason: 'installs are paused' }],
  });
});

test('every policy that is in force has its say, each action is refused once', () => {
  const all: Policies = { dryRun: true, pauseInstalls: true, limitDeletes: { nodes: 0 } };
  const policies = (given: Policies) =>
    policy(given)([install, ...forget(2)], four).refused.map(({ policy: name }) => name);
  expect(policies(all)).toEqual(['dryRun', 'dryRun', 'dryRun']);
  expect(policies({ ...all, dryRun: false })).toEqual(['pauseInstalls', 'limitDeletes', 'limitDeletes']);
});
