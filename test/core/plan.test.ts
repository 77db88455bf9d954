import { describe, expect, test } from 'vitest';
import { plan, type Knowledge } from '../../shared/core/plan.ts';
import type { ClusterRecord } from '../../shared/core/record.ts';
import { docTable } from './doc-table.ts';
import {
  ago,
  aNode,
  aRecord,
  COMMAND,
  installed,
  MINUTE,
  NODE,
  NOW,
  ORDER,
  SECOND,
  settings,
  working,
} from './sample-record.ts';

const nothing: Knowledge = {
  now: NOW,
  rung: new Set(),
  asked: new Set(),
  absent: new Set(),
  online: new Map(),
  missing: new Set(),
};
const online = { online: new Map([[NODE, true]]) };
const asked = { asked: new Set([COMMAND]) };

const decisions = (record: ClusterRecord, known: Partial<Knowledge> = {}, wanted = settings) =>
  plan(record, wanted, { ...nothing, ...known }).map(({ kind, reason }) => `${kind}: ${reason}`);

const ordered = (milliseconds: number) => working({ phase: 'ordered', orderId: ORDER, at: ago(milliseconds) });
const installing = (milliseconds: number) =>
  working({ phase: 'installing', orderId: ORDER, commandId: COMMAND, at: ago(milliseconds) });
const failed = (attempt: number, milliseconds: number) =>
  working({ phase: 'failed', attempt, at: ago(milliseconds), reason: 'no space' });
const deferred = (deferrals: number, milliseconds: number) =>
  working({ phase: 'waiting', deferrals, at: ago(milliseconds), reason: 'no network' });
const stuck = (phase: 'conflict' | 'unsupported' | 'pendingRestart', milliseconds: number) =>
  working({ phase, at: ago(milliseconds), reason: 'port 9100 is taken' });
const OLD = { version: '1.11.0', revision: 'r1' };

type Case = readonly [ClusterRecord, Partial<Knowledge>, readonly string[]];

