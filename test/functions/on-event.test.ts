import { expect, test } from 'vitest';
import { nodeExporter } from '../core/sample-record.ts';
import { deliver, MINUTE, sample, SECOND, world } from '../fakes/world.ts';

const CORES = {
  groups: [
    { role: 'MASTER', instanceType: 'm5.xlarge', market: 'ON_DEMAND', count: 1 },
    { role: 'CORE', instanceType: 'm6g.xlarge', market: 'SPOT', count: 2 },
  ],
} as const;
const INVOCATION = 'EC2 Command Invocation Status-change Notification';

test('a cluster comes up, and its node gets its exporter and becomes a target with every label', async () => {
  const { launch, deliver: ring, clock, nodes, targets, events } = world();
  const id = await launch();
  await ring(sample('emr-cluster-waiting', { clusterId: id }));
  expect(await targets(id)).toBeUndefined();
  await clock.advance(2 * SECOND);
  await ring(events.findLast((event) => event['detail-type'] === INVOCATION));
  expect(await targets(id)).toEqual([
    {
      targets: ['10.42.0.10:9100'],
      labels: {
        account_id: '111122223333',
        availability_zone: 'us-east-1a',
        cluster_id: id,
        cluster_name: 'etl',
        cluster_role: 'MASTER',
        instance: nodes(id)[0],
        instance_type: 'm5.xlarge',
        job: 'node',
        market: 'ON_DEMAND',
        node_name: 'ip-10-42-0-10.ec2.internal',
        project: 'Etl',
        region: 'us-east-1',
        release_label: 'emr-7.5.0',
      },
    },
  ]);
});

test('each decision, order and result is one log line with cluster, node, exporter and order', async () => {
  const { launch, deliver: ring, clock, nodes, events, lines, meters } = world();
  const id = await launch();
  await ring(sample('emr-cluster-waiting', { clusterId: id }));
  await clock.advance(2 * SECOND);
  await ring(events.findLast((event) => event['detail-type'] === INVOCATION));
  const orderId = expect.stringMatching(/^order-/) as string;
  expect(lines).toMatchObject([
    { message: 'decided', fields: { clusterId: id, action: 'order', node: nodes(id)[0], exporter: 'node', orderId } },
    { message: 'order sent', fields: { clusterId: id, orderId, exporter: 'node', nodes: 1 } },
    { message: 'result', fields: { clusterId: id, orderId, node: nodes(id)[0], outcome: 'installed' } },
  ]);
  expect([meters.get('OrdersSent'), meters.get('OrdersEnded')]).toEqual([1, 1]);
});

test('every event of a cluster’s life is delivered twice, and the second delivery decides nothing', async () => {
  const { account, launch, deliver: ring, clock, events, lines, record } = world();
  const id = await launch(CORES);
  const step = async () => {
    await clock.advance(10 * SECOND);
    const news = [...events];
    await ring(...news);
    const before = { lines: lines.length, record: await record(id) };
    await ring(...news);
    expect(lines.slice(before.lines)).toEqual([]);
    expect(await record(id)).toEqual(before.record);
  };
  for (let n = 0; n < 3; n += 1) await step();
  account.emr.terminate(id);
  for (let n = 0; n < 2; n += 1) await step();
  expect(lines.filter(({ fields }) => fields['action'] === 'end')).toHaveLength(1);
});

test('a late "running" event for an ended cluster does not resurrect it', async () => {
  const { account, launch, deliver: ring, sweepFor, clock, keys } = world();
  const id = await launch();
  await sweepFor(2 * MINUTE);
  account.emr.terminate(id);
  await clock.advance(10 * SECOND);
  await ring(sample('emr-cluster-terminated-user-request', { clusterId: id }));
  await ring(sample('emr-cluster-running', { clusterId: id }));
  expect(keys()).toEqual([`ended/${id}.json`]);
});

test('a node that EC2 takes away leaves the targets, and the others stay', async () => {
  const { account, launch, deliver: ring, sweepFor, clock, nodes, targets } = world();
  const id = await launch(CORES);
  await sweepFor(2 * MINUTE);
  const [, lost = 'i-', ...rest] = nodes(id);
  account.emr.replaceNode(lost, { replacement: false });
  await clock.advance(100);
  await ring(sample('ec2-instance-state-shutting-down', { 'instance-id': lost }));
  const left = (await targets(id))?.map(({ labels }) => labels['instance']);
  expect(new Set(left)).toEqual(new Set([nodes(id)[0], ...rest]));
});

