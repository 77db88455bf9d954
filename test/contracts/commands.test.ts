import { describe, expect, test } from 'vitest';
import type { CommandId, InstanceId, Order } from '../../shared/core/model.ts';
import { FACES, type World } from './account.ts';

const DOCUMENT = 'prometheus-on-emr-dev-node-install-0123456789ab';
const content = {
  schemaVersion: '2.2',
  parameters: { Port: { type: 'String', allowedPattern: '^[0-9]{1,5}$' } },
  mainSteps: [
    { action: 'aws:runShellScript', name: 'install', inputs: { timeoutSeconds: '600', runCommand: ['true'] } },
  ],
};
const STRANGER = 'i-0123456789abcdef0';

/** Nodes with an agent, and `offline` ones without. */
async function nodes({ account, clock }: World, count: number, offline = 0) {
  account.compute.putDocument(DOCUMENT, content);
  const { emr, agents } = account.compute;
  const group = { instanceType: 'm5.xlarge', market: 'ON_DEMAND' } as const;
  const core = { role: 'CORE', ...group, count: count + offline - 1 } as const;
  const cluster = emr.launch({ name: 'etl', groups: [{ role: 'MASTER', ...group, count: 1 }, core] });
  await clock.advance(5000);
  const ids = emr.instances(cluster).flatMap(({ ec2 }): InstanceId[] => (ec2 ? [ec2.id] : []));
  for (const id of ids.slice(0, count)) agents.ping(id, { PlatformType: 'Linux', AgentVersion: '3.3.0.0' });
  return ids;
}

const orderFor = (targets: readonly InstanceId[], changes: Partial<Order> = {}): Order => ({
  id: 'order-1',
  clusterId: 'j-1',
  exporter: 'node',
  action: 'install',
  document: DOCUMENT,
  parameters: { Port: ['9100'] },
  nodes: targets,
  ...changes,
});

async function sent(world: World, order: Order): Promise<CommandId> {
  const [command] = (await world.ports.commands.send(order)).sent;
  if (command === undefined) throw new Error(`${order.id} was not sent`);
  return command.commandId;
}

/** What SSM has, oldest first. */
const sentIn = ({ account }: World) =>
  account.compute.commands
    .commands()
    .map(({ id, nodes: on }) => ({ commandId: id, nodes: on }))
    .toReversed();

type Replied = 'InProgress' | 'Success' | 'Failed';

/** What the agent of `node` replies. */
const reply = ({ account }: World, command: CommandId, node: InstanceId, status: Replied, code = 0, output = '') =>
  account.compute.commands.reply(`aws.ssm.${command}.${node}`, {
    documentStatus: status,
    trace: '',
    steps: status === 'InProgress' ? [] : [{ name: 'install', status, code, output }],
  });

