import { describe, expect, test } from 'vitest';
import type { Knowledge } from '../../shared/core/action.ts';
import { plan } from '../../shared/core/plan.ts';
import type { ClusterRecord, ExporterState, Installed, Work } from '../../shared/core/record.ts';
import type { Settings } from '../../shared/core/settings.ts';
import { docTable } from './doc-table.ts';
import {
  ago,
  aNode,
  aRecord,
  COMMAND,
  installed,
  MINUTE,
  NODE,
  nodeExporter,
  ORDER,
  NOTHING_KNOWN,
  SECOND,
  settings,
  someWork,
  switchedOff,
  working,
} from './sample-record.ts';

const online = { online: new Map([[NODE, true]]) };
const offline = { online: new Map([[NODE, false]]) };
const asked = { asked: new Set([COMMAND]) };
const stopped = { stopped: new Set(['node']) };
const itsTurn = { upgrades: new Map([['node', new Set([NODE])]]) };
const notFound = { absent: new Map([[ORDER, new Set([NODE])]]) };

const decisions = (record: ClusterRecord, known: Partial<Knowledge> = {}, wanted = settings) =>
  plan(record, wanted, { ...NOTHING_KNOWN, ...known }).map(({ kind, reason }) => `${kind}: ${reason}`);

const on = (state: ExporterState) => aRecord({ nodes: { [NODE]: aNode({ exporters: { node: state } }) } });
const deselected = (state: ExporterState): ClusterRecord => ({ ...on(state), selected: false });
const ordered = (milliseconds: number) => working({ phase: 'ordered', orderId: ORDER, at: ago(milliseconds) });
const inFlight = (milliseconds: number, changes: Partial<Work> = {}) =>
  working({ phase: 'installing', orderId: ORDER, commandId: COMMAND, at: ago(milliseconds), ...changes });
const failed = (attempt: number, milliseconds: number) =>
  working({ phase: 'failed', attempt, at: ago(milliseconds), reason: 'no space' });
const deferred = (deferrals: number, milliseconds: number) =>
  working({ phase: 'waiting', deferrals, at: ago(milliseconds), reason: 'no network' });
const stuck = (phase: 'conflict' | 'unsupported' | 'pendingRestart', milliseconds: number) =>
  working({ phase, at: ago(milliseconds), reason: 'port 9100 is taken' });
const removing = (changes: Partial<Work>) => deselected({ work: someWork({ action: 'remove', ...changes }) });
/** The same exporter, asked again once an hour. */
const asking: Settings = { ...settings, exporters: [{ ...nodeExporter, recheck: 1 }] };
const OLD = { version: '1.11.0', revision: 'r1' };
const oldInstalled = { ...installed, ...OLD };
const left = (work: Partial<Work>, more: Partial<Installed> = {}) =>
  on({ installed: { ...installed, ...more }, work: someWork(work) });

type Case = readonly [ClusterRecord, Partial<Knowledge>, readonly string[], Settings?];

