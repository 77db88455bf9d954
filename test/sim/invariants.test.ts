import { expect, test } from 'vitest';
import { UnavailableError } from '../../shared/core/errors.ts';
import type { InstanceId, OrderId } from '../../shared/core/model.ts';
import type { TargetGroup } from '../../shared/core/targets.ts';
import { ago, aRecord, MINUTE, NODE, NOW, SECOND, someWork } from '../core/sample-record.ts';
import { claimedBeforeSent } from './invariants/claimed-before-sent.ts';
import { converges } from './invariants/converges.ts';
import { endedTargetsGo } from './invariants/ended-targets-go.ts';
import { errorsAreKnown } from './invariants/errors-are-known.ts';
import { halfOfQuota } from './invariants/half-of-quota.ts';
import { leavesOnEvidence } from './invariants/leaves-on-evidence.ts';
import { noWayBack, targetsFollowRecords } from './invariants/no-way-back.ts';
import { oneLiveOrder } from './invariants/one-live-order.ts';
import { oneRunAtATime } from './invariants/one-run-at-a-time.ts';
import { ordersFindRunningNodes } from './invariants/orders-find-running-nodes.ts';
import { restIsQuiet } from './invariants/rest-is-quiet.ts';
import { rolloutsKeepTheirOrder } from './invariants/rollouts-keep-their-order.ts';
import { sixAttempts } from './invariants/six-attempts.ts';
import { targetsAreNodes } from './invariants/targets-are-nodes.ts';

const labels = { instance: NODE, job: 'node', cluster_role: 'CORE' };
const target = (changes: Partial<TargetGroup> = {}): TargetGroup => ({
  targets: ['10.0.0.1:9100'],
  labels,
  ...changes,
});
const known = (): { readonly address: string; readonly labels: readonly (typeof labels)[] } => ({
  address: '10.0.0.1:9100',
  labels: [labels],
});

test.each<[string, () => string | undefined, RegExp | undefined]>([
  ['a known node, rightly labelled', () => targetsAreNodes([target()], known), undefined],
  ['a node that EMR never reported', () => targetsAreNodes([target()], () => undefined), /EMR never reported/],
  ['another address', () => targetsAreNodes([target({ targets: ['10.0.0.2:9100'] })], known), /instead of 10\.0\.0\.1/],
  [
    'another role',
    () => targetsAreNodes([target({ labels: { ...labels, cluster_role: 'TASK' } })], known),
    /wrong labels/,
  ],
  ['a label too many', () => targetsAreNodes([target({ labels: { ...labels, team: 'x' } })], known), /wrong labels/],
])('targets are nodes: %s', says);

test.each<[string, () => string | undefined, RegExp | undefined]>([
  ['a node that is gone may leave', () => leavesOnEvidence([target()], [], () => true), undefined],
  ['a node that is there stays', () => leavesOnEvidence([target()], [target()], () => false), undefined],
  ['a node that is there may not leave', () => leavesOnEvidence([target()], [], () => false), /listed no more/],
])('targets leave on evidence: %s', says);

test.each<[string, () => string | undefined, RegExp | undefined]>([
  ['one sweep', () => endedTargetsGo(new Map([['j-1', 1]])), undefined],
  ['two sweeps', () => endedTargetsGo(new Map([['j-1', 2]])), /j-1 ended 2 sweeps ago/],
])('ended targets go: a file that is there after %s', says);

const replaced = someWork({ orderId: 'order-a', at: ago(5 * MINUTE) });
const by = { orderId: 'order-b', at: NOW.getTime() } as const;
const young = { ...replaced, at: ago(MINUTE) };
const old = { ...replaced, at: ago(16 * MINUTE) };