test('a node that is merely absent from EMR’s list keeps its target', async () => {
  const { account, app, clock, launch, sweepFor, container, nodes, targets } = world();
  const id = await launch(CORES);
  await sweepFor(2 * MINUTE);
  const before = await targets(id);
  account.emr.resize(account.emr.groups(id)[1]?.id ?? 'ig-', 3);
  await clock.advance(2 * SECOND);
  const lists: number[] = [];
  const list: typeof app.clusters.nodes = async (one) => {
    const left = (await app.clusters.nodes(one)).slice(2);
    lists.push(left.length);
    return left;
  };
  const short = container({ clusters: { ...app.clusters, nodes: list } });
  expect(await deliver([{ clusterId: id }], short)).toEqual([]);
  expect([lists, before?.map(({ labels }) => labels['instance']).toSorted()]).toEqual([
    [2],
    nodes(id).slice(0, 3).toSorted(),
  ]);
  expect(await targets(id)).toEqual(before);
});

test('a spot node that was warned is marked as leaving, and scraped until it is gone', async () => {
  const { account, launch, deliver: ring, sweepFor, clock, nodes, targets, record } = world();
  const id = await launch(CORES);
  await sweepFor(2 * MINUTE);
  const [, spot = 'i-'] = nodes(id);
  account.emr.loseSpot(spot, { replacement: false });
  await ring(sample('ec2-spot-interruption-warning-terminate', { 'instance-id': spot }));
  expect((await record(id))?.nodes[spot]?.leaving).toBe(true);
  expect(await targets(id)).toHaveLength(3);
  await clock.advance(2 * MINUTE);
  await ring(sample('ec2-instance-state-terminated', { 'instance-id': spot }));
  expect(await targets(id)).toHaveLength(2);
});

test('two nodes that join get the exporter in one order, and the others are left in peace', async () => {
  const { account, launch, deliver: ring, sweepFor, clock, nodes, targets } = world();
  const id = await launch(CORES);
  await sweepFor(2 * MINUTE);
  const known = new Set(nodes(id));
  account.emr.resize(account.emr.groups(id)[1]?.id ?? 'ig-', 4);
  await clock.advance(10 * SECOND);
  await ring(sample('emr-instance-group-running', { clusterId: id }));
  const joined = nodes(id).filter((node) => !known.has(node));
  const [latest, ...earlier] = account.commands.commands();
  expect([joined.length, new Set(latest?.nodes), earlier.length]).toEqual([2, new Set(joined), 1]);
  await clock.advance(2 * SECOND);
  await ring(sample('ssm-command-invocation-success', { 'instance-id': joined[0], 'command-id': latest?.id }));
  expect(await targets(id)).toHaveLength(5);
});

test('a cluster whose tags are not selected gets no order and no targets', async () => {
  const {
    account,
    launch,
    deliver: ring,
    record,
    targets,
    decisions,
  } = world({
    settings: { selection: { tags: { Project: ['Ml'] } } },
  });
  const id = await launch();
  await ring(sample('emr-cluster-waiting', { clusterId: id }));
  expect(await record(id)).toMatchObject({ selected: false, state: 'WAITING' });
  expect((await record(id))?.nodes).toEqual({});
  expect([account.commands.commands(), await targets(id), decisions()]).toEqual([[], undefined, []]);
});

test.each([
  ['whose end is told', true, '2 of 2, within a minute'],
  ['whose end nobody hears of', false, '2 of 2, within two hours'],
])('after a reconfiguration %s the nodes of the group are asked again', async (_title, isHeard, expected) => {
  const {
    account,
    launch,
    deliver: ring,
    sweepFor,
    clock,
    record,
    events,
  } = world({
    settings: { exporters: [{ ...nodeExporter, recheck: 24 }] },
  });
  const id = await launch(CORES);
  await sweepFor(10 * MINUTE);
  const heardOf = async () =>
    Object.values((await record(id))?.nodes ?? {}).map(({ role, exporters }) => [
      role,
      exporters['node']?.installed?.at,
    ]);
  const before = await heardOf();
  account.emr.reconfigure(account.emr.groups(id)[1]?.id ?? 'ig-');
  const told = () => events.findLast((event) => event['detail-type'] === 'EMR Instance Group State Change');
  await ring(told());
  await clock.advance(10 * SECOND);
  if (isHeard) await ring(told());
  await sweepFor(MINUTE);
  const soon = (await heardOf()).filter(([role, at], index) => role === 'CORE' && at !== before[index]?.[1]).length;
  await sweepFor(121 * MINUTE);
  const late = (await heardOf()).filter(([, at], index) => at !== before[index]?.[1]).map(([role]) => role);
  expect(late).toEqual(['CORE', 'CORE']);
  expect(soon > 0 ? `${soon} of 2, within a minute` : `${late.length} of 2, within two hours`).toBe(expected);
});
