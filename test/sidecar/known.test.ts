import { describe, expect, test } from 'vitest';
import { aNode, idOf, objectsOf, unfinished } from './page/page-records.ts';
import { sidecarWorld } from './sidecar-world.ts';

const NOW = new Date('2026-11-23T03:00:00.000Z');
const NODES = { [idOf(1, 0)]: aNode(NOW, 0), [idOf(1, 1)]: aNode(NOW, 1) };
const denied = { kind: 'error', status: 403, code: 'AccessDenied' } as const;

async function worldWith(objects: Readonly<Record<string, string>>) {
  const world = await sidecarWorld();
  for (const [key, body] of Object.entries(objects)) world.put(key, body);
  return world;
}

describe('the targets on disk', () => {
  test('are counted by job, as the record counts its endpoints, and leave no series behind', async () => {
    const { sync, readStatuses, put, remove, metrics } = await worldWith(objectsOf('j-A', NOW, NODES));
    await sync();
    await readStatuses();
    expect((await metrics('emr_targets{')).toSorted()).toEqual([
      'emr_targets{cluster_id="j-A",job="graphite"} 2',
      'emr_targets{cluster_id="j-A",job="jmx"} 4',
      'emr_targets{cluster_id="j-A",job="node"} 2',
    ]);
    expect((await metrics('emr_endpoints{')).toSorted()).toEqual([
      'emr_endpoints{cluster_id="j-A",exporter="graphite"} 2',
      'emr_endpoints{cluster_id="j-A",exporter="jmx"} 4',
      'emr_endpoints{cluster_id="j-A",exporter="node"} 2',
    ]);
    put('ended/j-A.json', '{}');
    remove('targets/j-A.json');
    await sync();
    expect(await metrics('emr_targets{')).toEqual([]);
  });

  test('are known again after a restart while S3 is away', async () => {
    const { sync, restart, s3, metrics } = await worldWith(objectsOf('j-A', NOW, NODES));
    await sync();
    await restart();
    s3.faults.arm(denied, { times: 1e9 });
    await sync();
    expect(await metrics('emr_targets{')).toContain('emr_targets{cluster_id="j-A",job="jmx"} 4');
  });
});

test('a file that vanished is on the page until it is back', async () => {
  const objects = { ...objectsOf('j-A', NOW, NODES), ...objectsOf('j-B', NOW, {}), ...objectsOf('j-C', NOW, {}) };
  const { sync, remove, put, page, pass } = await worldWith(objects);
  await sync();
  remove('targets/j-A.json');
  await sync();
  pass(120_000);
  expect(page()).toContain('1 target file held');
  expect(page()).toContain('for 2 min</td>');
  put('targets/j-A.json', objects['targets/j-A.json'] ?? '');
  await sync();
  expect(page()).not.toContain('held</strong>');
});

describe('a complaint on the page', () => {
  test('of a target file that S3 has no more is forgotten', async () => {
    const { sync, put, remove, s3, page } = await worldWith({});
    put('targets/j-A.json', '[]');
    s3.faults.arm(denied, { operation: 'GetObject', times: 2 });
    await sync();
    expect(page()).toContain('<strong>j-A</strong>: target file not read');
    remove('targets/j-A.json');
    await sync();
    expect(page()).toContain('Nothing needs you.');
  });

  test('of a record that S3 has no more is forgotten', async () => {
    const { sync, readStatuses, put, remove, page } = await worldWith({});
    await sync();
    put('clusters/j-A.json', '{"name":1}');
    await readStatuses();
    expect(page()).toContain('<strong>clusters/j-A.json</strong>: cluster status not read');
    remove('clusters/j-A.json');
    await readStatuses();
    expect(page()).toContain('Nothing needs you.');
  });

  test('of a refused file is there until the file is mended', async () => {
    const { sync, put, page } = await worldWith({ 'targets/j-A.json': '[1]' });
    await sync();
    expect(page()).toContain('<strong>targets/j-A.json is refused</strong>');
    put('targets/j-A.json', '[]');
    await sync();
    expect(page()).toContain('Nothing needs you.');
  });
});

test('a record says its nodes by role and market, its age, what is pending since when, and upgrades, as series', async () => {
  const pending = unfinished(NOW, 'jmx', 50, { phase: 'gaveUp', reason: 'exit 1' });
  const nodes = { ...NODES, [idOf(1, 2)]: aNode(NOW, 3, { jmx: pending }) };
  const { readStatuses, metrics } = await worldWith(objectsOf('j-A', NOW, nodes));
  await readStatuses();
  expect(await metrics('emr_cluster_nodes{')).toEqual([
    'emr_cluster_nodes{cluster_id="j-A",cluster_role="MASTER",market="ON_DEMAND",instance_type="m7g.2xlarge"} 1',
    'emr_cluster_nodes{cluster_id="j-A",cluster_role="CORE",market="ON_DEMAND",instance_type="m7g.2xlarge"} 1',
    'emr_cluster_nodes{cluster_id="j-A",cluster_role="CORE",market="SPOT",instance_type="m7g.2xlarge"} 1',
  ]);
  expect(await metrics('emr_cluster_first_seen_timestamp_seconds{')).toEqual([
    `emr_cluster_first_seen_timestamp_seconds{cluster_id="j-A"} ${NOW.getTime() / 1000 - 3 * 3600}`,
  ]);
  expect(await metrics('emr_nodes_pending{')).toEqual([
    'emr_nodes_pending{cluster_id="j-A",exporter="jmx",why="gave_up"} 1',
  ]);
  expect(await metrics('emr_nodes_pending_since_timestamp_seconds{')).toEqual([
    `emr_nodes_pending_since_timestamp_seconds{cluster_id="j-A",exporter="jmx",why="gave_up"} ${NOW.getTime() / 1000 - 3000}`,
  ]);
});

test('upgrades of the fleet are summed over its clusters', async () => {
  const done = { installed: { version: '2', revision: 'r2', endpoints: [], at: NOW.toISOString(), from: 'r1' } };
  const nodes = { [idOf(1, 0)]: aNode(NOW, 0, { node: done }) };
  const { readStatuses, metrics } = await worldWith({
    ...objectsOf('j-A', NOW, nodes),
    ...objectsOf('j-B', NOW, nodes),
  });
  await readStatuses();
  expect(await metrics('emr_upgrade_nodes{')).toEqual([
    'emr_upgrade_nodes{exporter="node",version="2",outcome="done"} 2',
  ]);
});
