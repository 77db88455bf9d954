import { describe, expect, test } from 'vitest';
import type { Action } from '../../shared/core/action.ts';
import { applyDecisions, claim, isUntouched, noteRefused, noteSent } from '../../shared/core/commit.ts';
import type { ClusterRecord, ExporterState, Work } from '../../shared/core/record.ts';
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
const stateOf = (record: ClusterRecord, id = NODE): ExporterState | undefined => record.nodes[id]?.exporters['node'];
const workOf = (record: ClusterRecord, id = NODE): Work | undefined => stateOf(record, id)?.work;
const on = (state: ExporterState) => aRecord({ nodes: { [NODE]: aNode({ exporters: { node: state } }) } });
const place = { node: NODE, exporter: 'node' } as const;
const apply = (before: ClusterRecord, ...allowed: readonly Action[]) =>
  applyDecisions(before, { allowed, refused: [] }, wanted, NOW);

const wait = (reason: string, action: Work['action'] = 'install'): Extract<Action, { kind: 'wait' }> => ({
  kind: 'wait',
  action,
  ...place,
  reason,
});
const order = { kind: 'order', ...place, work: someWork(), reason: 'missing' } as const;
const removal = { ...order, work: someWork({ action: 'remove' }), reason: 'wanted no more' } as const;

describe('a wait', () => {
  test('that names no other reason leaves a delay as it is', () => {
    const before = working({ phase: 'waiting', deferrals: 3 });
    expect(apply(before, wait('waiting'))).toEqual(before);
  });

  test('is noted on a bare node', () => {
    expect(workOf(apply(aRecord(), wait('SSM agent is not online')))).toEqual(
      someWork({ phase: 'waiting', reason: 'SSM agent is not online', at: NOW.toISOString() }),
    );
  });

  test('for another reason is noted, and keeps how often the work was put off and failed', () => {
    const before = working({ phase: 'waiting', attempt: 2, deferrals: 3, reason: 'no network', at: ago(MINUTE) });
    expect(workOf(apply(before, wait('artifacts missing')))).toEqual(
      someWork({ phase: 'waiting', attempt: 2, deferrals: 3, reason: 'artifacts missing', at: NOW.toISOString() }),
    );
  });

  test.each<[string, Partial<Work>]>([
    ['another revision', { version: '1.11.0', revision: 'r1', phase: 'failed', attempt: 5, deferrals: 4 }],
    ['the other action', { action: 'remove', phase: 'gaveUp', attempt: 6, deferrals: 4 }],
  ])('takes the place of work of %s, which may have left something on the node', (_title, work) => {
    expect(workOf(apply(working(work), wait('rollout stopped')))).toEqual(
      someWork({ phase: 'waiting', attempt: 0, deferrals: 1, reason: 'rollout stopped', at: NOW.toISOString() }),
    );
  });

  test('in place of an order that came to nothing keeps its counts', () => {
    const before = working({ phase: 'installing', orderId: ORDER, attempt: 2, deferrals: 1, at: ago(MINUTE) });
    const left = someWork({ phase: 'waiting', attempt: 2, deferrals: 2, reason: 'order was never sent' });
    const after = apply(before, { ...wait('rollout stopped'), left });
    expect(workOf(after)).toEqual({ ...left, reason: 'rollout stopped', at: NOW.toISOString() });
    expect(workOf(apply(before, { ...wait('order was never sent'), left }))).toEqual(left);
  });

  test('for a removal says so', () => {
    const after = apply(on({ installed }), wait('SSM agent is not online', 'remove'));
    expect(stateOf(after)).toMatchObject({ installed, work: { action: 'remove', phase: 'waiting' } });
  });

  test.each<[string, Partial<Work>]>([
    ['work that waits for the same reason', { phase: 'waiting', reason: 'artifacts missing', at: ago(MINUTE) }],
    ['an order in flight', { phase: 'installing', orderId: ORDER }],
    ['an order in flight of another revision', { revision: 'r1', phase: 'ordered', orderId: ORDER }],
    ['a removal in flight', { action: 'remove', phase: 'removing', orderId: ORDER }],
    ['work that failed', { phase: 'failed', attempt: 1, reason: 'no space' }],
    ['work that was given up', { phase: 'gaveUp', attempt: 6 }],
    ['work that met a conflict', { phase: 'conflict', reason: 'port 9100 is taken' }],
  ])('leaves %s as it is', (_title, work) => {
    const before = working(work);
    expect(apply(before, wait('artifacts missing'))).toEqual(before);
  });

  test('for the agent is told of work that failed, whose time, count and phase stay', () => {
    const failed = { phase: 'failed', attempt: 3, at: ago(10 * MINUTE) } as const;
    const after = apply(working({ ...failed, reason: 'no space' }), wait('SSM agent is not online'));
    expect(after).toEqual(working({ ...failed, reason: 'SSM agent is not online' }));
    expect(apply(after, wait('SSM agent is not online'))).toEqual(after);
  });

  test('for an exporter that nobody knows, or on a node that is gone, changes nothing', () => {
    expect(applyDecisions(aRecord(), { allowed: [wait('why')], refused: [] }, new Map(), NOW)).toEqual(aRecord());
    expect(apply(aRecord({ nodes: {} }), wait('why'))).toEqual(aRecord({ nodes: {} }));
  });
});