/** One entry for each row of the table in plan.ts; each of its cases is that row in another form. */
const rows: Readonly<Record<string, readonly Case[]>> = {
  'anything cluster TERMINATED, TERMINATED_WITH_ERRORS → end': [
    [aRecord({ state: 'TERMINATED' }), online, ['end: cluster TERMINATED']],
    [aRecord({ state: 'TERMINATED_WITH_ERRORS' }), {}, ['end: cluster TERMINATED_WITH_ERRORS']],
    [aRecord({ state: 'TERMINATED', selected: false }), {}, ['end: cluster TERMINATED']],
  ],
  'anything node TERMINATED → forget': (['RUNNING', 'TERMINATING', 'STARTING'] as const).flatMap((state) =>
    [true, false].map((selected): Case => {
      const nodes = { [NODE]: aNode({ state: 'TERMINATED', exporters: { node: { installed } } }) };
      return [aRecord({ nodes, state, selected }), online, ['forget: node is gone']];
    }),
  ),
  'anything cluster TERMINATING, or not yet running → nothing': [
    [aRecord({ state: 'TERMINATING' }), online, []],
    [aRecord({ state: 'STARTING' }), online, []],
    [aRecord({ state: 'BOOTSTRAPPING' }), online, []],
    [{ ...deselected({ installed }), state: 'TERMINATING' }, online, []],
    [{ ...inFlight(20 * MINUTE), state: 'TERMINATING' }, online, []],
  ],
  'anything node not RUNNING → nothing': (['BOOTSTRAPPING', 'PROVISIONING', 'AWAITING_FULFILLMENT'] as const).flatMap(
    (state): Case[] => [
      [aRecord({ nodes: { [NODE]: aNode({ state }) } }), online, []],
      [
        aRecord({ nodes: { [NODE]: aNode({ state, exporters: { node: { installed } } }) }, selected: false }),
        online,
        [],
      ],
    ],
  ),
  '1.12.1 installed → nothing': [
    [on({ installed }), online, []],
    [on({ installed }), { ...online, ...itsTurn }, []],
    [on({ installed: { ...installed, adopted: true } }), online, []],
  ],
  '1.12.1 installed, time to ask again → check (order the same once more)': [
    [on({ installed: { ...installed, at: ago(60 * MINUTE) } }), {}, ['check: asked again what answers'], asking],
    [on({ installed: { ...installed, at: ago(60 * MINUTE) } }), online, ['order: asked again what answers'], asking],
    [on({ installed: { ...installed, at: ago(60 * MINUTE - 1) } }), online, [], asking],
    [on({ installed: { ...installed, at: ago(1e5 * MINUTE) } }), online, []],
    [on({ installed: { ...installed, again: 1800 } }), online, ['order: asked again what answers']],
    [on({ installed: { ...installed, again: 1801 } }), { ...online, ...stopped }, []],
    [on({ installed: { ...installed, again: 1801, askBy: ago(0) } }), online, ['order: asked again what answers']],
    [on({ installed: { ...installed, again: 1800 } }), { ...online, ...stopped }, ['order: asked again what answers']],
    [left({ phase: 'failed', attempt: 1, at: ago(MINUTE) }, { again: 60 }), online, ['order: failed: again']],
    [left({ phase: 'gaveUp', attempt: 6, reason: 'no' }, { again: 60 }), online, ['wait: no']],
    [left({ ...OLD, phase: 'failed', attempt: 3 }, { again: 60 }), online, ['order: asked again what answers']],
  ],
  '1.12.1 installed, left-over work of another revision → drop (the work)': [
    [left({ ...OLD, phase: 'failed' }), online, ['drop: 1.12.1 is installed']],
    [left({ revision: 'r3', phase: 'gaveUp' }), {}, ['drop: 1.12.1 is installed']],
    [left({ revision: 'r3', phase: 'waiting' }), stopped, ['drop: 1.12.1 is installed']],
    [left({ revision: 'r3', phase: 'pendingRestart' }), online, ['drop: 1.12.1 is installed']],
  ],
  '1.12.1 installed 1.11.0, its turn in the rollout → check': [
    [on({ installed: oldInstalled }), itsTurn, ['check: 1.11.0 → 1.12.1']],
    [on({ installed: oldInstalled }), { ...itsTurn, ...online }, ['order: 1.11.0 → 1.12.1']],
    [on({ installed: { ...installed, revision: 'r1' } }), itsTurn, ['check: another revision of 1.12.1']],
    [
      on({ installed: oldInstalled, work: someWork({ phase: 'failed', attempt: 1, at: ago(MINUTE), reason: 'no' }) }),
      itsTurn,
      ['check: failed: no'],
    ],
  ],
  '1.12.1 installed 1.11.0, not its turn → nothing': [
    [on({ installed: oldInstalled }), online, []],
    [on({ installed: oldInstalled }), { ...online, upgrades: new Map([['jmx', new Set([NODE])]]) }, []],
    [on({ installed: oldInstalled }), { ...online, upgrades: new Map([['node', new Set(['i-00000002'])]]) }, []],
    [on({ installed: oldInstalled }), { ...online, ...stopped }, []],
    [on({ installed: oldInstalled, work: someWork({ phase: 'gaveUp', attempt: 6 }) }), online, []],
  ],
  '1.12.1 nothing, rollout stopped → wait': [
    [aRecord(), { ...online, ...stopped }, ['wait: rollout stopped']],
    [failed(1, MINUTE), { ...online, ...stopped }, ['wait: rollout stopped']],
    [inFlight(16 * MINUTE), { ...online, ...asked, ...stopped }, ['wait: rollout stopped']],
    [aRecord(), { ...online, stopped: new Set(['jmx']) }, ['order: missing']],
  ],
  '1.12.1 nothing, or waiting without a deferral → check': [
    [aRecord(), {}, ['check: missing']],
    [aRecord({ state: 'WAITING' }), {}, ['check: missing']],
    [deferred(0, 0), {}, ['check: waiting: no network']],
    [working({ action: 'remove', phase: 'failed', attempt: 1 }), {}, ['check: missing']],
  ],
  '1.12.1 … agent not online, or artifacts missing → wait': [
    [aRecord(), offline, ['wait: SSM agent is not online']],
    [aRecord(), { ...online, missing: new Set(['node']) }, ['wait: artifacts missing']],
    [on({ installed: oldInstalled }), { ...itsTurn, ...offline }, ['wait: SSM agent is not online']],
  ],
  '1.12.1 … agent online, artifacts there → order': [
    [aRecord(), online, ['order: missing']],
    [aRecord(), { ...online, missing: new Set(['jmx']) }, ['order: missing']],
  ],
  'anything ordered 30 s ago, no command id → wait': [
    [ordered(30 * SECOND), online, ['wait: order being sent']],
    [ordered(2 * MINUTE - 1), online, ['wait: order being sent']],
    [ordered(30 * SECOND), { ...online, ...stopped }, ['wait: order being sent']],
    [removing({ orderId: ORDER, at: ago(30 * SECOND) }), online, ['wait: order being sent']],
    [{ ...ordered(30 * SECOND), selected: false }, online, ['wait: order being sent']],
  ],
  'anything ordered 3 min ago, no command id → look': [
    [ordered(3 * MINUTE), online, ['look: no command id']],
    [ordered(2 * MINUTE), online, ['look: no command id']],
    [{ ...ordered(3 * MINUTE), selected: false }, online, ['look: no command id']],
    [removing({ orderId: ORDER, at: ago(3 * MINUTE) }), online, ['look: no command id']],
  ],
  'anything … not found, or not for this node → check (then order again)': [
    [ordered(3 * MINUTE), notFound, ['check: waiting: order was never sent']],
    [ordered(3 * MINUTE), { ...online, ...notFound }, ['order: waiting: order was never sent']],
    [ordered(3 * MINUTE), { ...online, absent: new Map([[ORDER, new Set()]]) }, ['look: no command id']],
    [removing({ orderId: ORDER, at: ago(3 * MINUTE) }), notFound, ['check: waiting: order was never sent']],
  ],
  'anything in flight, rung or no result for 45 s → ask': [
    [inFlight(SECOND), { rung: new Set([COMMAND]) }, ['ask: result expected']],
    [inFlight(45 * SECOND), {}, ['ask: result expected']],
    [inFlight(20 * MINUTE), online, ['ask: result expected']],
    [inFlight(45 * SECOND, OLD), {}, ['ask: result expected']],
    [inFlight(45 * SECOND, { action: 'remove', phase: 'removing' }), {}, ['ask: result expected']],
    [{ ...inFlight(45 * SECOND), selected: false }, {}, ['ask: result expected']],
  ],
  'anything in flight, just asked or fresh → wait': [
    [inFlight(SECOND), { ...asked, rung: new Set([COMMAND]) }, ['wait: order in flight']],
    [inFlight(16 * MINUTE - 1), asked, ['wait: order in flight']],
    [inFlight(44 * SECOND), {}, ['wait: order in flight']],
    [inFlight(5 * MINUTE, { action: 'remove', phase: 'removing' }), asked, ['wait: order in flight']],
    [{ ...inFlight(5 * MINUTE), selected: false }, { ...asked, ...online }, ['wait: order in flight']],
  ],
  'anything in flight, asked, lease of 16 min over → check (order again, no attempt spent)': [
    [inFlight(16 * MINUTE), asked, ['check: waiting: no result before its lease was over']],
    [inFlight(16 * MINUTE), { ...asked, ...online }, ['order: waiting: no result before its lease was over']],
    [ordered(16 * MINUTE), {}, ['check: waiting: no result before its lease was over']],
    [inFlight(16 * MINUTE, OLD), { ...asked, ...online }, ['order: 1.11.0 → 1.12.1']],
    [
      removing({ phase: 'removing', commandId: COMMAND, at: ago(16 * MINUTE) }),
      asked,
      ['check: waiting: no result before its lease was over'],
    ],
    [{ ...inFlight(16 * MINUTE), selected: false }, { ...asked, ...online }, ['order: wanted no more']],
  ],
  '1.12.1 … or absent, installed 1.11.0, not its turn → drop (the work)': [
    [
      on({
        installed: oldInstalled,
        work: someWork({ phase: 'installing', orderId: ORDER, commandId: COMMAND, at: ago(16 * MINUTE) }),
      }),
      { ...asked, ...online },
      ['drop: no result before its lease was over'],
    ],
    [
      on({ installed: oldInstalled, work: someWork({ phase: 'ordered', orderId: ORDER, at: ago(3 * MINUTE) }) }),
      { ...online, absent: new Map([[ORDER, new Set([NODE])]]) },
      ['drop: order was never sent'],
    ],
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
    [on({ installed, work: someWork({ phase: 'pendingRestart', at: ago(0), reason: 'x' }) }), online, ['wait: x']],
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
    [working({ ...OLD, phase: 'waiting', deferrals: 9, at: ago(0) }), {}, ['check: 1.11.0 → 1.12.1']],
    [working({ ...OLD, phase: 'gaveUp', attempt: 6 }), online, ['order: 1.11.0 → 1.12.1']],
    [working({ ...OLD, phase: 'conflict' }), online, ['order: 1.11.0 → 1.12.1']],
    [working({ revision: 'r1', phase: 'conflict' }), online, ['order: another revision of 1.12.1']],
  ],
  'nothing installed by us, or perhaps → check (then order the removal)': [
    [deselected({ installed }), {}, ['check: wanted no more']],
    [deselected({ installed }), online, ['order: wanted no more']],
    [on({ installed }), online, ['order: wanted no more'], switchedOff],
    [on({ installed: oldInstalled }), { ...online, ...stopped }, ['order: wanted no more'], switchedOff],
    [deselected({ installed }), { ...online, missing: new Set(['node']) }, ['order: wanted no more']],
    [deselected({ installed }), offline, ['wait: SSM agent is not online']],
    [{ ...failed(1, 0), selected: false }, online, ['order: wanted no more']],
    [{ ...failed(6, 0), selected: false }, {}, ['check: wanted no more']],
    [{ ...deferred(1, 0), selected: false }, online, ['order: wanted no more']],
    [{ ...stuck('pendingRestart', 0), selected: false }, online, ['order: wanted no more']],
  ],
  'nothing removal failed, deferred, gave up → as for an install': [
    [removing({ phase: 'failed', attempt: 3, at: ago(4 * MINUTE), reason: 'busy' }), {}, ['check: failed: busy']],
    [removing({ phase: 'failed', attempt: 3, at: ago(4 * MINUTE - 1), reason: 'busy' }), online, ['wait: busy']],
    [removing({ phase: 'waiting', deferrals: 2, at: ago(2 * MINUTE), reason: 'no' }), online, ['order: waiting: no']],
    [removing({ phase: 'waiting', deferrals: 2, at: ago(2 * MINUTE - 1), reason: 'no' }), online, ['wait: no']],
    [removing({ phase: 'gaveUp', attempt: 6, at: ago(10_000 * MINUTE), reason: 'no' }), online, ['wait: no']],
  ],
  'nothing adopted, or never ordered → drop': [
    [deselected({ installed: { ...installed, adopted: true } }), online, ['drop: nothing of ours is there']],
    [deselected({ work: someWork({ phase: 'waiting' }) }), online, ['drop: nothing of ours is there']],
    [{ ...stuck('conflict', 0), selected: false }, {}, ['drop: nothing of ours is there']],
    [{ ...stuck('unsupported', 0), selected: false }, {}, ['drop: nothing of ours is there']],
    [working({ phase: 'waiting' }), {}, ['drop: nothing of ours is there'], switchedOff],
  ],
};

test('every row of the table in plan.ts is tested, and no other', () => {
  expect(Object.keys(rows)).toEqual(docTable('shared/core/plan.ts'));
});

describe.each(Object.entries(rows))('%s', (_row, cases) => {
  const complete = cases.map(
    ([record, known, expected, wanted = settings]) => [record, known, expected, wanted] as const,
  );
  test.each(complete)('case %#', (record, known, expected, wanted) => {
    expect(decisions(record, known, wanted)).toEqual(expected);
  });
});
