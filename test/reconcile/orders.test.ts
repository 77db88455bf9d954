import { describe, expect, test } from 'vitest';
import { reconcile } from '../../shared/reconcile.ts';
import { NO_HINTS } from '../../shared/look.ts';
import { deliver, INSTALLED, MINUTE, sample, SECOND, world, type World } from '../fakes/world.ts';

/** The minutes since the first order at which orders were sent. */
function orderMinutes({ account }: World): readonly number[] {
  const times = account.commands
    .commands()
    .map(({ requestedAt }) => requestedAt.getTime())
    .toReversed();
  return times.map((time) => Math.floor((time - (times[0] ?? 0)) / MINUTE));
}

async function launched(options?: Parameters<typeof world>[0]) {
  const here = world(options);
  const id = await here.launch();
  const [node = 'i-'] = here.nodes(id);
  return { ...here, id, node };
}

const failing = { exitCode: 1, stdout: '', stderr: 'no space left' };
const deferring = {
  exitCode: 75,
  stdout: 'PROMETHEUS_ON_EMR {"exporter":"node","outcome":"failed","reason":"HTTP 403"}\n',
};

describe('an order', () => {
  test('carries its id as comment, the fixed parameters and a URL for each architecture', async () => {
    const { account, sweep, nodes, id } = await launched();
    await sweep();
    expect(account.commands.commands()).toMatchObject([
      {
        document: 'prometheus-on-emr-test_node-install-0123456789ab',
        nodes: nodes(id),
        comment: 'order-1',
        maxErrors: '100%',
        parameters: {
          Port: ['9100'],
          Adopt: ['false'],
          UrlAmd64: ['https://prometheus-on-emr-test.s3.test/artifacts/node/amd64'],
          UrlArm64: ['https://prometheus-on-emr-test.s3.test/artifacts/node/arm64'],
        },
      },
    ]);
  });

  test('goes to at most 50 nodes', async () => {
    const { account, launch, sweep, targets, sweepFor } = world();
    const id = await launch({
      groups: [
        { role: 'MASTER', instanceType: 'm5.xlarge', market: 'ON_DEMAND', count: 1 },
        { role: 'CORE', instanceType: 'm5.xlarge', market: 'SPOT', count: 100 },
      ],
    });
    await sweep();
    expect(account.commands.commands().map(({ nodes }) => nodes.length)).toEqual([1, 50, 50]);
    await sweepFor(MINUTE);
    expect(await targets(id)).toHaveLength(101);
  });

  test('is saved in the record before it is sent', async () => {
    const { app, container, record, id, node } = await launched();
    let claimed: unknown;
    const watching = container({
      commands: {
        ...app.commands,
        send: async (order) => {
          claimed = (await record(id))?.nodes[node]?.exporters['node']?.work;
          return await app.commands.send(order);
        },
      },
    });
    await reconcile(id, NO_HINTS, watching);
    expect(claimed).toMatchObject({ phase: 'ordered', orderId: 'order-1', version: '1.12.1', attempt: 0 });
    expect(claimed).not.toHaveProperty('commandId');
  });

  test('is not sent under a claim that is a minute old', async () => {
    const { app, account, clock, container, sweepFor, targets, id } = await launched();
    const slow = container({
      records: {
        ...app.records,
        save: async (record, etag) => {
          await clock.advance(MINUTE);
          return await app.records.save(record, etag);
        },
      },
    });
    await reconcile(id, NO_HINTS, slow);
    expect(account.commands.commands()).toEqual([]);
    await sweepFor(4 * MINUTE);
    expect(await targets(id)).toHaveLength(1);
  });

  test('that SSM refuses for a node waits a minute without spending an attempt', async () => {
    const { app, container, account, lines, sweepFor, work, targets, id, node } = await launched();
    const refusing = container({
      commands: { ...app.commands, send: async ({ nodes }) => ({ sent: [], refused: nodes }) },
    });
    await reconcile(id, NO_HINTS, refusing);
    expect(await work(id, node)).toMatchObject({
      phase: 'waiting',
      attempt: 0,
      deferrals: 1,
      reason: 'SSM calls the instance invalid',
    });
    expect(lines.map(({ message }) => message)).not.toContain('order sent');
    await sweepFor(2 * MINUTE);
    expect([account.commands.commands().length, (await targets(id))?.length]).toEqual([1, 1]);
  });
});

