import { describe, expect, test } from 'vitest';
import { computePorts } from '../../../sandbox/account/ports.ts';
import { resultLine, scriptedNodes, type ScriptedNodesOptions } from '../../../sandbox/account/scripted-nodes.ts';
import type { Order } from '../../../shared/core/model.ts';
import { CORE, MASTER, shellDocument, virtualAccount, waiting } from './compute-fixture.ts';

const DOCUMENT = 'Svc-dev_node-install-0123456789ab';

/** A cluster of nodes that answer as their script says, two seconds after they are ready. */
async function scripted(options: ScriptedNodesOptions = {}, count = 1) {
  const account = await virtualAccount();
  const nodes = scriptedNodes(account.compute, options);
  const cluster = await waiting(account, { groups: [MASTER, { ...CORE, count }] });
  account.compute.putDocument(DOCUMENT, shellDocument);
  const order: Order = {
    id: 'order-1',
    clusterId: cluster.id,
    exporter: 'node',
    action: 'install',
    document: DOCUMENT,
    parameters: { Url: ['https://x'] },
    nodes: cluster.nodes,
  };
  return { account, ...cluster, ports: computePorts(account.compute), order, stop: () => nodes.stop() };
}

describe('Clusters', () => {
  test('lists clusters that have not ended, and describes one', async () => {
    const { account, id, ports } = await scripted();
    await using _ = account;
    const ended = await waiting(account);
    account.compute.emr.terminate(ended.id);
    await account.clock.advance(1000);
    expect(await ports.clusters.list(['WAITING', 'TERMINATING'])).toEqual(new Map([[id, 'WAITING']]));
    expect(await ports.clusters.describe(id)).toEqual({
      id,
      name: 'Small',
      state: 'WAITING',
      releaseLabel: 'emr-7.5.0',
      collection: 'INSTANCE_GROUP',
      accountId: '111122223333',
      region: 'us-east-1',
      tags: { Service: 'etl' },
    });
  });

  test('knows the role of each group and the nodes that have not ended', async () => {
    const { account, id, nodes, ports } = await scripted();
    await using _ = account;
    account.compute.emr.replaceNode(nodes[1] ?? 'i-', { replacement: false });
    await account.clock.advance(1000);
    const roles = await ports.clusters.roles(await ports.clusters.describe(id));
    expect([...roles.values()]).toEqual(['MASTER', 'CORE']);
    expect(await ports.clusters.nodes(id)).toEqual([
      {
        id: nodes[0],
        state: 'RUNNING',
        address: '10.42.0.10',
        dnsName: 'ip-10-42-0-10.ec2.internal',
        instanceType: 'm5.xlarge',
        market: 'ON_DEMAND',
        collectionId: [...roles.keys()][0],
      },
    ]);
  });

  test('throws UnknownClusterError for an id that EMR does not know', async () => {
    const { account, ports } = await scripted();
    await using _ = account;
    const unknown = 'j-AAAAAAAAAAAAA' as const;
    await expect(ports.clusters.describe(unknown)).rejects.toMatchObject({ name: 'UnknownClusterError' });
    await expect(ports.clusters.nodes(unknown)).rejects.toMatchObject({ name: 'UnknownClusterError' });
  });

  test('pays for each page, and throws UnavailableError when the quota is used up', async () => {
    const { account, id, ports } = await scripted({}, 150);
    await using _ = account;
    for (let n = 0; n < 5; n += 1) await ports.clusters.nodes(id);
    await expect(ports.clusters.nodes(id)).rejects.toMatchObject({ name: 'UnavailableError', retryable: true });
  });
});

test('Fleet has an entry for every id, notFound for those that EC2 does not know', async () => {
  const { account, id, nodes, ports } = await scripted();
  await using _ = account;
  const found = await ports.fleet.instances([nodes[1] ?? 'i-', 'i-aaaaaaaaaaaaaaaaa']);
  expect([...found.values()]).toEqual([
    { id: nodes[1], state: 'running', zone: 'us-east-1a', arch: 'arm64', clusterId: id },
    { id: 'i-aaaaaaaaaaaaaaaaa', state: 'notFound' },
  ]);
});