test.each<[string, () => string | undefined, RegExp | undefined]>([
  ['nothing', () => oneLiveOrder(undefined, by, () => 'running'), undefined],
  ['an order that has ended', () => oneLiveOrder(replaced, by, () => 'ended'), undefined],
  ['an order that runs', () => oneLiveOrder(replaced, by, () => 'running'), /order-b was claimed while order-a runs/],
  ['an order that has succeeded', () => oneLiveOrder(old, by, () => 'done'), /its result is lost/],
  ['an order whose lease is over', () => oneLiveOrder(old, by, () => 'running'), undefined],
  ['an order of 5 minutes that was never sent', () => oneLiveOrder(replaced, by, () => 'notSent'), undefined],
  ['an order of 1 minute that was not sent yet', () => oneLiveOrder(young, by, () => 'notSent'), /may yet be sent/],
])('one live order: a claim replaces %s', says);

const ORDER: OrderId = 'order-b';
const run = { order: 'order-a', claimedAt: 0, isOpen: true };

test.each<[string, () => string | undefined, RegExp | undefined]>([
  ['no other order', () => oneRunAtATime(ORDER, MINUTE, []), undefined],
  ['itself', () => oneRunAtATime(ORDER, MINUTE, [{ ...run, order: ORDER }]), undefined],
  ['one that has ended', () => oneRunAtATime(ORDER, MINUTE, [{ ...run, isOpen: false }]), undefined],
  ['one that is live', () => oneRunAtATime(ORDER, MINUTE, [run]), /while order-a is live/],
  ['one whose lease is over', () => oneRunAtATime(ORDER, 16 * MINUTE, [run]), undefined],
])('one run at a time: an order is sent beside %s', says);

const claim = { at: 0, nodes: new Set([NODE]) };
const stranger: InstanceId = 'i-0123456789abcdef9';

test.each<[string, () => string | undefined, RegExp | undefined]>([
  ['with its claim', () => claimedBeforeSent(ORDER, [NODE], SECOND, claim), undefined],
  ['without a claim', () => claimedBeforeSent(ORDER, [NODE], SECOND, undefined), /without a claim/],
  ['to a node that the claim lacks', () => claimedBeforeSent(ORDER, [stranger], SECOND, claim), /has no claim/],
  ['under an old claim', () => claimedBeforeSent(ORDER, [NODE], 2 * MINUTE, claim), /120 s old/],
])('claimed before sent: an order is sent %s', says);

const receiver = {
  node: NODE,
  isReported: true,
  readyAt: 0,
  goneAt: undefined,
  clusterReadyAt: 0,
  isWanted: true,
} as const;
const at = 10 * MINUTE;

test.each<[string, Partial<typeof receiver> | { readonly goneAt: number }, RegExp | undefined]>([
  ['runs', {}, undefined],
  ['EMR never reported', { isReported: false } as never, /never reported/],
  ['does not run yet', { readyAt: 11 * MINUTE } as never, /not RUNNING yet/],
  ['is in a cluster that never ran', { clusterReadyAt: undefined } as never, /never ran/],
  ['went a minute ago', { goneAt: 9 * MINUTE }, undefined],
  ['went two minutes ago', { goneAt: 8 * MINUTE }, /gone for 120 s/],
  ['nobody selects', { isWanted: false } as never, /nobody wants/],
])('orders find running nodes: one that %s', (_, change, problem) => {
  expect(ordersFindRunningNodes(ORDER, at, { ...receiver, ...change }) ?? 'no problem').toMatch(
    problem ?? /^no problem$/,
  );
});

test.each<[string, () => string | undefined, RegExp | undefined]>([
  ['five', () => sixAttempts(ORDER, 5), undefined],
  ['six', () => sixAttempts(ORDER, 6), /follows 6 failed runs/],
])('six attempts: an order after %s failed runs', says);

const first = aRecord();
const next = aRecord({ sequence: 2, name: 'other' });

test.each<[string, () => string | undefined, RegExp | undefined]>([
  ['the first', () => noWayBack(undefined, first, false), undefined],
  ['a second as the first', () => noWayBack(undefined, next, false), /begins with version 2/],
  ['the first of an ended cluster', () => noWayBack(undefined, first, true), /comes back/],
  ['the next', () => noWayBack(first, next, false), undefined],
  ['the same with another ETag', () => noWayBack(first, { ...first, targetEtag: '"e"' }, false), undefined],
  ['another under the same number', () => noWayBack(first, { ...first, name: 'x' }, false), /1 replaces 1/],
  ['one that skips a number', () => noWayBack(first, { ...next, sequence: 3 }, false), /3 replaces 1/],
  [
    'one of an older look',
    () => noWayBack(first, { ...next, observedAt: ago(MINUTE) }, false),
    /goes back from a look/,
  ],
])('no record goes back in time: a version that is %s', says);

