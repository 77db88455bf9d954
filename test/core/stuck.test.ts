import { describe, expect, test } from 'vitest';
import { stuckNodes } from '../../shared/core/stuck.ts';
import type { Work } from '../../shared/core/record.ts';
import { ago, aNode, aRecord, MINUTE, NODE, NOW, someWork, working } from './sample-record.ts';

const NONE = { NodesGivenUp: 0, NodesUnreachable: 0, NodesWithoutArtifacts: 0, NodesPutOff: 0, DeletionsRefused: 0 };
const OFFLINE = 'SSM agent is not online';
const waiting = (reason: string, minutes: number): Partial<Work> => ({
  phase: 'waiting',
  reason,
  at: ago(minutes * MINUTE),
});
const failedOffline = (minutes: number): Partial<Work> => ({
  ...waiting(OFFLINE, minutes),
  phase: 'failed',
  attempt: 3,
});

test.each<[string, Partial<Work>, Partial<typeof NONE>]>([
  ['given up', { phase: 'gaveUp', attempt: 6 }, { NodesGivenUp: 1 }],
  ['without an agent for 10 minutes', waiting(OFFLINE, 10), { NodesUnreachable: 1 }],
  ['without an agent for less', waiting(OFFLINE, 9), {}],
  ['failed, due after 4 minutes, and without an agent for 10 more', failedOffline(14), { NodesUnreachable: 1 }],
  ['failed, and due again for less', failedOffline(13), {}],
  ['without artifacts for 10 minutes', waiting('artifacts missing', 10), { NodesWithoutArtifacts: 1 }],
  ['without artifacts for less', waiting('artifacts missing', 9), {}],
  ['put off 5 times', { ...waiting('AccessDenied', 1), deferrals: 5 }, { NodesPutOff: 1 }],
  ['put off 5 times, and under way again', { phase: 'installing', deferrals: 5 }, { NodesPutOff: 1 }],
  ['put off 4 times', { ...waiting('AccessDenied', 1), deferrals: 4 }, {}],
  ['put off before its agent went', { ...waiting(OFFLINE, 10), deferrals: 5 }, { NodesUnreachable: 1 }],
  ['waiting for anything else', waiting('rollout stopped', 60), {}],
  ['with an order in flight', { phase: 'installing', reason: OFFLINE, at: ago(60 * MINUTE) }, {}],
])('a node %s', (_title, work, expected) => {
  expect(stuckNodes([working(work)], NOW)).toEqual({ ...NONE, ...expected });
});

describe('a node that is gone', () => {
  test.each([
    ['limitDeletes: 3 of 4 nodes at once', 1],
    ['dryRun', 0],
    [undefined, 0],
  ])('and held because of %s', (held, expected) => {
    const record = aRecord({ nodes: { [NODE]: aNode({ state: 'TERMINATED', held }) } });
    expect(stuckNodes([record], NOW).DeletionsRefused).toBe(expected);
  });
});

test('a node with two exporters given up is one node, and nodes of all clusters count', () => {
  const work = someWork({ phase: 'gaveUp', attempt: 6 });
  const twice = aRecord({ nodes: { [NODE]: aNode({ exporters: { node: { work }, jmx: { work } } }) } });
  expect(stuckNodes([twice, twice], NOW).NodesGivenUp).toBe(2);
});