describe('what an instance’s tags say of its cluster', () => {
  const lying = async (cluster: string) => {
    const { account, id, nodes, ports } = await scripted();
    const tags = { 'aws:elasticmapreduce:job-flow-id': cluster };
    const liar = account.compute.ec2.launch({ instanceType: 'm5.xlarge', market: 'ON_DEMAND', tags });
    return { account, id, nodes, ports, liar: liar.id };
  };

  test('is believed of an instance that EMR does not list', async () => {
    const { account, id, ports, nodes, liar } = await lying('j-LIAR');
    await using _ = account;
    expect(await ports.fleet.members()).toEqual(
      new Map([...nodes.map((node) => [node, id] as const), [liar, 'j-LIAR']]),
    );
    expect((await ports.clusters.nodes(id)).map((node) => node.id)).toEqual(nodes);
  });

  test('counts for the cluster that it names now', async () => {
    const { account, ports, liar } = await lying('j-LIAR');
    await using _ = account;
    account.compute.ec2.tag(liar, { 'aws:elasticmapreduce:job-flow-id': 'j-OTHER' });
    expect(await ports.fleet.members('j-LIAR')).toEqual(new Map());
    expect(await ports.fleet.members('j-OTHER')).toEqual(new Map([[liar, 'j-OTHER']]));
  });

  test('is nothing where it is no cluster’s id', async () => {
    const { account, ports, nodes } = await lying('nonsense');
    await using _ = account;
    expect([...(await ports.fleet.members()).keys()]).toEqual(nodes);
  });

  test('stays for an hour after its end', async () => {
    const { account, id, ports, nodes } = await scripted();
    await using _ = account;
    account.compute.emr.terminate(id);
    await account.clock.advance(1000 + 3_600_000 - 1);
    const { fleet } = ports;
    const at = async () =>
      [await fleet.members(), await fleet.members(id), await fleet.leavers()].map(({ size }) => size);
    expect(await at()).toEqual(Array(3).fill(nodes.length));
    await account.clock.advance(1);
    expect(await at()).toEqual([0, 0, 0]);
  });
});

describe('Commands', () => {
  test('reach scripted nodes, whose default result is an installed exporter', async () => {
    const { account, nodes, order, ports } = await scripted();
    await using _ = account;
    expect(await ports.commands.online(nodes)).toEqual(new Set(nodes));
    const { sent, refused } = await ports.commands.send(order);
    const commandId = sent[0]?.commandId ?? '----';
    expect({ sent, refused }).toEqual({ sent: [{ commandId, nodes }], refused: [] });
    await account.clock.advance(1000);
    const results = await ports.commands.results(commandId);
    const stdout =
      'PROMETHEUS_ON_EMR {"exporter":"node","outcome":"installed","version":"1.12.1","changed":true,"endpoints":[{"port":9100,"labels":{}}]}\n';
    expect(results).toEqual(
      nodes.map((node) => ({ node, commandId, orderId: 'order-1', status: 'Success', exitCode: 0, output: stdout })),
    );
  });

  test('send leaves out nodes that are not online, and sends nothing when that leaves none', async () => {
    const { account, nodes, order, ports } = await scripted({
      register: ({ market }) => (market === 'SPOT' ? undefined : 0),
    });
    await using _ = account;
    const { sent, refused } = await ports.commands.send(order);
    expect(refused).toEqual([nodes[1]]);
    const commandId = sent[0]?.commandId ?? '----';
    expect((await ports.commands.results(commandId)).map(({ node }) => node)).toEqual([nodes[0]]);
    const nobody = { sent: [], refused: [nodes[1]] };
    expect(await ports.commands.send({ ...order, nodes: nodes.slice(1) })).toEqual(nobody);
  });

  test('are found by their order id among those sent after a moment', async () => {
    const { account, order, ports } = await scripted();
    await using _ = account;
    const since = account.clock.now();
    await account.clock.advance(2000);
    const { sent } = await ports.commands.send(order);
    expect(await ports.commands.find('order-1', since)).toEqual(sent.map(({ commandId }) => commandId));
    expect(await ports.commands.find('order-2', since)).toEqual([]);
    expect(await ports.commands.find('order-1', account.clock.now())).toEqual([]);
  });

  test('throw ConfigError for a missing document, and UnavailableError when the answer is lost after it took effect', async () => {
    const { account, order, ports } = await scripted();
    await using _ = account;
    await expect(ports.commands.send({ ...order, document: 'Other' })).rejects.toMatchObject({ name: 'ConfigError' });
    account.faults.arm({ kind: 'lost' }, { operation: 'SendCommand' });
    await expect(ports.commands.send(order)).rejects.toMatchObject({ name: 'UnavailableError' });
    expect(account.compute.commands.commands()).toHaveLength(1);
    account.faults.arm({ kind: 'error', status: 400, code: 'ThrottlingException' }, { operation: 'SendCommand' });
    await expect(ports.commands.send(order)).rejects.toMatchObject({ name: 'UnavailableError' });
    account.faults.arm({ kind: 'error', status: 500, code: 'InternalServerError' }, { operation: 'SendCommand' });
    await expect(ports.commands.send(order)).rejects.toMatchObject({ name: 'UnavailableError' });
    expect(account.compute.commands.commands()).toHaveLength(1);
  });
});

