import { describe, expect, test } from 'vitest';
import type { Knowledge } from '../../shared/core/action.ts';
import { plan } from '../../shared/core/plan.ts';
import type { ClusterRecord, ExporterState, Work } from '../../shared/core/record.ts';
import type { Settings } from '../../shared/core/settings.ts';
import {
  ago,
  aNode,
  aRecord,
  COMMAND,
  installed,
  MINUTE,
  NODE,
  nodeExporter,
  NOTHING_KNOWN,
  NOW,
  ORDER,
  SECOND,
  settings,
  someWork,
  working,
} from './sample-record.ts';

/** What the rows of plan.ts's table do not say: what an order carries, and who is left out. */

const answered: Partial<Knowledge> = { online: new Map([[NODE, true]]), asked: new Set([COMMAND]) };
const on = (state: ExporterState, changes: Partial<ClusterRecord> = {}) =>
  aRecord({ nodes: { [NODE]: aNode({ exporters: { node: state } }) }, ...changes });

const actions = (record: ClusterRecord, known: Partial<Knowledge> = {}, wanted = settings) =>
  plan(record, wanted, { ...NOTHING_KNOWN, ...answered, ...known });
const orderedWork = (record: ClusterRecord, known: Partial<Knowledge> = {}) => {
  const [action] = actions(record, known);
  return action?.kind === 'order' ? action.work : undefined;
};

describe('an order', () => {
  test('carries what is wanted, and how often it failed and was put off before', () => {
    expect(orderedWork(working({ phase: 'failed', attempt: 3, deferrals: 2, at: ago(4 * MINUTE) }))).toEqual({
      action: 'install',
      phase: 'ordered',
      version: '1.12.1',
      revision: 'r2',
      attempt: 3,
      deferrals: 2,
      at: NOW.toISOString(),
    });
  });

  test.each<[string, Partial<Work>]>([
    ['that was given up', { phase: 'gaveUp', attempt: 6, deferrals: 4 }],
    ['whose order was lost', { phase: 'installing', commandId: COMMAND, attempt: 3, at: ago(16 * MINUTE) }],
  ])('of another revision than the one %s counts failures and delays anew', (_title, changes) => {
    const before = working({ version: '1.11.0', revision: 'r1', ...changes });
    expect(orderedWork(before)).toMatchObject({ revision: 'r2', attempt: 0, deferrals: 0 });
  });

  test('whose lease ran out spent no attempt, and was put off once more', () => {
    const lost = working({ phase: 'installing', orderId: ORDER, commandId: COMMAND, attempt: 2, at: ago(16 * MINUTE) });
    expect(orderedWork(lost)).toMatchObject({ attempt: 2, deferrals: 1 });
    expect(orderedWork(lost)).not.toHaveProperty('commandId');
  });

  test('that was never sent spent no attempt, and was not put off', () => {
    const unsent = working({ phase: 'ordered', orderId: ORDER, attempt: 2, at: ago(3 * MINUTE) });
    const absent = { absent: new Map([[ORDER, new Set([NODE])]]) };
    expect(orderedWork(unsent, absent)).toMatchObject({ attempt: 2, deferrals: 0 });
  });

  test('that lost its lease over and over waits ever longer for the next one', () => {
    const lost = (deferrals: number) =>
      actions(working({ phase: 'installing', commandId: COMMAND, deferrals, at: ago(16 * MINUTE) }))[0]?.kind;
    expect([lost(0), lost(4), lost(5)]).toEqual(['order', 'order', 'wait']);
  });

  test('to remove counts its own failures, not those of the install before it', () => {
    const before = on({ work: someWork({ phase: 'gaveUp', attempt: 6, deferrals: 3 }) }, { selected: false });
    expect(orderedWork(before)).toMatchObject({ action: 'remove', attempt: 0, deferrals: 0 });
  });

  test('to remove again says how often the removal failed', () => {
    const work = someWork({ action: 'remove', phase: 'failed', attempt: 3, at: ago(4 * MINUTE) });
    expect(orderedWork(on({ work }, { selected: false }))).toMatchObject({ action: 'remove', attempt: 3 });
  });
});

test('a node whose role the exporter does not serve gets nothing', () => {
  const wanted: Settings = { ...settings, exporters: [{ ...nodeExporter, roles: ['MASTER'] }] };
  expect(actions(aRecord(), {}, wanted)).toEqual([]);
});

test('a node whose role the exporter serves no more loses it', () => {
  const wanted: Settings = { ...settings, exporters: [{ ...nodeExporter, roles: ['MASTER'] }] };
  expect(actions(on({ installed }), {}, wanted)).toMatchObject([{ kind: 'order', work: { action: 'remove' } }]);
});

test('work on one exporter does not hold another exporter of the same node up', () => {
  const two: Settings = { ...settings, exporters: [nodeExporter, { ...nodeExporter, name: 'jmx' }] };
  const record = working({ phase: 'ordered', orderId: ORDER, at: ago(SECOND) });
  expect(actions(record, {}, two)).toMatchObject([
    { kind: 'order', exporter: 'jmx' },
    { kind: 'wait', exporter: 'node' },
  ]);
});

test('an order that was sent to one node only is given again to the other', () => {
  const work = someWork({ orderId: ORDER, at: ago(3 * MINUTE) });
  const other = 'i-00000002';
  const nodes = {
    [NODE]: aNode({ exporters: { node: { work } } }),
    [other]: aNode({ exporters: { node: { work } } }),
  };
  const known: Partial<Knowledge> = {
    absent: new Map([[ORDER, new Set([other])]]),
    online: new Map([
      [NODE, true],
      [other, true],
    ]),
  };
  expect(actions(aRecord({ nodes }), known).map(({ kind, ...rest }) => [kind, 'node' in rest && rest.node])).toEqual([
    ['order', other],
    ['look', NODE],
  ]);
});

test('an exporter that the catalogue no longer knows is left alone', () => {
  expect(
    actions(aRecord({ nodes: { [NODE]: aNode({ exporters: { other: { installed } } }) }, selected: false })),
  ).toEqual([]);
});

test.each<[string, Partial<Work>, object]>([
  ['runs that failed', { attempt: 5 }, { attempt: 5, phase: 'failed', deferrals: 0 }],
  ['orders that were put off', { deferrals: 3 }, { attempt: 0, phase: 'waiting', deferrals: 3 }],
])('an upgrade whose order was lost when it is not its turn keeps count of %s', (_title, changes, left) => {
  const old = { ...installed, version: '1.11.0', revision: 'r1' };
  const lost = on({ installed: old, work: someWork({ orderId: ORDER, at: ago(3 * MINUTE), ...changes }) });
  const [action] = actions(lost, { absent: new Map([[ORDER, new Set([NODE])]]) });
  expect(action).toMatchObject({ kind: 'drop', of: 'work', left });
  expect(action).not.toHaveProperty('left.orderId');
});

test.each<[string, Partial<Work>, Partial<Knowledge>, object]>([
  ['never sent', { at: ago(3 * MINUTE) }, { absent: new Map([[ORDER, new Set([NODE])]]) }, { deferrals: 2 }],
  ['overdue', { at: ago(16 * MINUTE) }, {}, { deferrals: 3 }],
])('an order that was %s and cannot be given again now is under way no more', (_title, changes, known, left) => {
  const lost = working({ orderId: ORDER, deferrals: 2, ...changes });
  const [action] = actions(lost, { ...known, online: new Map([[NODE, false]]) });
  expect(action).toMatchObject({ kind: 'wait', left: { phase: 'waiting', ...left } });
  expect(action).not.toHaveProperty('left.orderId');
});
