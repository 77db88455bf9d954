import { describe, expect, test } from 'vitest';
import { backfill } from '../../functions/backfill.ts';
import { parseRequest } from '../../shared/backfill-request.ts';
import { backfillAll } from '../../shared/backfill.ts';
import type { ClusterId } from '../../shared/core/model.ts';
import { MINUTE, SECOND } from '../fakes/world.ts';
import { backfillWorld } from './backfill-world.ts';

test('dryRun changes nothing, rings nobody and says of each node what would be done and why', async () => {
  const { app, account, launch, nodes, keys, rung, lines } = backfillWorld();
  const id = await launch();
  const [node] = nodes(id);
  const report = await backfill({ clusterIds: [id], dryRun: true }, app);
  expect(report).toEqual({
    clusters: [
      {
        clusterId: id,
        name: 'etl',
        state: 'WAITING',
        selected: true,
        nodes: 1,
        decisions: [{ kind: 'install', node, exporter: 'node', version: '1.12.1', reason: 'missing' }],
        reset: [],
        idle: false,
      },
    ],
    counts: { install: 1 },
    rung: [],
    remaining: [],
  });
  expect([keys(), account.commands.commands(), rung, lines]).toEqual([[], [], [], []]);
});

test('without dryRun the reported clusters are queued, so that acting happens in one place', async () => {
  const { app, account, launch, keys, rung } = backfillWorld();
  const ids = [await launch(), await launch()].toSorted();
  const report = await backfill({}, app);
  expect(report.clusters).toHaveLength(2);
  expect([report.rung.toSorted(), rung.toSorted()]).toEqual([ids, ids]);
  expect([keys(), account.commands.commands()]).toEqual([[], []]);
});

test('a cluster that is as its record says is reported and not rung; one that EMR has changed since is', async () => {
  const { app, account, launch, sweepFor, clock, rung } = backfillWorld();
  const [idle, changed] = [await launch(), await launch()];
  await sweepFor(3 * MINUTE);
  const group = account.emr.groups(changed)[0]?.id ?? 'ig-';
  account.emr.resize(group, 2);
  await clock.advance(20 * SECOND);
  const { clusters } = await backfill({}, app);
  expect(clusters).toMatchObject([
    { clusterId: idle, nodes: 1, decisions: [], idle: true },
    { clusterId: changed, nodes: 2, decisions: [{ kind: 'install' }], idle: false },
  ]);
  expect(rung).toEqual([changed]);
});

test('a cluster whose result nobody fetched yet is rung, though there is nothing to order', async () => {
  const { app, launch, nodes, work, sweepFor, clock, rung } = backfillWorld();
  const id = await launch();
  await sweepFor(MINUTE);
  await clock.advance(MINUTE);
  const node = nodes(id)[0] ?? 'i-00000000';
  expect(await work(id, node)).toMatchObject({ phase: 'installing' });
  const { clusters } = await backfill({}, app);
  expect(clusters).toMatchObject([{ decisions: [], idle: false }]);
  expect(rung).toEqual([id]);
});

test('a cluster that fails and is due again is rung, though it is as its record says', async () => {
  const { app, install, launch, sweepFor, clock, rung } = backfillWorld();
  install(() => ({ exitCode: 1, stdout: '', stderr: 'disk full' }));
  const id = await launch();
  await sweepFor(2 * MINUTE);
  expect((await backfill({ dryRun: true }, app)).clusters).toMatchObject([
    { decisions: [{ kind: 'wait' }], idle: true },
  ]);
  await clock.advance(MINUTE);
  expect((await backfill({}, app)).clusters).toMatchObject([{ decisions: [{ kind: 'install' }], idle: false }]);
  expect(rung).toEqual([id]);
});

test('another monitoring.yml alone, which changes nothing for a cluster, rings nobody', async () => {
  const { app, container, launch, sweepFor, rung } = backfillWorld();
  await launch();
  await sweepFor(3 * MINUTE);
  const { clusters } = await backfill({}, container({ settings: { ...app.settings, hash: 'config-2' } }));
  expect(clusters).toMatchObject([{ idle: true }]);
  expect(rung).toEqual([]);
});

