import { describe, expect, test } from 'vitest';
import { UnavailableError } from '../../shared/core/errors.ts';
import type { App } from '../../shared/ports.ts';
import { deliver, emrCalls, MINUTE, sample, SECOND, world } from '../fakes/world.ts';

const INVOCATION = 'EC2 Command Invocation Status-change Notification';

const empty = ({ budget, ...app }: App): App => ({ ...app, budget: { ...budget, wait: () => 30 * SECOND } });

describe('an EMR doorbell that our share of EMR’s quotas has no room for', () => {
  test('asks EMR nothing, fails no message, and is rung again when there is room', async () => {
    const { callsOf, container, launch, meters, rung, lines } = world();
    const id = await launch();
    const failed: string[] = [];
    const calls = await callsOf(async () => {
      failed.push(...(await deliver([sample('emr-cluster-running', { clusterId: id })], empty(container()))));
    });
    expect([emrCalls(calls), failed]).toEqual([0, []]);
    expect(rung).toEqual([{ id, delaySeconds: 30 }]);
    expect([meters.get('DoorbellsPutOff'), lines]).toEqual([1, []]);
  });

  test('is one of several that come back one after the other, and not all at once', async () => {
    const { container, launch, rung } = world();
    const ids = [await launch(), await launch(), await launch()];
    await deliver(
      ids.map((clusterId) => ({ clusterId })),
      empty(container()),
    );
    expect(rung.map(({ delaySeconds }) => delaySeconds)).toEqual([30, 60, 90]);
    expect(new Set(rung.map(({ id }) => id))).toEqual(new Set(ids));
  });

  test('never waits longer than SQS can delay a message', async () => {
    const { container, launch, rung } = world();
    const ids = [await launch(), await launch()];
    const { budget, ...app } = container();
    const dry = { ...app, budget: { ...budget, wait: () => 10 * MINUTE } };
    await deliver(
      ids.map((clusterId) => ({ clusterId })),
      dry,
    );
    expect(rung.map(({ delaySeconds }) => delaySeconds)).toEqual([600, 900]);
  });

  test('lets the results that came with it be taken in meanwhile', async () => {
    const { clock, container, events, launch, nodes, rung, sweep, targets, work } = world();
    const id = await launch();
    await sweep();
    await clock.advance(2 * SECOND);
    const result = events.findLast((event) => event['detail-type'] === INVOCATION);
    await deliver([{ clusterId: id }, result], empty(container()));
    expect(rung).toEqual([{ id, delaySeconds: 30 }]);
    expect(await work(id, nodes(id)[0] ?? 'i-')).toBeUndefined();
    expect(await targets(id)).toHaveLength(1);
  });

  test('gives its messages back to the queue when SQS does not take it, and no other', async () => {
    const { container, launch, lines, record } = world();
    const [id, other] = [await launch(), await launch()];
    const { budget, ...app } = container();
    const broken = {
      ...app,
      budget: { ...budget, waitForLook: (one: string) => (one === id ? SECOND : 0) },
      doorbells: { ring: () => Promise.reject(new UnavailableError('503')) },
    };
    const messages = [{ clusterId: other }, { clusterId: id }, sample('emr-cluster-running', { clusterId: id })];
    expect(await deliver(messages, broken)).toEqual(['m1', 'm2']);
    expect([(await record(other))?.clusterId, await record(id)]).toEqual([other, undefined]);
    expect(lines.filter(({ level }) => level === 'error')).toMatchObject([
      { message: 'doorbell not put off', fields: { clusterId: id } },
    ]);
  });
});

test('the fourth look at a cluster in a row is put off for 20 s, and that at another cluster is not', async () => {
  const { callsOf, clock, container, launch, rung, sweepFor } = world({ hasBudget: true });
  const [id, other] = [await launch(), await launch()];
  await sweepFor(5 * MINUTE);
  const { budget, ...rest } = container();
  const app = { ...rest, budget: { ...budget, wait: () => 0 } };
  const look = (one: string) => callsOf(() => deliver([{ clusterId: one }], app));
  for (let n = 0; n < 3; n += 1) expect(await look(id)).toMatchObject({ DescribeCluster: 1 });
  expect([await look(id), rung]).toEqual([
    expect.not.objectContaining({ DescribeCluster: 1 }),
    [{ id, delaySeconds: 20 }],
  ]);
  expect(await look(other)).toMatchObject({ DescribeCluster: 1 });
  await clock.advance(20 * SECOND);
  expect(await look(id)).toMatchObject({ DescribeCluster: 1 });
  expect(rung).toHaveLength(1);
});