test.each<[string, () => string | undefined, RegExp | undefined]>([
  ['newer', () => targetsFollowRecords('k', 1, { sequence: 2, body: '[]' }, () => '[]'), undefined],
  ['older', () => targetsFollowRecords('k', 3, { sequence: 2, body: '[]' }, () => '[]'), /from version 3 to 2/],
  ['of no record', () => targetsFollowRecords('k', 1, { sequence: 2, body: '[]' }, () => undefined), /never saved/],
  ['another', () => targetsFollowRecords('k', 1, { sequence: 2, body: '[]' }, () => '[1]'), /is not what version 2/],
])('no target file goes back in time: one that is %s', says);

const everySecond = (calls: number): readonly number[] => Array.from({ length: calls }, (_, n) => n * SECOND);

test.each<[string, () => string | undefined, RegExp | undefined]>([
  ['20 ListInstances in a minute', () => halfOfQuota('ListInstances', everySecond(20)), undefined],
  ['21 ListInstances in a minute', () => halfOfQuota('ListInstances', everySecond(21)), /more than 20/],
  [
    '21 over two minutes',
    () =>
      halfOfQuota(
        'ListInstances',
        everySecond(21).map((time) => time * 6),
      ),
    undefined,
  ],
  ['36 DescribeCluster in a minute', () => halfOfQuota('DescribeCluster', everySecond(36)), /more than 35/],
])('half of the quota: %s', says);

const calm = { total: 20, upgraded: 1, underWay: 5, failed: 0, gaveUp: 0 };
const rollout = { atOnce: 0.25, failures: 0.3 };
const going = (changes: Partial<typeof calm>) => () => rolloutsKeepTheirOrder('x', rollout, { ...calm, ...changes });

test.each<[string, () => string | undefined, RegExp | undefined]>([
  ['a share at once', going({}), undefined],
  ['more than the share', going({ underWay: 6 }), /more than 5/],
  ['one canary', going({ upgraded: 0, underWay: 1 }), undefined],
  ['two canaries', going({ upgraded: 0, underWay: 2 }), /tried by 2 nodes/],
  ['one failure of two', going({ failed: 1 }), undefined],
  ['two failures of three', going({ failed: 2 }), /although 2 of 3 have failed/],
])('rollouts keep their order: %s', says);

test.each<[string, () => string | undefined, RegExp | undefined]>([
  ['nothing', () => converges([]), undefined],
  ['something', () => converges([{ what: 'x', due: 0, now: 3 * MINUTE }]), /x, due 180 s ago/],
])('converges: %s is overdue', says);

test.each<[string, () => string | undefined, RegExp | undefined]>([
  ['does nothing', () => restIsQuiet(0, 0), undefined],
  ['writes', () => restIsQuiet(1, 0), /wrote or sent 1 times/],
  ['asks EMR', () => restIsQuiet(0, 1), /asked EMR 1 times/],
])('rest is quiet: one sweep more that %s', says);

test.each<[string, () => string | undefined, RegExp | undefined]>([
  ['of ours', () => errorsAreKnown(new UnavailableError('x')), undefined],
  ['several of ours', () => errorsAreKnown(new AggregateError([new UnavailableError('x')])), undefined],
  ['a mistake', () => errorsAreKnown(new TypeError('x is not a function')), /TypeError/],
  ['a mistake among ours', () => errorsAreKnown(new AggregateError([new RangeError('x')])), /RangeError/],
])('errors are known: %s', says);

/** No problem, or one that reads like this. */
function says(_: string, check: () => string | undefined, problem: RegExp | undefined): void {
  expect(check() ?? 'no problem').toMatch(problem ?? /^no problem$/);
}