/** One entry for each row of the table in plan.ts; each of its cases is that row in another form. */
const rows: Readonly<Record<string, readonly Case[]>> = {
  'anything cluster TERMINATED, TERMINATED_WITH_ERRORS → end': [
    [aRecord({ state: 'TERMINATED' }), online, ['end: cluster TERMINATED']],
    [aRecord({ state: 'TERMINATED_WITH_ERRORS' }), {}, ['end: cluster TERMINATED_WITH_ERRORS']],
    [aRecord({ state: 'TERMINATED', selected: false }), {}, ['end: cluster TERMINATED']],
  ],
  'anything node TERMINATED → forget': [
    [aRecord({ nodes: { [NODE]: aNode({ state: 'TERMINATED' }) } }), online, ['forget: node is gone']],
    [
      aRecord({ nodes: { [NODE]: aNode({ state: 'TERMINATED' }) }, state: 'TERMINATING' }),
      {},
      ['forget: node is gone'],
    ],
    [aRecord({ nodes: { [NODE]: aNode({ state: 'TERMINATED' }) }, selected: false }), {}, ['forget: node is gone']],
  ],
  'anything cluster TERMINATING, or not yet running → nothing': [
    [aRecord({ state: 'TERMINATING' }), online, []],
    [aRecord({ state: 'STARTING' }), online, []],
    [aRecord({ state: 'BOOTSTRAPPING' }), online, []],
  ],
  'nothing anything → nothing': [
    [aRecord({ selected: false }), online, []],
    [aRecord({ nodes: { [NODE]: aNode({ exporters: { other: { installed } } }) }, selected: false }), online, []],
  ],
  '1.12.1 node not RUNNING → nothing': [
    [aRecord({ nodes: { [NODE]: aNode({ state: 'BOOTSTRAPPING' }) } }), online, []],
    [aRecord({ nodes: { [NODE]: aNode({ state: 'AWAITING_FULFILLMENT' }) } }), online, []],
  ],
  '1.12.1 installed → nothing': [
    [aRecord({ nodes: { [NODE]: aNode({ exporters: { node: { installed } } }) } }), online, []],
  ],
  '1.12.1 nothing, or waiting without a deferral → check': [
    [aRecord(), {}, ['check: missing']],
    [aRecord({ state: 'WAITING' }), {}, ['check: missing']],
    [deferred(0, 0), {}, ['check: waiting: no network']],
  ],
  '1.12.1 … agent not online, or artifacts missing → wait': [
    [aRecord(), { online: new Map([[NODE, false]]) }, ['wait: SSM agent is not online']],
    [aRecord(), { ...online, missing: new Set(['node']) }, ['wait: artifacts missing']],
  ],
  '1.12.1 … agent online, artifacts there → order': [[aRecord(), online, ['order: missing']]],
  '1.12.1 ordered 30 s ago, no command id → wait': [
    [ordered(30 * SECOND), online, ['wait: order being sent']],
    [ordered(2 * MINUTE - 1), online, ['wait: order being sent']],
  ],
  '1.12.1 ordered 3 min ago, no command id → look': [[ordered(3 * MINUTE), online, ['look: no command id']]],
  '1.12.1 … not found → check (then order again)': [
    [ordered(3 * MINUTE), { absent: new Set([ORDER]) }, ['check: order was never sent']],
    [ordered(3 * MINUTE), { ...online, absent: new Set([ORDER]) }, ['order: order was never sent']],
  ],
  '1.12.1 installing, rung or no result for 45 s → ask': [
    [installing(SECOND), { rung: new Set([COMMAND]) }, ['ask: result expected']],
    [installing(45 * SECOND), {}, ['ask: result expected']],
    [installing(20 * MINUTE), online, ['ask: result expected']],
  ],
  '1.12.1 installing, just asked or fresh → wait': [
    [installing(SECOND), { ...asked, rung: new Set([COMMAND]) }, ['wait: order in flight']],
    [installing(5 * MINUTE), asked, ['wait: order in flight']],
    [installing(44 * SECOND), {}, ['wait: order in flight']],
  ],
  '1.12.1 installing, asked, lease of 16 min over → check (order again, no attempt spent)': [
    [installing(16 * MINUTE), asked, ['check: no result before its lease was over']],
    [installing(16 * MINUTE), { ...asked, ...online }, ['order: no result before its lease was over']],
  ],
  '1.12.1 ordered, no command id, lease over → check (order again, no attempt spent)': [
    [ordered(16 * MINUTE), {}, ['check: no result before its lease was over']],
  ],
  '1.12.1 failed n times, 2^(n-1) min ago → check (order again)': [
    [failed(1, MINUTE), {}, ['check: failed: no space']],
    [failed(3, 4 * MINUTE), online, ['order: failed: no space']],
    [failed(5, 16 * MINUTE), online, ['order: failed: no space']],
  ],
  '1.12.1 failed, not due → wait': [
    [failed(1, MINUTE - 1), online, ['wait: no space']],
    [failed(3, 4 * MINUTE - 1), online, ['wait: no space']],
    [failed(5, 16 * MINUTE - 1), online, ['wait: no space']],
  ],
  '1.12.1 deferred n times, 2^(n-1) min ago (60 at most)→ check (order again)': [
    [deferred(1, MINUTE), {}, ['check: waiting: no network']],
    [deferred(6, 32 * MINUTE), online, ['order: waiting: no network']],
    [deferred(400, 60 * MINUTE), online, ['order: waiting: no network']],
  ],
  '1.12.1 deferred, not due → wait': [
    [deferred(1, MINUTE - 1), online, ['wait: no network']],
    [deferred(7, 60 * MINUTE - 1), online, ['wait: no network']],
  ],
  '1.12.1 conflict, unsupported, pendingRestart: 1 h → check (order again)': [
    [stuck('conflict', 60 * MINUTE), {}, ['check: conflict: port 9100 is taken']],
    [stuck('unsupported', 60 * MINUTE), online, ['order: unsupported: port 9100 is taken']],
    [stuck('pendingRestart', 60 * MINUTE), online, ['order: pendingRestart: port 9100 is taken']],
  ],
  '1.12.1 conflict …, younger → wait': [
    [stuck('conflict', 60 * MINUTE - 1), online, ['wait: port 9100 is taken']],
    [stuck('unsupported', 0), online, ['wait: port 9100 is taken']],
    [stuck('pendingRestart', 0), online, ['wait: port 9100 is taken']],
  ],
  '1.12.1 gave up → wait': [
    [
      working({ phase: 'gaveUp', attempt: 6, at: ago(10_000 * MINUTE), reason: 'no space' }),
      online,
      ['wait: no space'],
    ],
  ],
  'another revision failed, gave up, conflict … → check (order, counting anew)': [
    [working({ ...OLD, phase: 'failed', attempt: 5 }), {}, ['check: 1.11.0 → 1.12.1']],
    [working({ ...OLD, phase: 'gaveUp', attempt: 6 }), online, ['order: 1.11.0 → 1.12.1']],
    [working({ ...OLD, phase: 'conflict' }), online, ['order: 1.11.0 → 1.12.1']],
    [working({ revision: 'r1', phase: 'conflict' }), online, ['order: another revision of 1.12.1']],
  ],
};

test('every row of the table in plan.ts is tested, and no other', () => {
  expect(Object.keys(rows)).toEqual(docTable('shared/core/plan.ts'));
});

describe.each(Object.entries(rows))('%s', (_row, cases) => {
  test.each(cases)('case %#', (record, known, expected) => {
    expect(decisions(record, known)).toEqual(expected);
  });
});

const orderedWork = (record: ClusterRecord, known: Partial<Knowledge> = online) => {
  const [action] = plan(record, settings, { ...nothing, ...known });
  return action?.kind === 'order' ? action.work : undefined;
};

test('an order carries what is wanted, and how often it failed and was put off before', () => {
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

test('an order of another revision counts failures and delays anew', () => {
  const counted = { phase: 'gaveUp', attempt: 6, deferrals: 4 } as const;
  expect(orderedWork(working({ ...OLD, ...counted }))).toMatchObject({ revision: 'r2', attempt: 0, deferrals: 0 });
});

test('an order whose lease ran out spent no attempt', () => {
  const lost = working({ phase: 'installing', orderId: ORDER, commandId: COMMAND, attempt: 2, at: ago(16 * MINUTE) });
  expect(orderedWork(lost, { ...asked, ...online })).toMatchObject({ attempt: 2, deferrals: 0 });
});

test('a node whose role the exporter does not serve gets nothing', () => {
  const wanted = {
    ...settings,
    exporters: settings.exporters.map((exporter) => ({ ...exporter, roles: ['MASTER'] as const })),
  };
  expect(decisions(aRecord(), online, wanted)).toEqual([]);
});

test('work on one exporter does not hold another exporter of the same node up', () => {
  const second = {
    ...settings,
    exporters: settings.exporters.flatMap((exporter) => [exporter, { ...exporter, name: 'jmx' }]),
  };
  expect(decisions(ordered(SECOND), online, second)).toEqual(['order: missing', 'wait: order being sent']);
});
