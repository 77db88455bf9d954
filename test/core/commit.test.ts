import { describe, expect, test } from 'vitest';
import { applyDecisions, claim, noteRefused, noteSent } from '../../shared/core/commit.ts';
import type { ClusterRecord, Work } from '../../shared/core/record.ts';
import {
  ago,
  aNode,
  aRecord,
  COMMAND,
  installed,
  MINUTE,
  NODE,
  nodeExporter,
  NOW,
  ORDER,
  someWork,
  working,
} from './sample-record.ts';

const OTHER = 'i-00000002';
const wanted = new Map([['node', nodeExporter]]);
const workOf = (record: ClusterRecord, id = NODE): Work | undefined => record.nodes[id]?.exporters['node']?.work;
const wait = (reason: string) => ({ kind: 'wait', node: NODE, exporter: 'node', reason }) as const;

describe('a wait', () => {
  test('that names no other reason leaves a delay as it is', () => {
    const before = working({ phase: 'waiting', deferrals: 3 });
    expect(applyDecisions(before, [wait('waiting')], wanted, NOW)).toEqual(before);
  });

  test('is noted on a bare node', () => {
    expect(workOf(applyDecisions(aRecord(), [wait('SSM agent is not online')], wanted, NOW))).toEqual({
      ...someWork({ phase: 'waiting', reason: 'SSM agent is not online', at: NOW.toISOString() }),
    });
  });

  test.each<[string, Partial<Work>]>([
    ['work that waits for the same reason', { phase: 'waiting', reason: 'artifacts missing', at: ago(MINUTE) }],
    ['an order in flight', { phase: 'installing', orderId: ORDER }],
    ['work that failed', { phase: 'failed', attempt: 1, reason: 'no space' }],
    ['work that was given up', { phase: 'gaveUp', attempt: 6 }],
  ])('leaves %s as it is', (_title, work) => {
    const before = working(work);
    expect(applyDecisions(before, [wait('artifacts missing')], wanted, NOW)).toEqual(before);
  });
});

test('a node that is forgotten takes its exporters along', () => {
  const before = aRecord({ nodes: { [NODE]: aNode({ exporters: { node: { installed } } }), [OTHER]: aNode() } });
  const after = applyDecisions(before, [{ kind: 'forget', node: NODE, reason: 'gone' }], wanted, NOW);
  expect(Object.keys(after.nodes)).toEqual([OTHER]);
});

const order = { kind: 'order', node: NODE, exporter: 'node', work: someWork(), reason: 'missing' } as const;

test('a claim carries its order id and keeps what is installed', () => {
  const before = aRecord({ nodes: { [NODE]: aNode({ exporters: { node: { installed } } }) } });
  expect(claim(before, [order], ORDER).nodes[NODE]?.exporters['node']).toEqual({
    installed,
    work: someWork({ orderId: ORDER }),
  });
});

test('a command id is kept with the work of its order only', () => {
  const nodes = {
    [NODE]: aNode({ exporters: { node: { work: someWork({ orderId: ORDER }) } } }),
    [OTHER]: aNode({ exporters: { node: { work: someWork({ orderId: 'order-2' }) } } }),
  };
  const after = noteSent(aRecord({ nodes }), ORDER, COMMAND);
  expect(workOf(after)).toMatchObject({ phase: 'installing', commandId: COMMAND });
  expect(workOf(after, OTHER)).toEqual(someWork({ orderId: 'order-2' }));
});

test('a result that was faster than the command id is not undone by it', () => {
  const settled = working({ phase: 'failed', attempt: 1 });
  expect(noteSent(settled, ORDER, COMMAND)).toEqual(settled);
});

test('a node that SSM refused waits a minute, then two, and the others go on', () => {
  const nodes = {
    [NODE]: aNode({ exporters: { node: { work: someWork({ orderId: ORDER, deferrals: 1 }) } } }),
    [OTHER]: aNode({ exporters: { node: { work: someWork({ orderId: ORDER }) } } }),
  };
  const after = noteRefused(aRecord({ nodes }), ORDER, [NODE]);
  expect(workOf(after)).toEqual(someWork({ phase: 'waiting', deferrals: 2, reason: 'SSM calls the instance invalid' }));
  expect(workOf(after, OTHER)).toEqual(someWork({ orderId: ORDER }));
});
