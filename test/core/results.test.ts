import { describe, expect, test } from 'vitest';
import type { Invocation } from '../../shared/core/model.ts';
import type { ClusterRecord, ExporterState } from '../../shared/core/record.ts';
import { applyResults } from '../../shared/core/results.ts';
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
  someWork,
  working,
} from './sample-record.ts';

const line = (fields: object): string => `PROMETHEUS_ON_EMR ${JSON.stringify({ exporter: 'node', ...fields })}\n`;

const result = (changes: Partial<Invocation>): Invocation => ({
  node: NODE,
  commandId: COMMAND,
  orderId: ORDER,
  status: 'Success',
  output: '',
  ...changes,
});

const inFlight = { phase: 'ordered', orderId: ORDER, attempt: 2, deferrals: 1, at: ago(MINUTE) } as const;
const stateOf = (record: ClusterRecord): ExporterState | undefined => record.nodes[NODE]?.exporters['node'];
const after = (changes: Partial<Invocation>, record = working(inFlight)) =>
  stateOf(applyResults(record, [result(changes)], NOW));

const oldUnderWay = aRecord({
  nodes: {
    [NODE]: aNode({ exporters: { node: { installed: { ...installed, revision: 'r1' }, work: someWork(inFlight) } } }),
  },
});

/** Finished work of `inFlight`: no longer tied to its order. */
const finished = {
  action: 'install',
  version: '1.12.1',
  revision: 'r2',
  attempt: 2,
  deferrals: 1,
  at: NOW.toISOString(),
};
const endpoints = [{ port: 9100, labels: {} }];
const INSTALLED = line({ outcome: 'installed', version: '1.12.1', changed: true, endpoints });

type Case = readonly [Partial<Invocation>, ExporterState | Record<string, unknown> | undefined, ClusterRecord?];
const failure = { ...finished, phase: 'failed', attempt: 3, deferrals: 0 };
const aFailure = { work: expect.objectContaining({ phase: 'failed', attempt: 3 }) as never };
const removing = working({ ...inFlight, action: 'remove' });
const delay = { ...finished, phase: 'waiting', deferrals: 2 };

