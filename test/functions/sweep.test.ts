import { describe, expect, test } from 'vitest';
import { aRecord } from '../core/sample-record.ts';
import { MINUTE, SECOND, world } from '../fakes/world.ts';

const GROUP = { instanceType: 'm5.xlarge', market: 'ON_DEMAND', count: 1 } as const;
const down = { kind: 'error', status: 503, code: 'SlowDown' } as const;

test('with every event lost, the sweeps alone bring a cluster up, follow it and let it go', async () => {
  const { account, launch, sweepFor, nodes, targets, keys } = world();
  const id = await launch();
  await sweepFor(2 * MINUTE);
  expect(await targets(id)).toHaveLength(1);
  const [group] = account.emr.groups(id);
  account.emr.resize(group?.id ?? 'ig-', 3);
  await sweepFor(3 * MINUTE);
  expect((await targets(id))?.map(({ labels }) => labels['instance']).toSorted()).toEqual(nodes(id).toSorted());
  account.emr.terminate(id);
  await sweepFor(MINUTE);
  expect(keys()).toEqual([`ended/${id}.json`]);
});

test('a cluster that ended is marked first, then its targets go, then its record, whenever a step fails', async () => {
  const { account, launch, sweepFor, faults, keys } = world();
  const id = await launch();
  await sweepFor(2 * MINUTE);
  account.emr.terminate(id);
  const [record, ended, target] = [`clusters/${id}.json`, `ended/${id}.json`, `targets/${id}.json`];

  faults.arm(down, { operation: 'PutObject', skip: 1 });
  await expect(sweepFor(MINUTE)).rejects.toThrow('1 of 1 clusters failed');
  expect(keys()).toEqual([record, target]);
  faults.arm(down, { operation: 'DeleteObject' });
  await expect(sweepFor(MINUTE)).rejects.toThrow('1 of 1 clusters failed');
  expect(keys()).toEqual([record, ended, target]);
  faults.arm(down, { operation: 'DeleteObject', skip: 1 });
  await expect(sweepFor(MINUTE)).rejects.toThrow('1 of 1 clusters failed');
  expect(keys()).toEqual([record, ended]);
  await sweepFor(MINUTE);
  expect(keys()).toEqual([ended]);
});

test('targets that a slow writer brought back after its cluster’s end are taken away again', async () => {
  const { app, account, launch, sweepFor, clock, sweep, keys } = world();
  const id = await launch();
  await sweepFor(2 * MINUTE);
  const stale = await app.targets.read(id);
  account.emr.terminate(id);
  await clock.advance(10 * SECOND);
  await sweep();
  await app.targets.put(id, stale?.value ?? { body: '', sequence: 0 }, undefined);
  await sweep();
  expect(keys()).toEqual([`ended/${id}.json`]);
});

test('a file that cannot be taken away keeps no cluster and no other file from its turn', async () => {
  const { app, launch, sweep, faults, keys, lines } = world();
  const id = await launch();
  for (const one of ['j-ENDED1', 'j-ENDED2'] as const) {
    await app.records.markEnded(aRecord({ clusterId: one, state: 'TERMINATED' }));
    await app.targets.put(one, { body: '[]\n', sequence: 1 }, undefined);
  }
  faults.arm(down, { operation: 'DeleteObject' });
  await expect(sweep()).rejects.toThrow('1 of 3 clusters failed');
  expect(keys().filter((key) => key.startsWith('targets/'))).toHaveLength(1);
  expect(keys()).toContain(`clusters/${id}.json`);
  expect(lines.filter(({ level }) => level === 'error')).toHaveLength(1);
});

test('a target file that lost its cluster’s record without an end stays', async () => {
  const { app, sweep, keys } = world();
  await app.targets.put('j-NOBODY', { body: '[]\n', sequence: 1 }, undefined);
  await sweep();
  expect(keys()).toEqual(['targets/j-NOBODY.json']);
});

test('a cluster that fails does not keep the others from their turn, and the sweep fails loudly', async () => {
  const { launch, sweep, faults, keys, lines } = world();
  const ids = [await launch(), await launch(), await launch()].toSorted();
  faults.arm({ kind: 'error', status: 403, code: 'AccessDeniedException' }, { operation: 'DescribeCluster' });
  await expect(sweep()).rejects.toThrow('1 of 3 clusters failed');
  expect(keys()).toEqual(ids.slice(1).map((id) => `clusters/${id}.json`));
  expect(lines.filter(({ level }) => level === 'error')).toMatchObject([{ fields: { clusterId: ids[0] } }]);
});