test('an event of nothing is a backfill of every active cluster', async () => {
  const { app, account, launch, clock, rung } = backfillWorld();
  const id = await launch();
  const ended = await launch();
  account.emr.terminate(ended);
  await clock.advance(MINUTE);
  await backfill(undefined, app);
  expect(rung).toEqual([id]);
});

test('a cluster that is as its record says is looked at without EMR, and one of its nodes that is gone is told', async () => {
  const { app, account, launch, nodes, record, sweepFor, spent } = backfillWorld();
  const groups = [
    { role: 'MASTER', instanceType: 'm5.xlarge', market: 'ON_DEMAND', count: 1 },
    { role: 'CORE', instanceType: 'm5.xlarge', market: 'ON_DEMAND', count: 2 },
  ] as const;
  const id = await launch({ groups });
  await sweepFor(3 * MINUTE);
  expect(Object.keys((await record(id))?.nodes ?? {})).toHaveLength(3);
  const gone = nodes(id)[2] ?? 'i-00000000';
  account.ec2.shutDown(gone);
  spent.length = 0;
  const report = await backfill({ clusterIds: [id], dryRun: true }, app);
  expect(report.clusters).toMatchObject([{ nodes: 3, decisions: [{ kind: 'forget', node: gone }] }]);
  expect(report.counts).toEqual({ forget: 1 });
  expect(spent).toEqual([]);
});

describe('what does not fit in four minutes remains, and only what was looked at is rung:', () => {
  test('when the looks take long', async () => {
    const slow = backfillWorld();
    const ids = [await slow.launch(), await slow.launch(), await slow.launch()];
    let asked = 0;
    const clusters = {
      ...slow.app.clusters,
      describe: async (id: ClusterId) => {
        asked += 1;
        return await slow.app.clusters.describe(id);
      },
    };
    const app = slow.container({ clusters, now: () => new Date(slow.clock.now().getTime() + asked * 2 * MINUTE) });
    const report = await backfill({ clusterIds: ids }, app);
    expect(report).toMatchObject({ rung: ids.slice(0, 2), remaining: ids.slice(2) });
    expect(slow.rung).toEqual(ids.slice(0, 2));
  });

  test('when the answer would outgrow what Lambda returns', async () => {
    const { app, launch, rung } = backfillWorld();
    const ids = [await launch(), await launch()].toSorted();
    const report = await backfillAll(parseRequest({}, app.settings), app, 1);
    expect(report).toMatchObject({ counts: { install: 1 }, rung: [ids[0]], remaining: [ids[1]] });
    expect(rung).toEqual([ids[0]]);
  });

  test('when its share of the EMR quotas is used up, which it waits for and never overdraws', async () => {
    const { launch, frugal, clock } = backfillWorld();
    const ids: ClusterId[] = [];
    for (let count = 0; count < 8; count += 1) ids.push(await launch());
    const began = clock.now().getTime();
    const app = frugal();
    const report = await backfill({}, app);
    const took = clock.now().getTime() - began;
    expect(app.overdrawn).toEqual([]);
    expect(report.clusters.length).toBeGreaterThan(1);
    expect(report.clusters.length + report.remaining.length).toBe(8);
    expect(report.rung).toEqual(report.clusters.map(({ clusterId }) => clusterId));
    expect(took).toBeLessThanOrEqual(4 * MINUTE);
    const minutesEach = 1;
    const clusters = report.remaining.length;
    expect(report.waiting).toEqual({ clusters, minutes: clusters * minutesEach });
  });
});