const rows: Readonly<Record<string, readonly Case[]>> = {
  'Pending, InProgress, Delayed … – → installing (removing), command id kept': (
    ['Pending', 'InProgress', 'Delayed', 'Cancelling'] as const
  ).flatMap((status): Case[] => {
    const begun = someWork({ ...inFlight, commandId: COMMAND });
    return [
      [{ status }, { work: { ...begun, phase: 'installing' } }],
      [{ status }, { work: { ...begun, action: 'remove', phase: 'removing' } }, removing],
    ];
  }),
  'DeliveryTimedOut, Undeliverable … – → waiting, one more deferral': (
    ['DeliveryTimedOut', 'Undeliverable', 'Terminated', 'Cancelled', 'AccessDenied'] as const
  ).map((status) => [{ status }, { work: { ...delay, reason: status } }]),
  'InvalidPlatform – → unsupported': [
    [{ status: 'InvalidPlatform' }, { work: { ...finished, phase: 'unsupported', reason: 'not Linux' } }],
  ],
  'any other exit 75 → waiting, one more deferral': [
    [
      { status: 'Failed', exitCode: 75, output: line({ outcome: 'failed', reason: 'HTTP 403' }) },
      { work: { ...delay, reason: 'HTTP 403' } },
    ],
    [{ status: 'Failed', exitCode: 75 }, { work: { ...delay, reason: 'Failed, exit code 75' } }],
  ],
  'Success installed → none; installed with its endpoints': [
    [
      { exitCode: 0, output: line({ outcome: 'installed', endpoints, reason: 'zkfc is left out' }) },
      { installed: expect.objectContaining({ reason: 'zkfc is left out' }) as never },
    ],
    [
      { exitCode: 0, output: INSTALLED },
      { installed: { version: '1.12.1', revision: 'r2', endpoints, at: NOW.toISOString(), adopted: undefined } },
    ],
    [
      { exitCode: 0, output: line({ outcome: 'installed', adopted: true, endpoints }) },
      { installed: { version: '1.12.1', revision: 'r2', endpoints, at: NOW.toISOString(), adopted: true } },
    ],
  ],
  'Success removed → none; nothing installed': [
    [{ exitCode: 0, output: line({ outcome: 'removed' }) }, undefined, removing],
  ],
  'Success conflict, unsupported … → that phase, with the reason': (['conflict', 'unsupported'] as const).map(
    (outcome) => [
      { exitCode: 0, output: line({ outcome, reason: 'port 9100 is taken' }) },
      { work: { ...finished, phase: outcome, reason: 'port 9100 is taken' } },
    ],
  ),
  'Success pendingRestart → that phase; installed, as far as it answers': [
    [
      { exitCode: 0, output: line({ outcome: 'pendingRestart', reason: 'datanode', endpoints }) },
      {
        installed: { version: '1.12.1', revision: 'r2', endpoints, at: NOW.toISOString(), reason: 'datanode' },
        work: { ...finished, phase: 'pendingRestart', reason: 'datanode' },
      },
    ],
    [
      { exitCode: 0, output: line({ outcome: 'pendingRestart', reason: 'all' }) },
      {
        installed: expect.objectContaining({ endpoints: [], revision: 'r2', from: 'r1' }) as never,
        work: expect.objectContaining({ phase: 'pendingRestart' }) as never,
      },
      oldUnderWay,
    ],
    [
      { exitCode: 0, output: line({ outcome: 'pendingRestart', reason: 'all' }) },
      { work: expect.objectContaining({ action: 'remove', phase: 'pendingRestart' }) as never },
      removing,
    ],
  ],
  "Success the other action's → failed": [
    [{ exitCode: 0, output: line({ outcome: 'removed' }) }, aFailure],
    [{ exitCode: 0, output: INSTALLED }, aFailure, removing],
  ],
  'Success none that can be read → failed': [
    [{ exitCode: 0 }, { work: { ...failure, reason: 'Success, exit code 0' } }],
    [{ exitCode: 0, output: INSTALLED.slice(0, 60) }, { work: { ...failure, reason: INSTALLED.slice(0, 60) } }],
    [{ exitCode: 0, output: line({ outcome: 'installed', endpoints: [{ port: 0, labels: {} }] }) }, aFailure],
  ],
  'Failed, ExecutionTimedOut – → failed; gaveUp at the sixth': [
    [
      { status: 'Failed', exitCode: 1, output: line({ outcome: 'failed', reason: 'no space left' }) },
      { work: { ...failure, reason: 'no space left' } },
    ],
    [
      { status: 'Failed', exitCode: 1, output: INSTALLED },
      { work: expect.objectContaining({ phase: 'failed' }) as never },
    ],
    [
      { status: 'ExecutionTimedOut', exitCode: -1 },
      { work: { ...failure, reason: 'ExecutionTimedOut, exit code -1' } },
    ],
  ],
};

test('every row of the table in results.ts is tested, and no other', () => {
  expect(Object.keys(rows)).toEqual(docTable('shared/core/results.ts'));
});

describe.each(Object.entries(rows))('%s', (_row, cases) => {
  const complete = cases.map(
    ([invocation, expected, record = working(inFlight)]) => [invocation, expected, record] as const,
  );
  test.each(complete)('case %#', (invocation, expected, record) => {
    expect(after(invocation, record)).toEqual(expected);
  });
});

test('of a node that removed the exporter nothing is left, and its others stay', () => {
  const { work } = stateOf(removing) ?? {};
  const before = aRecord({ nodes: { [NODE]: aNode({ exporters: { jmx: { installed }, node: { work } } }) } });
  const done = applyResults(before, [result({ output: line({ outcome: 'removed' }) })], NOW);
  expect(done.nodes[NODE]?.exporters).toEqual({ jmx: { installed } });
});

test.each<[string, Partial<Invocation>, object]>([
  ['fails as an install does', { status: 'Failed', exitCode: 1 }, { phase: 'failed', attempt: 3, deferrals: 0 }],
  ['is put off as an install is', { status: 'Failed', exitCode: 75 }, { phase: 'waiting', attempt: 2, deferrals: 2 }],
  ['is undelivered as an install is', { status: 'Undeliverable' }, { phase: 'waiting', attempt: 2, deferrals: 2 }],
])('a removal %s', (_title, changes, expected) => {
  expect(after(changes, removing)?.work).toMatchObject({ action: 'remove', ...expected });
});