describe('what is left over is dropped:', () => {
  const failed = someWork({ revision: 'r1', phase: 'failed', attempt: 1 });

  test('work, and what is installed stays', () => {
    const after = apply(on({ installed, work: failed }), { kind: 'drop', of: 'work', ...place, reason: 'installed' });
    expect(stateOf(after)).toEqual({ installed });
  });

  test('an exporter whole, and the node’s others stay', () => {
    const before = aRecord({
      nodes: { [NODE]: aNode({ exporters: { jmx: { installed }, node: { installed, work: failed } } }) },
    });
    const after = apply(before, { kind: 'drop', of: 'exporter', ...place, reason: 'nothing of ours is there' });
    expect(after.nodes[NODE]?.exporters).toEqual({ jmx: { installed } });
  });
});

test('a node that is forgotten takes its exporters along', () => {
  const before = aRecord({ nodes: { [NODE]: aNode({ exporters: { node: { installed } } }), [OTHER]: aNode() } });
  expect(Object.keys(apply(before, { kind: 'forget', node: NODE, reason: 'gone' }).nodes)).toEqual([OTHER]);
});

test('work that is dropped leaves what counts on: runs that failed, and orders that were put off', () => {
  const under = on({ installed, work: someWork({ phase: 'installing', attempt: 5 }) });
  const left = someWork({ phase: 'failed', attempt: 5 });
  const after = apply(under, { kind: 'drop', of: 'work', left, ...place, reason: 'order was never sent' });
  expect(stateOf(after)).toEqual({ installed, work: left });
});

describe('what a policy refuses', () => {
  const forget: Action = { kind: 'forget', node: NODE, reason: 'node is gone' };
  const end: Action = { kind: 'end', reason: 'cluster TERMINATED' };
  const check: Action = { kind: 'check', action: 'install', ...place, reason: 'missing' };
  const hold = (before: ClusterRecord, action: Action, ...allowed: readonly Action[]) =>
    applyDecisions(before, { allowed, refused: [{ action, policy: 'dryRun', reason: 'dryRun' }] }, wanted, NOW);
  const held = on({ installed, held: 'dryRun' });

  test.each<[string, Action, (record: ClusterRecord) => string | undefined]>([
    ['an order, with its exporter', order, (record) => stateOf(record)?.held],
    [
      'a drop, with its exporter',
      { kind: 'drop', of: 'work', ...place, reason: 'x' },
      (record) => stateOf(record)?.held,
    ],
    ['a forgetting, with its node', forget, (record) => record.nodes[NODE]?.held],
    ['an end, with the cluster', end, (record) => record.held],
  ])('is noted once: %s', (_title, action, heldIn) => {
    const once = hold(on({ installed }), action);
    expect(heldIn(once)).toBe('dryRun');
    expect(hold(once, action)).toEqual(once);
  });

  test('is noted on a bare node too, and leaves nothing there once it is decided no more', () => {
    const once = hold(aRecord(), order);
    expect(stateOf(once)).toEqual({ held: 'dryRun' });
    expect(hold(once, order)).toEqual(once);
    expect(apply(once)).toEqual(aRecord());
  });

  test('does not happen', () => {
    expect(Object.keys(hold(on({ installed }), forget).nodes)).toEqual([NODE]);
    expect(stateOf(hold(on({ installed, work: someWork() }), order))).toMatchObject({ installed, work: someWork() });
  });

  test('is noted in no other place', () => {
    const nodes = { [NODE]: aNode({ exporters: { jmx: { installed }, node: { installed } } }), [OTHER]: aNode() };
    const after = hold(aRecord({ nodes }), order);
    expect([after.held, after.nodes[NODE]?.held, after.nodes[OTHER]?.held]).toEqual([undefined, undefined, undefined]);
    expect(after.nodes[NODE]?.exporters['jmx']?.held).toBeUndefined();
  });

  test('stays noted while the question before it is open', () => {
    expect(stateOf(apply(held, check))?.held).toBe('dryRun');
  });

  test.each<[string, readonly Action[]]>([
    ['it is allowed', [{ ...order, work: someWork({ revision: 'r3' }) }]],
    ['it is decided no more', []],
    ['another question is open', [{ ...check, exporter: 'jmx' }]],
  ])('is noted no more once %s', (_title, allowed) => {
    expect(stateOf(apply(held, ...allowed))).toEqual({ installed });
  });

  test('of a node or a cluster is noted no more once it is decided no more', () => {
    const after = apply({ ...aRecord({ nodes: { [NODE]: aNode({ held: 'dryRun' }) } }), held: 'dryRun' });
    expect([after.held, after.nodes[NODE]?.held]).toEqual([undefined, undefined]);
  });
});