describe('a result', () => {
  test('that is faster than our own save of the command id counts', async () => {
    const { app, account, clock, container, events, work, targets, id, node } = await launched();
    const other = container();
    const slow = container({
      commands: {
        ...app.commands,
        send: async (order) => {
          const answer = await app.commands.send(order);
          await clock.advance(2 * SECOND);
          await deliver(
            [events.findLast((event) => event['detail-type'] === 'EC2 Command Invocation Status-change Notification')],
            other,
          );
          return answer;
        },
      },
    });
    await reconcile(id, NO_HINTS, slow);
    expect(await work(id, node)).toBeUndefined();
    expect(await targets(id)).toHaveLength(1);
    expect(account.commands.commands()).toHaveLength(1);
  });

  test('that never rings is asked for after 45 seconds', async () => {
    const { clock, sweep, work, targets, id, node } = await launched();
    await sweep();
    await clock.advance(44 * SECOND);
    await sweep();
    expect(await work(id, node)).toMatchObject({ phase: 'installing' });
    await clock.advance(SECOND);
    await sweep();
    expect(await work(id, node)).toBeUndefined();
    expect(await targets(id)).toHaveLength(1);
  });

  test('that came while nobody looked for an hour is asked for, and nothing is ordered again', async () => {
    const { account, clock, sweep, targets, id } = await launched();
    await sweep();
    await clock.advance(60 * MINUTE);
    await sweep();
    expect(await targets(id)).toHaveLength(1);
    expect(account.commands.commands()).toHaveLength(1);
  });

  test('of a command of somebody else changes nothing', async () => {
    const { sweep, deliver: ring, work, id, node } = await launched();
    await sweep();
    const before = await work(id, node);
    const foreign = { 'instance-id': node, 'command-id': '00000000-0000-4000-8000-000000000000' };
    expect(await ring(sample('ssm-command-invocation-success', foreign))).toEqual([]);
    expect(await work(id, node)).toEqual(before);
  });
});

describe('an install that fails', () => {
  test('is ordered again after 1, 2, 4, 8 and 16 minutes, given up at the sixth failure, and says why', async () => {
    const here = await launched();
    here.install(() => failing);
    await here.sweep();
    await here.sweepFor(120 * MINUTE);
    // The minute between an order and the next is the one in which its result is asked for.
    expect(orderMinutes(here)).toEqual([0, 2, 5, 10, 19, 36]);
    expect(await here.work(here.id, here.node)).toMatchObject({ phase: 'gaveUp', attempt: 6 });
    expect((await here.work(here.id, here.node))?.reason).toContain('no space left');
    expect(await here.targets(here.id)).toBeUndefined();
  });

  test('starts over with another revision', async () => {
    const here = await launched();
    here.install(() => failing);
    await here.sweepFor(120 * MINUTE);
    here.install(INSTALLED);
    const { settings } = here.app;
    const exporters = settings.exporters.map((exporter) => ({ ...exporter, revision: 'r3' }));
    const next = here.container({ settings: { ...settings, hash: 'config-2', exporters } });
    await reconcile(here.id, NO_HINTS, next);
    await here.clock.advance(MINUTE);
    await reconcile(here.id, NO_HINTS, next);
    expect(await here.targets(here.id)).toHaveLength(1);
  });
});

test('an install that says "try again" (75) is ordered again with a delay doubling to an hour, and never counts as failed', async () => {
  const here = await launched();
  here.install(() => deferring);
  await here.sweep();
  await here.sweepFor(200 * MINUTE);
  expect(orderMinutes(here)).toEqual([0, 2, 5, 10, 19, 36, 69, 130, 191]);
  expect(await here.work(here.id, here.node)).toMatchObject({ attempt: 0, reason: 'HTTP 403' });
});

