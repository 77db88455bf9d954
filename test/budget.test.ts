import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Container, CONTAINERS, createBudget } from '../shared/budget.ts';
import type { ClusterId } from '../shared/core/model.ts';
import type { EmrOperation } from '../shared/ports.ts';

/** What EMR leaves to us in any minute: half of burst plus 60 s of refill (general/latest/gr/emr). */
const OURS: Readonly<Record<EmrOperation, number>> = {
  ListClusters: (20 + 60 * 0.5) / 2,
  DescribeCluster: (10 + 60 * 1) / 2,
  ListInstances: (10 + 60 * 0.5) / 2,
  ListInstanceGroups: (10 + 60 * 1) / 2,
  ListInstanceFleets: (5 + 60 * 0.5) / 2,
};
const OPERATIONS = Object.keys(OURS) as EmrOperation[];
/** All that can run at once. */
const ALL = Object.entries(CONTAINERS).flatMap(([kind, { atOnce }]) =>
  Array<Container>(atOnce).fill(kind as Container),
);
const SECOND = 1000;
const MINUTE = 60_000;

function containers(kinds: readonly Container[] = ALL) {
  const clock = { at: Date.UTC(2026, 10, 22) };
  return { clock, budgets: kinds.map((kind) => createBudget(kind, () => new Date(clock.at))) };
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
function heapInUse(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

function one(kind: Container) {
  const { clock, budgets } = containers([kind]);
  return { clock, budget: budgets[0] ?? createBudget(kind, () => new Date(clock.at)) };
}

/** The most calls in any 60 s, both ends counted. */
const busiestMinute = (times: readonly number[]): number =>
  Math.max(0, ...times.map((from) => times.filter((at) => at >= from && at <= from + MINUTE).length));

/** Pauses between bursts, and how hard each burst tries: from idle hours to every container at its limit for minutes. */
const pattern = fc.array(
  fc.record({
    pause: fc.oneof(fc.constant(0), fc.nat(2 * SECOND), fc.nat(40 * SECOND), fc.nat(10 * MINUTE)),
    container: fc.nat(ALL.length - 1),
    tries: fc.nat(12),
    waits: fc.boolean(),
  }),
  { maxLength: 60 },
);

describe('all containers together', () => {
  test.each(OPERATIONS)('%s: no minute has more than half of the quota, whoever calls when', (operation) => {
    fc.assert(
      fc.property(pattern, (bursts) => {
        const { clock, budgets } = containers();
        const calls: number[] = [];
        for (const { pause, container, tries, waits } of bursts) {
          clock.at += pause;
          const budget = budgets[container];
          if (budget === undefined) continue;
          for (let n = 0; n < tries; n += 1) {
            if (waits) clock.at += budget.wait([operation]);
            if (budget.wait([operation]) > 0) continue;
            budget.spend(operation);
            calls.push(clock.at);
          }
        }
        expect(busiestMinute(calls)).toBeLessThanOrEqual(OURS[operation]);
      }),
    );
  });

  test.each(OPERATIONS)('%s: containers that never rest use most of the half, and never more', (operation) => {
    const { clock, budgets } = containers();
    const calls: number[] = [];
    for (const end = clock.at + 30 * MINUTE; clock.at < end; clock.at += 100) {
      for (const budget of budgets.filter((free) => free.wait([operation]) === 0)) {
        budget.spend(operation);
        calls.push(clock.at);
      }
    }
    const settled = calls.filter((at) => at > clock.at - 10 * MINUTE);
    expect(busiestMinute(calls)).toBeLessThanOrEqual(OURS[operation]);
    expect(settled.length / 10).toBeGreaterThan(OURS[operation] / 2);
  });
});

describe.each(['sweep', 'on-event', 'backfill'] as const)('a container of %s', (kind) => {
  test('that is new looks at one cluster at once, and not at a second one', () => {
    const { budget } = one(kind);
    const look = ['DescribeCluster', 'ListInstances', 'ListInstanceGroups'] as const;
    expect(budget.wait(look)).toBe(0);
    for (const operation of look) {
      expect(budget.wait([operation])).toBe(0);
      budget.spend(operation);
    }
    expect(budget.wait(look)).toBeGreaterThan(0);
  });

  test.each(OPERATIONS)('waits for %s as long as it says: enough, and not a second more', (operation) => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ calls: fc.nat(5), pause: fc.nat(3 * MINUTE) }), { maxLength: 20 }),
        (history) => {
          const { clock, budget } = one(kind);
          for (const { calls, pause } of history) {
            for (let n = 0; n < calls; n += 1) budget.spend(operation);
            clock.at += pause;
          }
          const wait = budget.wait([operation]);
          clock.at += wait;
          expect(budget.wait([operation])).toBe(0);
          clock.at -= Math.min(wait, SECOND);
          expect(budget.wait([operation]) > 0).toBe(wait > 0);
        },
      ),
    );
  });

  test('that read more pages than it had calls for pays them back before the next', () => {
    const { clock, budget } = one(kind);
    budget.spend('ListInstances');
    const afterOne = budget.wait(['ListInstances']);
    for (let page = 0; page < 4; page += 1) budget.spend('ListInstances');
    expect(budget.wait(['ListInstances'])).toBeGreaterThanOrEqual(4 * afterOne);
    clock.at += 4 * afterOne;
    expect(budget.wait(['ListInstances'])).toBeGreaterThan(0);
  });
});