test("a backfill of all for which EMR's list has no room says so and when to try again, and does nothing", async () => {
  const { launch, frugal, clock, rung } = backfillWorld();
  await launch();
  const app = frugal();
  for (let page = 0; page < 10; page += 1) app.budget.spend('ListClusters'); // as five hundred clusters take
  expect(await backfill({}, app)).toEqual({
    clusters: [],
    counts: {},
    rung: [],
    remaining: [],
    problem:
      "nothing was done: our share of EMR's quotas has no room for its list of clusters; try again in 400 s, or name the clusters",
  });
  expect(rung).toEqual([]);
  await clock.advance(400 * SECOND);
  expect(await backfill({}, app)).toMatchObject({ clusters: [{ name: 'etl' }] });
});

describe('nothing is done for any cluster when one that was named', () => {
  test('is unknown to EMR, be it mistyped or of another account; the answer says which, and how to go on', async () => {
    const { app, launch, rung, keys } = backfillWorld();
    const id = await launch();
    const report = await backfill({ clusterIds: [id, 'j-NOBODY'], force: true }, app);
    expect(report).toMatchObject({
      clusters: [{ clusterId: 'j-NOBODY', error: expect.stringContaining("'j-NOBODY' is not valid") }],
      problem: expect.stringMatching(/^nothing was done: EMR does not know j-NOBODY in this account and Region/),
      rung: [],
      remaining: [id],
    });
    expect([rung, keys()]).toEqual([[], []]);
  });

  test('could not be asked about', async () => {
    const { app, launch, faults, rung } = backfillWorld();
    const id = await launch();
    faults.arm({ kind: 'error', status: 400, code: 'ThrottlingException' }, { operation: 'DescribeCluster' });
    const report = await backfill({ clusterIds: ['j-NOBODY', id] }, app);
    expect(report).toMatchObject({ clusters: [{ clusterId: 'j-NOBODY' }], remaining: ['j-NOBODY', id] });
    expect(rung).toEqual([]);
  });
});

test('a cluster that has ended is told as such, and neither rung nor an obstacle to the others', async () => {
  const { app, account, launch, clock, rung } = backfillWorld();
  const [id, ended] = [await launch(), await launch()];
  account.emr.terminate(ended);
  await clock.advance(MINUTE);
  const { clusters } = await backfill({ clusterIds: [ended, id] }, app);
  expect(clusters).toMatchObject([{ clusterId: ended, state: 'TERMINATED', decisions: [] }, { clusterId: id }]);
  expect(rung).toEqual([id]);
});

test('a record that cannot be read is reported with its error, and the others as ever', async () => {
  const { app, launch, rung, s3, bucket } = backfillWorld();
  const [id, broken] = [await launch(), await launch()];
  s3.put(bucket, `clusters/${broken}.json`, { body: '{' });
  const { clusters } = await backfill({ clusterIds: [broken, id] }, app);
  expect(clusters).toContainEqual({ clusterId: broken, error: `clusters/${broken}.json: not JSON` });
  expect(rung).toEqual([id]);
});

describe('policies', () => {
  test('of the call shape the report: what they refuse is told with the policy and its reason, and counted', async () => {
    const { app, launch, nodes, rung } = backfillWorld();
    const id = await launch();
    const report = await backfill({ policies: { pauseInstalls: true } }, app);
    expect(report).toMatchObject({
      clusters: [
        {
          decisions: [
            {
              kind: 'install',
              node: nodes(id)[0],
              exporter: 'node',
              reason: 'missing',
              refused: { policy: 'pauseInstalls', reason: 'installs are paused' },
            },
          ],
        },
      ],
      counts: { refused: 1 },
    });
    expect(rung).toEqual([id]);
  });

  test('of monitoring.yml hold where the call says nothing else', async () => {
    const policies = { dryRun: true, pauseInstalls: false, limitDeletes: { share: 1 } };
    const { app, launch } = backfillWorld({ settings: { policies } });
    await launch();
    expect((await backfill({ dryRun: true }, app)).counts).toEqual({ refused: 1 });
    expect((await backfill({ dryRun: true, policies: { dryRun: false } }, app)).counts).toEqual({ install: 1 });
  });
});
