import { describe, expect, test } from 'vitest';
import type { Action } from '../../shared/core/plan.ts';
import { limitDeletes } from '../../shared/core/policy.ts';
import type { ClusterRecord } from '../../shared/core/record.ts';
import { aNode, aRecord, NODE, someWork } from './sample-record.ts';

const ids = ['i-00000001', 'i-00000002', 'i-00000003', 'i-00000004'] as const;
const four = aRecord({ nodes: Object.fromEntries(ids.map((id) => [id, aNode()])) });
const forget = (count: number): Action[] =>
  ids.slice(0, count).map((node) => ({ kind: 'forget', node, reason: 'node is gone' }));
const order: Action = { kind: 'order', node: NODE, exporter: 'node', work: someWork(), reason: 'missing' };

describe('limitDeletes of three in four nodes', () => {
  test.each<[string, number, ClusterRecord, number]>([
    ['lets one go', 1, four, 0],
    ['lets two go', 2, four, 0],
    ['lets none of three go, and says which', 3, four, 3],
    ['lets all go when the cluster is ending', 4, { ...four, state: 'TERMINATING' }, 0],
    ['lets all go when the cluster is watched no more', 4, { ...four, selected: false }, 0],
    ['lets all go when the cluster has ended', 4, { ...four, state: 'TERMINATED_WITH_ERRORS' }, 0],
  ])('%s', (_title, count, record, refused) => {
    const actions = [...forget(count), order];
    const verdict = limitDeletes(0.75)(actions, record);
    expect(verdict.refused).toEqual(actions.slice(0, refused));
    expect(verdict.allowed).toEqual(actions.slice(refused));
  });
});

test('limitDeletes of all nodes refuses the last one of a running cluster', () => {
  const one = aRecord({ nodes: { 'i-00000001': aNode() } });
  expect(limitDeletes(1)(forget(1), one)).toEqual({ allowed: [], refused: forget(1) });
  expect(limitDeletes(1)(forget(3), four).refused).toEqual([]);
});

test('what is no deletion passes whatever the limit', () => {
  expect(limitDeletes(0)([order, { kind: 'end', reason: 'cluster TERMINATED' }], four).refused).toEqual([]);
});