test('several operations are waited for together: for the one that takes longest', () => {
  const { budget } = one('on-event');
  budget.spend('ListInstances');
  expect(budget.wait(['DescribeCluster'])).toBe(0);
  expect(budget.wait(['DescribeCluster', 'ListInstances'])).toBe(budget.wait(['ListInstances']));
  expect(budget.wait([])).toBe(0);
});

test('a consumer that has rested takes two launches in a row', () => {
  const { clock, budget } = one('on-event');
  clock.at += 2 * MINUTE;
  for (let launch = 0; launch < 2; launch += 1) {
    expect(budget.wait(OPERATIONS)).toBe(0);
    for (const operation of OPERATIONS) budget.spend(operation);
  }
  expect(budget.wait(OPERATIONS)).toBeGreaterThan(0);
});

describe('a cluster', () => {
  const look = (id: ClusterId, { budget }: ReturnType<typeof one>): number => {
    const wait = budget.waitForLook(id);
    if (wait === 0) budget.spendLook(id);
    return wait;
  };

  test('is looked at three times in a row, then once more each 20 s; another one is not kept waiting', () => {
    const world = one('on-event');
    expect([look('j-1', world), look('j-1', world), look('j-1', world)]).toEqual([0, 0, 0]);
    expect(look('j-1', world)).toBe(20 * SECOND);
    expect(look('j-2', world)).toBe(0);
    world.clock.at += 19 * SECOND;
    expect(look('j-1', world)).toBe(SECOND);
    world.clock.at += SECOND;
    expect([look('j-1', world), look('j-1', world)]).toEqual([0, 20 * SECOND]);
  });

  test('that has rested for a minute has its three looks again, and no more', () => {
    const world = one('sweep');
    for (let n = 0; n < 3; n += 1) look('j-1', world);
    world.clock.at += 10 * MINUTE;
    expect([1, 2, 3, 4].map(() => look('j-1', world))).toEqual([0, 0, 0, 20 * SECOND]);
  });
});

test('clusters that have rested are forgotten: a year of them costs no memory', () => {
  const { clock, budget } = one('on-event');
  const before = heapInUse();
  for (let n = 0; n < 20_000; n += 1) {
    clock.at += 21 * SECOND;
    budget.spendLook(`j-${n}`);
  }
  expect(heapInUse() - before).toBeLessThan(300_000);
  expect(budget.waitForLook('j-0')).toBe(0); // and is in use until here
});
