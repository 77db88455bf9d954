import { describe, expect, test } from 'vitest';
import { backfill } from '../../functions/backfill.ts';
import { MINUTE, world } from '../fakes/world.ts';

test('dryRun changes nothing, rings nobody and says of each cluster what would be done and why', async () => {
  const { app, account, launch, nodes, keys, rung, lines } = world();
  const id = await launch();
  const report = await backfill({ clusterIds: [id], dryRun: true }, app);
  expect(report).toMatchObject({
    clusters: [
      {
        clusterId: id,
        name: 'etl',
        selected: true,
        actions: [{ kind: 'order', node: nodes(id)[0], reason: 'missing' }],
      },
    ],
    rung: [],
  });
  expect([keys(), account.commands.commands(), rung, lines]).toEqual([[], [], [], []]);
});

test('without dryRun the reported clusters are queued, so that acting happens in one place', async () => {
  const { app, account, launch, keys, rung } = world();
  const ids = [await launch(), await launch()];
  const report = await backfill({}, app);
  expect(report.clusters).toHaveLength(2);
  expect([report.rung.toSorted(), rung.toSorted()]).toEqual([ids.toSorted(), ids.toSorted()]);
  expect([keys(), account.commands.commands()]).toEqual([[], []]);
});

test('an event of nothing is a backfill of every active cluster', async () => {
  const { app, account, launch, sweepFor, rung } = world();
  const id = await launch();
  const ended = await launch();
  account.emr.terminate(ended);
  await sweepFor(MINUTE);
  await backfill(undefined, app);
  expect(rung).toEqual([id]);
});

test('what does not fit in four minutes remains, and only what was looked at is rung', async () => {
  const slow = world();
  const ids = [await slow.launch(), await slow.launch(), await slow.launch()];
  let asked = 0;
  const clusters = {
    ...slow.app.clusters,
    describe: async (id: (typeof ids)[number]) => {
      asked += 1;
      return await slow.app.clusters.describe(id);
    },
  };
  const app = slow.container({ clusters, now: () => new Date(slow.clock.now().getTime() + asked * 2 * MINUTE) });
  const report = await backfill({ clusterIds: ids }, app);
  expect(report).toMatchObject({ rung: ids.slice(0, 2), remaining: ids.slice(2) });
  expect(slow.rung).toEqual(ids.slice(0, 2));
});

test('a cluster that nothing can be said of is reported with its error, and the others as ever', async () => {
  const { app, launch, rung, s3 } = world();
  const [id, broken] = [await launch(), await launch()];
  s3.put('prometheus-on-emr-test', `clusters/${broken}.json`, { body: '{' });
  const { clusters } = await backfill({ clusterIds: ['j-NOBODY', broken, id] }, app);
  expect(clusters).toMatchObject([
    { clusterId: 'j-NOBODY', error: "Cluster id 'j-NOBODY' is not valid." },
    { clusterId: broken, error: `clusters/${broken}.json: not JSON` },
    { clusterId: id, selected: true },
  ]);
  expect(rung).toEqual([id]);
});

describe('a request that does not hold names each field:', () => {
  test.each<[string, unknown, readonly string[]]>([
    ['a wrong id', { clusterIds: ['j-1', 'web'] }, ['clusterIds.1: not a cluster id']],
    ['no list', { clusterIds: 'j-1' }, ['clusterIds: ', 'expected array']],
    ['an empty list', { clusterIds: [] }, ['clusterIds: is empty']],
    ['a word for dryRun', { dryRun: 'yes' }, ['dryRun: ', 'expected boolean']],
    ['an unknown field', { cluster: 'j-1' }, ['event: ', '"cluster"', 'known: clusterIds, dryRun']],
    ['a list', [], ['event: ', 'expected object']],
    ['two at once', { clusterIds: [7], dryRun: 1 }, ['clusterIds.0: not a cluster id', 'dryRun: ']],
  ])('%s', async (_title, event, words) => {
    const { app, rung } = world();
    const error = await (async () => backfill(event, app))().catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name: 'ConfigError', retryable: false });
    for (const word of words) expect(String(error)).toContain(word);
    expect(rung).toEqual([]);
  });
});
