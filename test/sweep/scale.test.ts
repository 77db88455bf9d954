import { describe, expect, test } from 'vitest';
import { emrCalls, MINUTE, sample, SECOND, world } from '../fakes/world.ts';

const CORES = {
  groups: [
    { role: 'MASTER', instanceType: 'm5.xlarge', market: 'ON_DEMAND', count: 1 },
    { role: 'CORE', instanceType: 'm5.xlarge', market: 'SPOT', count: 2 },
  ],
} as const;

/** Five clusters of three nodes, each with its exporter; nothing is left to do. */
async function settled() {
  const here = world();
  const id = await here.launch(CORES);
  for (let n = 1; n < 5; n += 1) await here.launch(CORES);
  await here.sweepFor(5 * MINUTE);
  return { ...here, id };
}

/** Members, leavers and tags from EC2, two lists of S3's. */
const LOOK_AROUND = { DescribeTags: 2, DescribeInstances: 1, ListObjectsV2: 2 };

describe('a sweep that finds nothing changed', () => {
  test('makes five calls, none of them EMR’s, and reads no record', async () => {
    const { callsOf, sweep } = await settled();
    expect(await callsOf(sweep)).toEqual(LOOK_AROUND);
  });

  test('reads each record once in a new container, and none again', async () => {
    const { callsOf, container, sweep } = await settled();
    const fresh = container({}, 'sweep');
    expect(await callsOf(() => sweep(fresh))).toEqual({ ...LOOK_AROUND, GetObject: 5 });
    expect(await callsOf(() => sweep(fresh))).toEqual(LOOK_AROUND);
  });
});

test('a record that another container changed is read again, and no other', async () => {
  const { account, callsOf, deliver: ring, id, nodes, sweep, sweeper } = await settled();
  const [, lost = 'i-'] = nodes(id);
  account.emr.loseSpot(lost);
  await ring(sample('ec2-spot-interruption-warning-terminate', { 'instance-id': lost }));
  const read: string[] = [];
  const { records } = sweeper;
  const watched = {
    ...sweeper,
    records: { ...records, read: (one: typeof id) => (read.push(one), records.read(one)) },
  };
  expect(await callsOf(() => sweep(watched))).toEqual({ ...LOOK_AROUND, GetObject: 1 });
  expect(read).toEqual([id]);
});

test('a node that joined is seen at EC2, and only its cluster is asked about: its state and its nodes', async () => {
  const { account, callsOf, clock, id, nodes, sweep, sweepFor, targets } = await settled();
  account.emr.resize(account.emr.groups(id)[1]?.id ?? 'ig-', 3);
  await clock.advance(20 * SECOND);
  const calls = await callsOf(sweep);
  expect(calls).toMatchObject({ DescribeCluster: 1, ListInstances: 1 });
  expect(emrCalls(calls)).toBe(2);
  await sweepFor(2 * MINUTE);
  expect((await targets(id))?.map(({ labels }) => labels['instance']).toSorted()).toEqual(nodes(id).toSorted());
});

test('a node that EC2 takes away leaves the targets within one sweep, without a call of EMR’s', async () => {
  const { account, callsOf, clock, id, nodes, sweep, targets } = await settled();
  const [, , lost = 'i-'] = nodes(id);
  account.emr.replaceNode(lost, { replacement: false });
  await clock.advance(SECOND);
  expect(emrCalls(await callsOf(sweep))).toBe(0);
  expect((await targets(id))?.map(({ labels }) => labels['instance'])).not.toContain(lost);
  expect(await targets(id)).toHaveLength(2);
});

test('a cluster that ends is seen at EC2: one question to EMR, and its targets are gone', async () => {
  const { account, callsOf, clock, id, sweep, targets, keys } = await settled();
  account.emr.terminate(id);
  await clock.advance(20 * SECOND);
  expect(await callsOf(sweep)).toMatchObject({ DescribeCluster: 1 });
  expect(await targets(id)).toBeUndefined();
  expect(keys()).toContain(`ended/${id}.json`);
});

test('another monitoring.yml gives other labels to every target, without a call of EMR’s', async () => {
  const { callsOf, deploy, id, sweep, targets } = await settled();
  const next = deploy({ labels: { team: 'Project' } });
  const calls = await callsOf(() => sweep(next));
  expect(emrCalls(calls)).toBe(0);
  expect((await targets(id))?.map(({ labels }) => [labels['team'], labels['project']])).toEqual(
    Array.from({ length: 3 }, () => ['Etl', undefined]),
  );
  expect(await callsOf(() => sweep(next))).not.toHaveProperty('PutObject');
});

test('two hundred and one clusters have the tags of one node each looked at within two minutes, 200 in a call', async () => {
  const { account, sweeper, sweep, sweepFor, clock } = world({ hasBudget: true });
  for (let n = 0; n < 201; n += 1) account.emr.launch({ name: `etl-${n}`, groups: [CORES.groups[0]] });
  await clock.advance(MINUTE);
  const asked: (readonly string[])[] = [];
  const { fleet } = sweeper;
  const tags: typeof fleet.tags = (ids, keys) => (asked.push(ids), fleet.tags(ids, keys));
  const watched = { ...sweeper, fleet: { ...fleet, tags } };
  await sweep(watched);
  await sweepFor(MINUTE, watched);
  expect(new Set(asked.map(({ length }) => length))).toEqual(new Set([1, 200]));
  expect(new Set(asked.flat()).size).toBe(201);
});