test('a hint that EMR or EC2 does not give keeps nobody from being looked at', async () => {
  const { account, clock, faults, launch, lines, sweep, sweepFor, targets } = world();
  const id = await launch();
  await sweepFor(3 * MINUTE);
  account.emr.launch({ name: 'next', groups: [{ ...GROUP, role: 'MASTER' }] });
  await clock.advance(2 * SECOND);
  account.emr.terminate(id);
  await clock.advance(10 * SECOND);
  faults.arm({ kind: 'error', status: 400, code: 'ThrottlingException' }, { operation: 'ListClusters' });
  faults.arm({ kind: 'error', status: 503, code: 'Unavailable' }, { operation: 'DescribeTags', skip: 1 });
  await sweep();
  expect(await targets(id)).toBeUndefined();
  expect(lines.filter(({ message }) => message === 'hint missing').map(({ fields }) => fields['what'])).toEqual([
    'clusters about to change',
    'tags of nodes',
  ]);
});

test('a target file that could not be written, be it the first, is written by the next sweep', async () => {
  const { faults, launch, record, sweepFor, targets } = world();
  const id = await launch();
  await sweepFor(MINUTE);
  faults.arm(down, { operation: 'PutObject', skip: 1 }); // the record with the result, and then the file
  await expect(sweepFor(MINUTE)).rejects.toThrow('1 of 1 clusters failed');
  expect([Object.values((await record(id))?.nodes ?? {})[0]?.exporters['node']?.work, await targets(id)]).toEqual([
    undefined,
    undefined,
  ]);
  await sweepFor(MINUTE);
  expect(await targets(id)).toHaveLength(1);
});

test('a target file that somebody spoiled is repaired', async () => {
  const { s3, app, launch, sweepFor, sweep } = world();
  const id = await launch();
  await sweepFor(2 * MINUTE);
  const good = (await app.targets.read(id))?.value.body;
  s3.put('prometheus-on-emr-test', `targets/${id}.json`, { body: '[]', metadata: { sequence: '0' } });
  await sweep();
  expect((await app.targets.read(id))?.value.body).toBe(good);
});

test('a cluster at rest costs no write, sweep after sweep', async () => {
  const { s3, launch, sweepFor } = world();
  const id = await launch();
  await sweepFor(3 * MINUTE);
  const versions = () =>
    s3.list('prometheus-on-emr-test', {}).objects.map(({ key, versionId }) => `${key} ${versionId}`);
  const before = versions();
  await sweepFor(10 * MINUTE);
  expect(versions()).toEqual(before);
  expect(before.some((version) => version.startsWith(`targets/${id}`))).toBe(true);
});

describe('a node whose SSM agent comes late', () => {
  test('waits and says why, once, and is served when it is there', async () => {
    const { launch, sweepFor, nodes, work, targets, s3 } = world({ register: () => 5 * MINUTE });
    const id = await launch();
    const [node = 'i-'] = nodes(id);
    await sweepFor(MINUTE);
    expect(await work(id, node)).toMatchObject({ phase: 'waiting', reason: 'SSM agent is not online', attempt: 0 });
    const { versionId } = s3.get('prometheus-on-emr-test', `clusters/${id}.json`);
    await sweepFor(3 * MINUTE);
    expect(s3.get('prometheus-on-emr-test', `clusters/${id}.json`).versionId).toBe(versionId);
    await sweepFor(3 * MINUTE);
    expect(await work(id, node)).toBeUndefined();
    expect(await targets(id)).toHaveLength(1);
  });

  test('waits for ever when there is none, and no order is wasted on it', async () => {
    const { account, launch, sweepFor, nodes, work } = world({ register: () => undefined });
    const id = await launch();
    await sweepFor(30 * MINUTE);
    expect((await work(id, nodes(id)[0] ?? 'i-'))?.reason).toBe('SSM agent is not online');
    expect(account.commands.commands()).toEqual([]);
  });
});

test('without artifacts in the bucket nodes wait, and are served once they are there', async () => {
  const { s3, launch, sweepFor, nodes, work, targets } = world();
  const key = 'artifacts/node/arm64';
  s3.remove('prometheus-on-emr-test', key);
  const id = await launch();
  await sweepFor(2 * MINUTE);
  expect(await work(id, nodes(id)[0] ?? 'i-')).toMatchObject({ phase: 'waiting', reason: 'artifacts missing' });
  s3.put('prometheus-on-emr-test', key, { body: 'binary' });
  await sweepFor(2 * MINUTE);
  expect(await targets(id)).toHaveLength(1);
});