describe('a claim', () => {
  test('of an install carries its order id and keeps what is installed', () => {
    expect(stateOf(claim(on({ installed }), [order], ORDER))).toEqual({
      installed,
      work: someWork({ orderId: ORDER }),
    });
  });

  test('of a removal drops what is installed, so that its targets leave', () => {
    expect(stateOf(claim(on({ installed }), [removal], ORDER))).toEqual({
      work: someWork({ action: 'remove', orderId: ORDER }),
    });
  });

  test('is of the nodes of its orders, and of no other', () => {
    const before = aRecord({ nodes: { [NODE]: aNode(), [OTHER]: aNode() } });
    expect(claim(before, [order], ORDER).nodes[OTHER]).toEqual(aNode());
  });
});

describe('a node is untouched', () => {
  const planned = aRecord();
  test.each<[string, ClusterRecord, boolean]>([
    ['when nothing of the exporter changed', aRecord({ sequence: 9 }), true],
    [
      'when another exporter changed',
      aRecord({ nodes: { [NODE]: aNode({ exporters: { jmx: { installed } } }) } }),
      true,
    ],
    ['not when somebody else claimed it', working({ orderId: 'order-2' }), false],
    ['not when it was forgotten', aRecord({ nodes: {} }), false],
  ])('%s', (_title, current, expected) => {
    expect(isUntouched(NODE, 'node', planned, current)).toBe(expected);
  });
});

describe('a command id', () => {
  const nodes = {
    [NODE]: aNode({ exporters: { node: { work: someWork({ orderId: ORDER }) } } }),
    [OTHER]: aNode({ exporters: { node: { work: someWork({ orderId: ORDER }) } } }),
    'i-00000003': aNode({ exporters: { node: { work: someWork({ orderId: 'order-2' }) } } }),
  } as const;

  test.each([
    ['install', 'installing'],
    ['remove', 'removing'],
  ] as const)('is kept with the work of its order to %s, which is %s', (action, phase) => {
    const before = working({ action, orderId: ORDER });
    expect(workOf(noteSent(before, ORDER, { commandId: COMMAND, nodes: [NODE] }))).toEqual(
      someWork({ action, phase, orderId: ORDER, commandId: COMMAND }),
    );
  });

  test('is kept with the nodes that it was sent to, and with those of its order only', () => {
    const after = noteSent(aRecord({ nodes }), ORDER, { commandId: COMMAND, nodes: [NODE, 'i-00000003'] });
    expect(workOf(after)?.commandId).toBe(COMMAND);
    expect(after.nodes).toMatchObject({ [OTHER]: nodes[OTHER], 'i-00000003': nodes['i-00000003'] });
  });
});

test('a result that was faster than the command id is not undone by it', () => {
  const settled = working({ phase: 'failed', attempt: 1 });
  expect(noteSent(settled, ORDER, { commandId: COMMAND, nodes: [NODE] })).toEqual(settled);
});

test('a node that SSM refused is left alone once another command of its order runs there', () => {
  const running = working({ phase: 'installing', orderId: ORDER, commandId: COMMAND });
  expect(noteRefused(running, ORDER, [NODE])).toEqual(running);
});

test('a node that SSM refused waits a minute, then two, and the others go on', () => {
  const nodes = {
    [NODE]: aNode({ exporters: { node: { work: someWork({ orderId: ORDER, deferrals: 1 }) } } }),
    [OTHER]: aNode({ exporters: { node: { work: someWork({ orderId: ORDER }) } } }),
  };
  const after = noteRefused(aRecord({ nodes }), ORDER, [NODE]);
  expect(workOf(after)).toEqual(someWork({ phase: 'waiting', deferrals: 2, reason: 'SSM calls the instance invalid' }));
  expect(workOf(after, OTHER)).toEqual(someWork({ orderId: ORDER }));
  expect(workOf(noteRefused(aRecord({ nodes }), ORDER, [NODE], 'denied'))?.reason).toBe('denied');
});
