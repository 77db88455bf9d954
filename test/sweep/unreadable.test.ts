import { expect, test } from 'vitest';
import { BUCKET, MINUTE, sample, world } from '../fakes/world.ts';

/** Two clusters, each with its exporter, and the record of one as `change` makes it. */
async function changed(change: (record: Record<string, unknown>) => Record<string, unknown> | string) {
  const here = world();
  const [id, other] = [await here.launch(), await here.launch()];
  await here.sweepFor(3 * MINUTE);
  const key = `clusters/${id}.json`;
  const body = () => Buffer.from(here.s3.get(BUCKET, key).body).toString();
  const written = change(JSON.parse(body()) as Record<string, unknown>);
  const text = typeof written === 'string' ? written : JSON.stringify(written);
  here.s3.put(BUCKET, key, { body: text });
  return { ...here, id, other, body, text };
}

const newer = (record: Record<string, unknown>) => ({ ...record, schema: 3, somethingNew: true });

test('a record of a newer schema is left alone with its targets, whatever happens, and other clusters are served', async () => {
  const { account, body, deliver: ring, id, other, sweepFor, targets, text } = await changed(newer);
  account.emr.resize(account.emr.groups(other)[0]?.id ?? 'ig-', 2);
  account.emr.terminate(id);
  await sweepFor(5 * MINUTE);
  expect(await ring(sample('emr-cluster-terminated-user-request', { clusterId: id }))).toEqual([]);
  expect([body(), (await targets(id))?.length]).toEqual([text, 1]);
  expect(await targets(other)).toHaveLength(2);
});

test('a record of a newer schema is a metric, and costs neither a call of EMR’s nor another read', async () => {
  const { callsOf, meters, sweep, sweepFor } = await changed(newer);
  await sweep();
  expect([meters.get('RecordsUnreadable'), meters.get('Clusters')]).toEqual([1, 1]);
  const calls = await callsOf(() => sweepFor(30 * MINUTE));
  expect(Object.keys(calls).toSorted()).toEqual(['DescribeInstances', 'DescribeTags', 'ListObjectsV2']);
});

test('a record of a newer schema says so in one line of the log that names it, however many sweeps come', async () => {
  const { id, lines, sweepFor } = await changed(newer);
  await sweepFor(10 * MINUTE);
  const said = lines.filter(({ message }) => message === 'record unreadable');
  expect(said).toMatchObject([{ level: 'error', fields: { clusterId: id } }]);
  expect(String(said[0]?.fields['error'])).toContain(
    `clusters/${id}.json: schema 3 is newer than this version reads (2)`,
  );
});

test('a record that is no JSON is treated like one of a newer schema, and served again once it is mended', async () => {
  let good = '';
  const { body, id, meters, s3, sweep, sweepFor, text } = await changed((record) => {
    good = JSON.stringify(record);
    return '{"schema":';
  });
  await sweepFor(2 * MINUTE);
  expect([body(), meters.get('RecordsUnreadable')]).toEqual([text, 1]);
  s3.put(BUCKET, `clusters/${id}.json`, { body: good });
  await sweep();
  expect([meters.get('RecordsUnreadable'), meters.get('Clusters')]).toEqual([0, 2]);
});

test('a record of schema 1 is read, looked at through EMR once, and kept with all that it knew', async () => {
  const { callsOf, id, nodes, record, sweep, sweepFor, targets } = await changed(({ tags: _, ...old }) => ({
    ...old,
    schema: 1,
    tagsHash: '0123456789abcdef',
  }));
  expect(await callsOf(sweep)).toMatchObject({ DescribeCluster: 1 });
  expect(await record(id)).toMatchObject({
    schema: 2,
    tags: { Project: 'Etl' },
    nodes: { [nodes(id)[0] ?? 'i-']: { exporters: { node: { installed: { version: '1.12.1' } } } } },
  });
  expect(await targets(id)).toHaveLength(1);
  expect(await callsOf(() => sweepFor(10 * MINUTE))).not.toHaveProperty('DescribeCluster');
});

test('an order that a record of schema 1 has under way is waited for, and not given again', async () => {
  const here = world();
  const id = await here.launch();
  await here.sweep();
  const { tags: _, ...old } = (await here.record(id)) ?? {};
  here.s3.put(BUCKET, `clusters/${id}.json`, { body: JSON.stringify({ ...old, schema: 1, tagsHash: '0123' }) });
  await here.sweepFor(2 * MINUTE);
  expect([here.account.commands.commands().length, (await here.targets(id))?.length]).toEqual([1, 1]);
});