describe.each(FACES)('Commands: %s', (_name, open) => {
  test('120 nodes are asked, those whose agent is online are online, strangers are not and hide nobody', async () => {
    const world = await open();
    const ids = await nodes(world, 118, 2);
    const online = await world.ports.commands.online([...ids.slice(0, 60), STRANGER, ...ids.slice(60)]);
    expect([...online].toSorted()).toEqual(ids.slice(0, 118).toSorted());
  });

  test('an agent that has not been heard of for long is not online', async () => {
    const world = await open();
    const ids = await nodes(world, 1);
    await world.clock.advance(800_000);
    expect(await world.ports.commands.online(ids)).toEqual(new Set());
  });

  test('an order becomes one command on its nodes, with the order id as its comment', async () => {
    const world = await open();
    const ids = await nodes(world, 50);
    const commandId = await sent(world, orderFor(ids));
    expect(world.account.compute.commands.commands()).toMatchObject([
      { id: commandId, document: DOCUMENT, nodes: ids, comment: 'order-1', timeoutSeconds: 300, maxErrors: '100%' },
    ]);
  });

  test('nodes that SSM calls invalid are refused, and the others get their command', async () => {
    const world = await open();
    const ids = await nodes(world, 2, 2);
    const { sent: commands, refused } = await world.ports.commands.send(orderFor([...ids, STRANGER]));
    expect([...refused].toSorted()).toEqual([...ids.slice(2), STRANGER].toSorted());
    expect(world.account.compute.commands.commands()).toMatchObject([{ nodes: ids.slice(0, 2) }]);
    expect(commands).toEqual(sentIn(world));
  });

  test.each([[[0]], [[49]], [[17]], [[3, 31]], [[24, 25, 26]]])(
    'the nodes %j of 50 that look well and that SSM refuses without naming them cost no other node its command',
    async (culprits) => {
      const world = await open();
      const ids = await nodes(world, 50);
      const bad = culprits.flatMap((index) => ids[index] ?? []);
      for (const id of bad) world.account.compute.commands.setInvalid(id, true);
      expect(await world.ports.commands.online(ids)).toEqual(new Set(ids));
      const { sent: commands, refused } = await world.ports.commands.send(orderFor(ids));
      expect([...refused].toSorted()).toEqual(bad.toSorted());
      expect(commands).toEqual(sentIn(world));
      expect(commands.flatMap((command) => command.nodes).toSorted()).toEqual(
        ids.filter((id) => !bad.includes(id)).toSorted(),
      );
      const found = await world.ports.commands.find('order-1', new Date(0));
      expect([...found].toSorted()).toEqual(commands.map(({ commandId }) => commandId).toSorted());
    },
  );

  test('when SSM refuses each of the nodes without naming it, there is no command', async () => {
    const world = await open();
    const ids = await nodes(world, 3);
    for (const id of ids) world.account.compute.commands.setInvalid(id, true);
    expect(await world.ports.commands.send(orderFor(ids))).toEqual({ sent: [], refused: ids });
    expect(sentIn(world)).toEqual([]);
  });

  test('a failure among the halves of an order leaves the later ones unsent, and the earlier ones to be found', async () => {
    const world = await open();
    const ids = await nodes(world, 8);
    world.account.compute.commands.setInvalid(ids[7] ?? 'i-', true);
    world.account.faults.arm({ kind: 'lost' }, { operation: 'SendCommand', skip: 2 });
    await expect(world.ports.commands.send(orderFor(ids))).rejects.toMatchObject({ name: 'UnavailableError' });
    const commands = sentIn(world);
    expect(commands.map((command) => command.nodes)).toEqual([ids.slice(0, 4), ids.slice(4, 6)]);
    const found = await world.ports.commands.find('order-1', new Date(0));
    expect([...found].toSorted()).toEqual(commands.map(({ commandId }) => commandId).toSorted());
  });

  test('when all nodes are refused there is no command', async () => {
    const world = await open();
    const ids = await nodes(world, 1, 1);
    expect(await world.ports.commands.send(orderFor(ids.slice(1)))).toEqual({ sent: [], refused: ids.slice(1) });
    expect(world.account.compute.commands.commands()).toEqual([]);
  });

  test('more than 50 nodes are never sent', async () => {
    const world = await open();
    const ids = await nodes(world, 51);
    await expect(world.ports.commands.send(orderFor(ids))).rejects.toThrow(RangeError);
  });

  test('a document that is gone is for a person to mend', async () => {
    const world = await open();
    const ids = await nodes(world, 1);
    const gone = world.ports.commands.send(orderFor(ids, { document: `${DOCUMENT}-old` }));
    await expect(gone).rejects.toMatchObject({ name: 'ConfigError', retryable: false });
  });

  test('an order whose answer was lost is sent once, and found by its id', async () => {
    const world = await open();
    const ids = await nodes(world, 1);
    const before = world.clock.now();
    await world.clock.advance(1000);
    world.account.faults.arm({ kind: 'lost' }, { operation: 'SendCommand' });
    await expect(sent(world, orderFor(ids))).rejects.toMatchObject({ name: 'UnavailableError', retryable: true });
    const [command, ...others] = world.account.compute.commands.commands();
    expect(others).toEqual([]);
    expect(await world.ports.commands.find('order-1', before)).toEqual([command?.id]);
  });

  test('an order is found among a hundred others, not before it was sent, and no other one by its like', async () => {
    const world = await open();
    const ids = await nodes(world, 1);
    const before = world.clock.now();
    await world.clock.advance(1000);
    const commandId = await sent(world, orderFor(ids, { id: 'order-0' }));
    for (let n = 10; n < 110; n += 1) await world.ports.commands.send(orderFor(ids, { id: `order-${n}` }));
    expect(await world.ports.commands.find('order-0', before)).toEqual([commandId]);
    expect(await world.ports.commands.find('order-1', before)).toEqual([]);
    await world.clock.advance(2000);
    expect(await world.ports.commands.find('order-0', world.clock.now())).toEqual([]);
  });

  test('results say of each node how far it is', async () => {
    const world = await open();
    const ids = await nodes(world, 4);
    const commandId = await sent(world, orderFor(ids));
    const [pending = 'i-', busy = 'i-', done = 'i-', failed = 'i-'] = ids;
    reply(world, commandId, busy, 'InProgress');
    reply(world, commandId, done, 'Success', 0, 'PROMETHEUS_ON_EMR {}');
    reply(world, commandId, failed, 'Failed', 75, 'later');
    const common = { commandId, orderId: 'order-1' };
    expect(
      [...(await world.ports.commands.results(commandId))].toSorted(
        (a, b) => ids.indexOf(a.node) - ids.indexOf(b.node),
      ),
    ).toEqual([
      { ...common, node: pending, status: 'Pending', output: '' },
      { ...common, node: busy, status: 'InProgress', output: '' },
      { ...common, node: done, status: 'Success', exitCode: 0, output: 'PROMETHEUS_ON_EMR {}' },
      { ...common, node: failed, status: 'Failed', exitCode: 75, output: 'later' },
    ]);
  });

  test('a command that no agent fetched in time was never delivered, and has no exit code', async () => {
    const world = await open();
    const ids = await nodes(world, 1);
    const commandId = await sent(world, orderFor(ids));
    await world.clock.advance(901_000);
    const [result] = await world.ports.commands.results(commandId);
    expect(result).toMatchObject({ status: 'DeliveryTimedOut' });
    expect(result).not.toHaveProperty('exitCode');
  });

  test('a command sent by hand belongs to no order', async () => {
    const world = await open();
    const ids = await nodes(world, 1);
    const limits = { timeoutSeconds: 300, maxErrors: '0', maxConcurrency: '50' };
    const byHand = { document: DOCUMENT, nodes: ids, parameters: { Port: ['9100'] }, comment: 'by hand', ...limits };
    const { id } = world.account.compute.commands.send(byHand);
    expect((await world.ports.commands.results(id))[0]?.orderId).toBeUndefined();
  });

  test('a command that SSM does not know has no results', async () => {
    const world = await open();
    expect(await world.ports.commands.results('00000000-0000-4000-8000-000000000000')).toEqual([]);
  });

  test.each(['online', 'find', 'results'] as const)('%s never answers in part: throttling fails it', async (method) => {
    const world = await open();
    const ids = await nodes(world, 1);
    const commandId = await sent(world, orderFor(ids));
    world.account.faults.arm({ kind: 'error', status: 400, code: 'ThrottlingException' }, { times: 9 });
    const { commands } = world.ports;
    const calls = {
      online: () => commands.online(ids),
      find: () => commands.find('order-1', new Date(0)),
      results: () => commands.results(commandId),
    };
    await expect(calls[method]()).rejects.toMatchObject({ name: 'UnavailableError' });
  });
});