test('the other exporter’s report does not count', () => {
  const output = INSTALLED.replace('"node"', '"jmx"');
  expect(after({ output })?.work?.phase).toBe('failed');
});

describe('what an install says it came from', () => {
  const upgrade = (from: ExporterState['installed']) => {
    const nodes = { [NODE]: aNode({ exporters: { node: { installed: from, work: someWork(inFlight) } } }) };
    return after({ output: INSTALLED }, aRecord({ nodes }))?.installed;
  };
  const older = { ...installed, version: '1.11.0', revision: 'r1' };
  test.each<[string, ExporterState['installed'], string | undefined]>([
    ['is nothing on a bare node', undefined, undefined],
    ['is the revision that it replaced', older, 'r1'],
    ['is the last one it replaced, not the first', { ...older, from: 'r0' }, 'r1'],
    ['stays when the same revision is installed again', { ...installed, from: 'r1' }, 'r1'],
    ['stays nothing when the same revision is installed again', installed, undefined],
  ])('%s', (_title, before, from) => {
    expect(upgrade(before)).toEqual({ ...installed, at: NOW.toISOString(), from });
  });
});

test.each([
  [0, 'failed'],
  [4, 'failed'],
  [5, 'gaveUp'],
])('after %i failures one more is %s', (attempt, phase) => {
  const { work } = after({ status: 'Failed', exitCode: 1 }, working({ ...inFlight, attempt })) ?? {};
  expect(work).toMatchObject({ phase, attempt: attempt + 1 });
});

test.each<[string, number | undefined, object, number | undefined]>([
  ['says when it wants to be asked again', 120, {}, 120],
  ['says so again: twice as long after', 120, { again: 120 }, 240],
  ['says so over and over: an hour after at most', 120, { again: 3000 }, 3600],
  ['wants longer than that itself', 7200, { again: 3600 }, 7200],
  ['has no such wish any more', undefined, { again: 240 }, undefined],
])('a node that %s', (_what, again, before, expected) => {
  const state = { installed: { ...installed, ...before }, work: someWork(inFlight) };
  const nodes = { [NODE]: aNode({ exporters: { node: state } }) };
  const output = line({ outcome: 'installed', endpoints, again });
  expect(after({ output }, aRecord({ nodes }))?.installed?.again).toBe(expected);
});

test('a failed upgrade keeps the endpoints of what is installed', () => {
  const nodes = { [NODE]: aNode({ exporters: { node: { installed, work: someWork(inFlight) } } }) };
  expect(after({ status: 'Failed', exitCode: 1 }, aRecord({ nodes }))).toMatchObject({
    installed,
    work: { phase: 'failed' },
  });
});

test('a result says at most 300 characters of its report, the first ones', () => {
  const output = line({ outcome: 'failed', reason: `no space ${'x'.repeat(500)}` });
  const reason = after({ status: 'Failed', exitCode: 1, output })?.work?.reason;
  expect(reason).toHaveLength(300);
  expect(reason?.startsWith('no space')).toBe(true);
});

test('a result says at most 300 characters of its output, the last ones', () => {
  const reason = after({ status: 'Failed', exitCode: 1, output: `${'x'.repeat(5000)} end` })?.work?.reason;
  expect(reason).toHaveLength(300);
  expect(reason?.endsWith(' end')).toBe(true);
});

describe('a result changes nothing', () => {
  const untouched = working(inFlight);
  test.each<[string, Partial<Invocation>]>([
    ['of an order that is no longer believed in', { orderId: 'order-0', output: INSTALLED }],
    ['of a command that is not ours', { orderId: undefined, output: INSTALLED }],
    ['of a node that was forgotten', { node: 'i-00000000', output: INSTALLED }],
  ])('%s', (_title, changes) => {
    expect(applyResults(untouched, [result(changes)], NOW)).toEqual(untouched);
  });

  test('of a command that is not ours, where no order was given either', () => {
    const waiting = working({ phase: 'waiting' });
    expect(applyResults(waiting, [result({ orderId: undefined, output: INSTALLED })], NOW)).toEqual(waiting);
  });

  test('that comes a second time', () => {
    const once = applyResults(untouched, [result({ output: INSTALLED })], NOW);
    expect(applyResults(once, [result({ output: INSTALLED })], new Date())).toEqual(once);
  });
});