test('an install that never ends is ordered again once its lease of 16 minutes is over, and no attempt is spent', async () => {
  const here = await launched();
  here.install(() => undefined);
  await here.sweep();
  await here.sweepFor(20 * MINUTE);
  expect(await here.work(here.id, here.node)).toMatchObject({ attempt: 0, deferrals: 1 });
  const [, again = 0, ...more] = orderMinutes(here);
  // What is asked in vain is asked more seldom: the end of the lease is noticed up to four minutes late.
  expect([again >= 16 && again <= 20, more]).toEqual([true, []]);
});

test('an order that SSM knows nothing of any more is ordered again when its lease of 16 minutes is over', async () => {
  const here = await launched();
  const { app, container, clock, id } = here;
  const forgetful = container({ commands: { ...app.commands, results: async () => [] } });
  for (let minute = 0; minute <= 17; minute += 1) {
    await reconcile(id, NO_HINTS, forgetful);
    await clock.advance(MINUTE);
  }
  expect(orderMinutes(here)).toEqual([0, 16]);
  expect(await here.work(id, here.node)).toMatchObject({ attempt: 0, deferrals: 1 });
});

test('a port that is taken is a conflict, left alone for an hour', async () => {
  const here = await launched();
  here.install(() => ({
    exitCode: 0,
    stdout: 'PROMETHEUS_ON_EMR {"exporter":"node","outcome":"conflict","reason":"taken"}\n',
  }));
  await here.sweep();
  await here.sweepFor(90 * MINUTE);
  expect(await here.work(here.id, here.node)).toMatchObject({ phase: 'conflict', reason: 'taken' });
  expect(orderMinutes(here)).toEqual([0, 61]);
});

describe('a Lambda that dies', () => {
  const died = new Error('killed');

  test('between claim and send: the order is looked for after two minutes, and ordered again', async () => {
    const here = await launched();
    const { app, container, sweepFor, targets, id } = here;
    const dying = container({ commands: { ...app.commands, send: () => Promise.reject(died) } });
    await expect(reconcile(id, NO_HINTS, dying)).rejects.toThrow('killed');
    await sweepFor(MINUTE);
    expect(orderMinutes(here)).toEqual([]);
    await sweepFor(MINUTE);
    expect(orderMinutes(here)).toEqual([0]);
    expect(here.account.commands.commands()[0]?.comment).toBe('order-2');
    await sweepFor(MINUTE);
    expect(await targets(id)).toHaveLength(1);
  });

  test('between send and save: the command is found by its order id, and not sent twice', async () => {
    const here = await launched();
    const { app, account, container, sweepFor, targets, id } = here;
    const dying = container({
      commands: {
        ...app.commands,
        send: async (order) => Promise.reject(await app.commands.send(order).then(() => died)),
      },
    });
    await expect(reconcile(id, NO_HINTS, dying)).rejects.toThrow('killed');
    await sweepFor(10 * MINUTE);
    expect(account.commands.commands()).toHaveLength(1);
    expect(await targets(id)).toHaveLength(1);
  });
});

test('while SSM refuses orders, what is known is published all the same', async () => {
  const { account, faults, launch, sweepFor, sweep, clock, nodes, targets } = world();
  const group = { role: 'CORE', instanceType: 'm5.xlarge', market: 'SPOT' } as const;
  const id = await launch({
    groups: [
      { ...group, role: 'MASTER', count: 1 },
      { ...group, count: 2 },
    ],
  });
  await sweepFor(2 * MINUTE);
  const lost = nodes(id)[1] ?? 'i-';
  account.emr.replaceNode(lost);
  await clock.advance(20 * SECOND);
  faults.arm({ kind: 'error', status: 400, code: 'InvalidDocument' }, { operation: 'SendCommand', times: 100 });
  await expect(sweep()).rejects.toThrow('1 of 1 clusters failed');
  expect((await targets(id))?.map(({ labels }) => labels['instance'])).not.toContain(lost);
});
