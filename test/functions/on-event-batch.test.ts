import { describe, expect, test } from 'vitest';
import { deliver, emrCalls, MINUTE, sample, SECOND, world } from '../fakes/world.ts';

const throttled = { kind: 'error', status: 400, code: 'ThrottlingException' } as const;
const INVOCATION = 'EC2 Command Invocation Status-change Notification';

test('fifty results of one command are one reconcile, one question to SSM and none to EMR or EC2', async () => {
  const { launch, deliver: ring, sweep, clock, events, app, callsOf, meters } = world();
  const group = { instanceType: 'm6g.xlarge', market: 'SPOT' } as const;
  const id = await launch({
    groups: [
      { ...group, role: 'MASTER', count: 1 },
      { ...group, role: 'CORE', count: 49 },
    ],
  });
  await sweep();
  await clock.advance(2 * SECOND);
  const results = events.filter((event) => event['detail-type'] === INVOCATION);
  expect(results.length).toBeGreaterThanOrEqual(50);
  // DescribeInstances says whose instances they are; the record and the target file are read and written, and the
  // record once more, for the file's ETag.
  expect(await callsOf(() => ring(...results))).toEqual({
    DescribeInstances: 1,
    ListCommandInvocations: 1,
    GetObject: 2,
    PutObject: 3,
  });
  expect((await app.targets.read(id))?.value.body.match(/9100/g)).toHaveLength(50);
  expect(meters.get('OrdersEnded')).toBe(50);
  expect(await callsOf(() => ring(...results))).not.toHaveProperty('PutObject');
});

describe('in a batch of several messages', () => {
  test('the cluster whose look EMR throttles rings again in a minute, and the other is served', async () => {
    const { launch, deliver: ring, clock, faults, lines, meters, record, rung } = world();
    const [one, other] = [await launch(), await launch()];
    faults.arm(throttled, { operation: 'DescribeCluster' });
    const failed = await ring(
      { clusterId: one },
      { clusterId: other },
      sample('emr-cluster-waiting', { clusterId: one }),
    );
    expect(failed).toEqual([]);
    expect(rung).toEqual([{ id: one, delaySeconds: 60 }]);
    expect([await record(one), (await record(other))?.clusterId]).toEqual([undefined, other]);
    expect(lines.filter(({ level }) => level !== 'info')).toMatchObject([
      { level: 'warn', message: 'look put off', fields: { clusterId: one } },
    ]);
    expect(meters.get('ReconcilesFailed')).toBeUndefined();
    await clock.advance(MINUTE);
    expect(await ring({ clusterId: one })).toEqual([]);
    expect((await record(one))?.clusterId).toBe(one);
  });

  test('instances that EC2 cannot name go back to the queue, and a named cluster is served', async () => {
    const { launch, deliver: ring, faults, nodes, record } = world();
    const id = await launch();
    const lost = await launch();
    faults.arm({ kind: 'error', status: 503, code: 'RequestLimitExceeded' }, { operation: 'DescribeInstances' });
    const failed = await ring(sample('ec2-instance-state-terminated', { 'instance-id': nodes(lost)[0] }), {
      clusterId: id,
    });
    expect(failed).toEqual(['m0']);
    expect((await record(id))?.clusterId).toBe(id);
  });

  test('a malformed message is reported, fails nobody and does not come again', async () => {
    const { launch, deliver: ring, lines, record } = world();
    const id = await launch();
    const failed = await ring('{"source":', sample('emr-cluster-running', { clusterId: 7 }), { clusterId: id }, 'null');
    expect(failed).toEqual([]);
    expect(lines.filter(({ message }) => message === 'event malformed').map(({ fields }) => fields)).toEqual([
      { messageId: 'm0', reason: 'not JSON' },
      { messageId: 'm1', reason: 'detail.clusterId is 7' },
    ]);
    expect((await record(id))?.clusterId).toBe(id);
  });

  test('a cluster that EMR does not know is reported, and its message does not come again', async () => {
    const { deliver: ring, lines } = world();
    expect(await ring({ clusterId: 'j-NOBODY' })).toEqual([]);
    expect(lines).toMatchObject([{ level: 'error', message: 'reconcile failed', fields: { isRetried: false } }]);
  });

  test('a record that cannot be read is left as it is, reported and not retried', async () => {
    const { launch, deliver: ring, sweep, s3, lines } = world();
    const id = await launch();
    await sweep();
    s3.put('prometheus-on-emr-test', `clusters/${id}.json`, { body: '{"schema":3}' });
    expect(await ring({ clusterId: id })).toEqual([]);
    expect(lines.at(-1)).toMatchObject({ level: 'error', message: 'reconcile failed' });
    expect(String(lines.at(-1)?.fields['error'])).toContain('schema 3 is newer');
    expect(Buffer.from(s3.get('prometheus-on-emr-test', `clusters/${id}.json`).body).toString()).toBe('{"schema":3}');
  });
});

test('the end of an instance that is no node of EMR’s costs one call of EC2’s, and nothing else happens', async () => {
  const { account, callsOf, deliver: ring, lines, keys } = world();
  const { id } = account.ec2.launch({ instanceType: 't3.micro', market: 'ON_DEMAND', tags: { Name: 'web' } });
  const ends = [id, 'i-00000000'].map((one) => sample('ec2-instance-state-terminated', { 'instance-id': one }));
  const failed: string[] = [];
  expect(await callsOf(async () => failed.push(...(await ring(...ends))))).toEqual({ DescribeInstances: 1 });
  expect([failed, lines, keys()]).toEqual([[], [], []]);
});

test('a node that shuts down leaves the targets without a call of EMR’s', async () => {
  const { account, callsOf, clock, deliver: ring, launch, nodes, sweepFor, targets } = world();
  const group = { instanceType: 'm6g.xlarge', market: 'SPOT' } as const;
  const id = await launch({
    groups: [
      { ...group, role: 'MASTER', count: 1 },
      { ...group, role: 'CORE', count: 2 },
    ],
  });
  await sweepFor(2 * MINUTE);
  const [, lost = 'i-'] = nodes(id);
  account.emr.replaceNode(lost, { replacement: false });
  await clock.advance(SECOND);
  const end = sample('ec2-instance-state-shutting-down', { 'instance-id': lost });
  expect(emrCalls(await callsOf(() => ring(end)))).toBe(0);
  expect((await targets(id))?.map(({ labels }) => labels['instance'])).not.toContain(lost);
  expect(await targets(id)).toHaveLength(2);
});

test('what a slow cluster leaves no time for goes back to the queue alone', async () => {
  const { clock, container, launch, record } = world();
  const ids = await Promise.all(Array.from({ length: 6 }, async () => await launch()));
  const { clusters, ...rest } = container();
  const slow = async (id: (typeof ids)[number]) => {
    await clock.advance(15 * SECOND);
    return await clusters.describe(id);
  };
  const failed = await deliver(
    ids.map((clusterId) => ({ clusterId })),
    { ...rest, clusters: { ...clusters, describe: slow } },
  );
  expect(failed).toEqual(['m4', 'm5']);
  const seen = await Promise.all(ids.map(async (id) => (await record(id)) !== undefined));
  expect(seen).toEqual([true, true, true, true, false, false]);
});
