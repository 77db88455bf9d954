import { describe, expect, test } from 'vitest';
import { backfill } from '../../functions/backfill.ts';
import type { ClusterId } from '../../shared/core/model.ts';
import type { App } from '../../shared/ports.ts';
import { deliver, MINUTE, SECOND, world, type World } from '../fakes/world.ts';

const MASTER = { role: 'MASTER', instanceType: 'm5.xlarge', market: 'ON_DEMAND', count: 1 } as const;

/** The container, and the clusters that it asks EMR about, in turn. */
function watched(app: App) {
  const asked: ClusterId[] = [];
  const { clusters } = app;
  const ask: typeof clusters.describe = (id) => (asked.push(id), clusters.describe(id));
  return { asked, app: { ...app, clusters: { ...clusters, describe: ask } } };
}

describe('when EMR’s budget has room for one look', () => {
  /** One cluster that ended, one that is new, one whose second node has come up since, one with another tag. */
  async function four() {
    const here = world({ hasBudget: true });
    const { account, clock, deliver: ring, launch, record, sweepFor } = here;
    const [ending, unfinished, stale] = [await launch(), await launch(), await launch()];
    await sweepFor(10 * MINUTE);
    account.emr.resize(account.emr.groups(unfinished)[0]?.id ?? 'ig-', 2);
    await clock.advance(2 * SECOND);
    await ring({ clusterId: unfinished });
    const states = Object.values((await record(unfinished))?.nodes ?? {}).map(({ state }) => state);
    expect(states.toSorted()).toEqual(['PROVISIONING', 'RUNNING']);
    account.emr.terminate(ending);
    account.emr.tag(stale, { Project: 'Ml' });
    const fresh = await launch();
    await clock.advance(20 * SECOND);
    return { ...here, order: [ending, fresh, unfinished, stale] };
  }

  test('the ended come first, then the new, the unfinished and the stale; the rest is the backlog of later minutes', async () => {
    const { container, meters, order, sweep, sweepFor } = await four();
    const { app, asked } = watched(container({}, 'sweep'));
    const { budget } = app;
    let room = 1;
    const wait: typeof budget.wait = (operations) =>
      room === 0 && operations.includes('DescribeCluster') ? MINUTE : 0;
    const narrow: App = { ...app, budget: { ...budget, wait, spendLook: () => void (room -= 1) } };
    const seen: unknown[] = [];
    const note = () => seen.push([asked.length, meters.get('SweepBacklog'), meters.get('SweepLag')]);
    await sweep(narrow);
    note();
    for (let minute = 1; minute <= 3; minute += 1) {
      room = 1;
      await sweepFor(MINUTE, narrow);
      note();
    }
    expect(asked).toEqual(order);
    expect(seen).toEqual([
      [1, 3, 0],
      [2, 2, 60],
      [3, 1, 120],
      [4, 0, 0],
    ]);
  });

  test('a sweep that has the time waits until there is room for the next', async () => {
    const { clock, container, meters, order, sweep } = await four();
    const { app, asked } = watched(container({ sleep: (milliseconds) => clock.advance(milliseconds) }, 'sweep'));
    await sweep(app);
    expect([asked, meters.get('SweepBacklog')]).toEqual([order, 0]);
  });

  test('what EC2, SSM and S3 say is acted upon all the same', async () => {
    const { account, clock, container, launch, meters, nodes, sweep, sweepFor, targets } = world({ hasBudget: true });
    const id = await launch({ groups: [MASTER, { ...MASTER, role: 'CORE', count: 2 }] });
    await sweepFor(5 * MINUTE);
    const app = container({}, 'sweep');
    app.budget.spend('DescribeCluster');
    const [, lost = 'i-'] = nodes(id);
    account.emr.replaceNode(lost, { replacement: false });
    account.emr.tag(id, { Project: 'Ml' });
    await clock.advance(SECOND);
    await sweep(app);
    expect((await targets(id))?.map(({ labels }) => labels['instance'])).not.toContain(lost);
    expect(await targets(id)).toMatchObject([{ labels: { project: 'Etl' } }, { labels: { project: 'Etl' } }]);
    expect(meters.get('SweepBacklog')).toBe(1);
  });
});

test('a lone launch never waits: a new consumer looks at it and orders, whatever of its events come together', async () => {
  const { account, container, events, launch, rung } = world({ hasBudget: true });
  await launch();
  expect(await deliver([...events], container())).toEqual([]);
  expect([account.commands.commands().length, rung]).toEqual([1, []]);
});

test('a lone launch never waits for a new sweep either', async () => {
  const { account, launch, meters, sweep } = world({ hasBudget: true });
  await launch();
  await sweep();
  expect([account.commands.commands().length, meters.get('SweepBacklog')]).toEqual([1, 0]);
});

/** Half of what EMR allows in a minute: its burst and what comes back in 60 s (general/latest/gr/emr). */
const HALF: Readonly<Record<string, number>> = {
  ListClusters: (20 + 30) / 2,
  DescribeCluster: (10 + 60) / 2,
  ListInstances: (10 + 30) / 2,
  ListInstanceGroups: (10 + 60) / 2,
  ListInstanceFleets: (5 + 30) / 2,
};

/**
 * Every second the events so far, and the doorbells that are due, reach one of two consumers; the sweep comes six times
 * as often as it does, so that it spends all that it may.
 */
async function storm({ account, clock, container, events, rung, sweep }: World, seconds: number): Promise<void> {
  const consumers = [container(), container()];
  const sleep: App['sleep'] = (milliseconds) => clock.advance(milliseconds);
  const [sweeper, byHand] = [container({ sleep }, 'sweep'), container({ sleep }, 'backfill')];
  const late: { readonly id: ClusterId; readonly at: number }[] = [];
  let [told, taken] = [0, 0];
  for (let second = 1; second <= seconds; second += 1) {
    if (second % 4 === 1) account.emr.launch({ name: `etl-${second}`, groups: [MASTER, { ...MASTER, role: 'CORE' }] });
    await clock.advance(SECOND);
    const due = late.filter(({ at }) => at <= second);
    for (const one of due) late.splice(late.indexOf(one), 1);
    const batch = [...events.slice(told), ...due.map(({ id }) => ({ clusterId: id }))];
    told = events.length;
    await deliver(batch, consumers[second % 2] as App);
    for (; taken < rung.length; taken += 1) {
      const { id, delaySeconds } = rung[taken] as World['rung'][number];
      late.push({ id, at: second + Math.max(1, delaySeconds) });
    }
    if (second % 10 === 0) await sweep(sweeper);
    if (second % 300 === 0) await backfill({ dryRun: true }, byHand);
  }
}

test('two consumers, the sweep and backfill together leave the customer half of every quota in any minute', async () => {
  const here = world({ hasBudget: true });
  await storm(here, 600);
  for (const [operation, half] of Object.entries(HALF)) {
    const times = here.calls.filter((call) => call.operation === operation).map(({ at }) => at.getTime());
    const most = Math.max(0, ...times.map((end) => times.filter((time) => time <= end && time > end - MINUTE).length));
    expect([operation, most <= half, times.length > 0]).toEqual([operation, true, operation !== 'ListInstanceFleets']);
  }
  expect(here.lines.filter(({ level }) => level === 'error')).toEqual([]);
});