describe('scripted nodes', () => {
  test('fail, and end never, as their script says', async () => {
    const { account, nodes, order, ports } = await scripted({
      script: ({ node, parameters }) =>
        account.compute.ec2.instance(node)?.market === 'SPOT'
          ? undefined
          : { exitCode: 3, stdout: String(parameters['Url']), stderr: 'broken', runMs: 5000 },
    });
    await using _ = account;
    const { sent } = await ports.commands.send(order);
    const results = () => ports.commands.results(sent[0]?.commandId ?? '----');
    await account.clock.advance(4999);
    const statuses = async () => (await results()).map(({ status }) => status);
    expect(await statuses()).toEqual(['InProgress', 'InProgress']);
    await account.clock.advance(1);
    expect(await results()).toMatchObject([
      { node: nodes[0], status: 'Failed', exitCode: 3, output: 'https://x\n----------ERROR-------\nbroken' },
      { status: 'InProgress' },
    ]);
    await account.clock.advance(895_000);
    expect(await statuses()).toEqual(['Failed', 'DeliveryTimedOut']);
  });

  test('stay online by their pings until they are stopped or their instance ends', async () => {
    const { account, nodes, ports, stop } = await scripted();
    await using _ = account;
    await account.clock.advance(3_600_000);
    expect(await ports.commands.online(nodes)).toEqual(new Set(nodes));
    account.compute.ec2.shutDown(nodes[1] ?? 'i-');
    expect(await ports.commands.online(nodes)).toEqual(new Set(nodes.slice(0, 1)));
    const payload = JSON.stringify({ CancelMessageId: 'x' });
    account.compute.mds.put(nodes[1] ?? 'i-', `aws.ssm.x.${nodes[1]}`, 'aws.ssm.cancelCommand', payload);
    expect(account.compute.mds.take(nodes[1] ?? 'i-', 0)).toHaveLength(1);
    stop();
    await account.clock.advance(900_001);
    expect(await ports.commands.online(nodes)).toEqual(new Set());
  });

  test('say removed for an uninstall document', () => {
    const line = resultLine({ node: 'i-', document: 'Svc-dev_jmx-uninstall-0123456789ab', parameters: {} }, '1.0');
    expect(JSON.parse(line.slice('PROMETHEUS_ON_EMR '.length))).toEqual({
      exporter: 'jmx',
      outcome: 'removed',
      version: '1.0',
      changed: true,
      endpoints: [],
    });
  });
});
