import { expect, test } from 'vitest';
import { emrCalls, MINUTE, SECOND, world } from '../fakes/world.ts';

const onlyMl = { selection: { tags: { Project: ['Ml'] } } };

/** A cluster of the project Etl, where only those of the project Ml are watched. */
async function unselected() {
  const here = world({ settings: onlyMl });
  const id = await here.launch();
  await here.sweep();
  return { ...here, id };
}

test('a cluster that is not selected is looked at once, and costs nothing afterwards', async () => {
  const here = world({ settings: onlyMl });
  const id = await here.launch();
  expect(await here.callsOf(here.sweep)).toMatchObject({ ListClusters: 1, DescribeCluster: 1 });
  expect((await here.record(id))?.selected).toBe(false);
  const calls = await here.callsOf(() => here.sweepFor(60 * MINUTE));
  // Its record is read once, for it was written since.
  expect([emrCalls(calls), calls['GetObject'], calls['PutObject']]).toEqual([0, 1, undefined]);
  expect(here.decisions()).toEqual([]);
});

test('a cluster that another monitoring.yml selects is looked at by the next sweep, and gets its exporter', async () => {
  const { callsOf, deploy, id, sweepFor, targets } = await unselected();
  const next = deploy({ selection: { tags: { Project: ['Etl'] } } });
  expect(await callsOf(() => sweepFor(MINUTE, next))).toMatchObject({ DescribeCluster: 1, ListInstances: 1 });
  await sweepFor(2 * MINUTE, next);
  expect(await targets(id)).toHaveLength(1);
});

test('a cluster whose tag comes to select it is looked at by the next sweep, and gets its exporter', async () => {
  const { account, callsOf, id, sweepFor, targets } = await unselected();
  account.emr.tag(id, { Project: 'Ml' });
  expect(await callsOf(() => sweepFor(MINUTE))).toMatchObject({ DescribeCluster: 1, ListInstances: 1 });
  await sweepFor(2 * MINUTE);
  expect(await targets(id)).toMatchObject([{ labels: { project: 'Ml' } }]);
});

test('another tag than those that monitoring.yml names costs no look', async () => {
  const { account, callsOf, id, sweepFor } = await unselected();
  account.emr.tag(id, { Project: 'Etl', Owner: 'somebody' });
  expect(emrCalls(await callsOf(() => sweepFor(10 * MINUTE)))).toBe(0);
});

test('a tag that changes on a watched cluster is on its targets after the next sweep', async () => {
  const { account, clock, launch, sweep, sweepFor, targets } = world();
  const id = await launch();
  await sweepFor(3 * MINUTE);
  account.emr.tag(id, { Project: 'Ml', Service: 'spark' });
  await clock.advance(SECOND);
  await sweep();
  expect(await targets(id)).toMatchObject([{ labels: { project: 'Ml', service: 'spark' } }]);
});
