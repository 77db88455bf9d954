import { describe, expect, test } from 'vitest';
import { backfill } from '../../functions/backfill.ts';
import type { ClusterId } from '../../shared/core/model.ts';
import { renderRecord } from '../../shared/core/record.ts';
import type { App } from '../../shared/ports.ts';
import { aNode, aRecord, ago, nodeExporter, someWork } from '../core/sample-record.ts';
import { deliver, MINUTE, SECOND, type Options } from '../fakes/world.ts';
import { backfillWorld } from './backfill-world.ts';

describe('force', () => {
  async function stuck(options: Options = {}) {
    const it = backfillWorld(options);
    const id = await it.launch();
    const [node] = it.nodes(id);
    if (node === undefined) throw new Error('no node');
    const write = (work: Parameters<typeof someWork>[0], exporters = {}) =>
      it.s3.put(it.bucket, `clusters/${id}.json`, {
        body: renderRecord(
          aRecord({
            clusterId: id,
            state: 'WAITING',
            tags: { Project: 'Etl' },
            observedAt: it.clock.now().toISOString(),
            nodes: { [node]: aNode({ exporters: { node: { work: someWork(work) }, ...exporters } }) },
          }),
        ),
      });
    return { ...it, id, node, write };
  }
  const given = { phase: 'gaveUp', attempt: 6, deferrals: 2, reason: 'disk full', at: ago(5 * SECOND) } as const;

  test('begins given-up work anew, says what, and the planner orders it', async () => {
    const { app, write, work, id, node } = await stuck();
    write(given);
    const report = await backfill({ clusterIds: [id], force: true }, app);
    expect(report).toMatchObject({
      clusters: [
        {
          reset: [{ node, exporter: 'node', phase: 'gaveUp', reason: 'disk full' }],
          decisions: [{ kind: 'install', node }],
        },
      ],
      rung: [id],
    });
    expect(await work(id, node)).toMatchObject({ phase: 'waiting', attempt: 0, deferrals: 1, reason: 'forced' });
  });

  test('with dryRun says the same and touches nothing', async () => {
    const { app, write, work, id, node, rung } = await stuck();
    write(given);
    const report = await backfill({ force: true, dryRun: true }, app);
    expect(report.clusters).toMatchObject([{ reset: [{ phase: 'gaveUp' }], decisions: [{ kind: 'install' }] }]);
    expect(await work(id, node)).toMatchObject(given);
    expect(rung).toEqual([]);
  });

  test.each(['failed', 'conflict', 'unsupported', 'waiting'] as const)('begins %s anew', async (phase) => {
    const { app, write, work, id, node } = await stuck();
    write({ ...given, phase, attempt: 2 });
    await backfill({ force: true }, app);
    expect(await work(id, node)).toMatchObject({ phase: 'waiting', attempt: 0, deferrals: 1 });
  });

  test('what begins anew is due at once: the rung consumer orders it', async () => {
    const { app, consumer, write, work, id, node } = await stuck();
    write({ ...given, phase: 'waiting', attempt: 0, deferrals: 6 });
    expect(await deliver([{ clusterId: id }], consumer())).toEqual([]);
    expect(await work(id, node)).toMatchObject({ phase: 'waiting' });
    await backfill({ force: true }, app);
    expect(await deliver([{ clusterId: id }], consumer())).toEqual([]);
    expect(await work(id, node)).toMatchObject({ phase: 'installing', attempt: 0 });
  });

  test.each([
    { had: 'was tried', attempt: 6, deferrals: 0, action: 'order' },
    { had: 'was put off', attempt: 0, deferrals: 2, action: 'order' },
    { had: 'never ran', attempt: 0, deferrals: 0, action: 'drop' },
  ])('of what is deselected next, what $had ends in: $action', async ({ attempt, deferrals, action }) => {
    const { app, account, consumer, write, work, decisions, id, node } = await stuck();
    write({ ...given, phase: 'conflict', attempt, deferrals });
    await backfill({ force: true }, app);
    const selection = { tags: { Project: ['Other'] } };
    await deliver([{ clusterId: id }], consumer({ settings: { ...app.settings, selection, hash: 'config-2' } }));
    const [removal] = account.commands.commands();
    const document = action === 'order' ? app.documents['node']?.remove : undefined;
    expect([decisions(), removal?.document]).toEqual([[action], document]);
    expect((await work(id, node))?.action).toBe(action === 'order' ? 'remove' : undefined);
  });

  test.each([
    { phase: 'ordered', orderId: 'order-9' },
    { phase: 'installing', orderId: 'order-9' },
    { phase: 'removing', orderId: 'order-9' },
    { phase: 'pendingRestart' },
    { phase: 'waiting', deferrals: 0 },
  ] as const)('leaves $phase alone', async (changes) => {
    const { app, write, work, id, node } = await stuck();
    write({ ...given, attempt: 2, ...changes });
    const report = await backfill({ force: true }, app);
    expect(report.clusters).toMatchObject([{ reset: [] }]);
    expect(await work(id, node)).toMatchObject({ attempt: 2, ...changes });
  });

  test('is limited to the exporters that are named, and so is the report', async () => {
    const second = { ...nodeExporter, name: 'second' };
    const { app, write, record, id, node } = await stuck({ settings: { exporters: [nodeExporter, second] } });
    write(given, { second: { work: someWork(given) } });
    const report = await backfill({ force: true, exporters: ['second'] }, app);
    expect(report.clusters).toMatchObject([{ reset: [{ exporter: 'second' }], decisions: [{ exporter: 'second' }] }]);
    const after = (await record(id))?.nodes[node]?.exporters;
    expect([after?.['node']?.work?.phase, after?.['second']?.work?.phase]).toEqual(['gaveUp', 'waiting']);
  });

  test('that loses a race reads again: an order given meanwhile is left alone, what is still stuck begins anew', async () => {
    const { container, app: other, write, work, id, node } = await stuck();
    write(given);
    let races = 0;
    const app = container({
      records: {
        ...other.records,
        save: async (value, etag) => {
          races += 1;
          if (races === 1) write({ ...given, phase: 'ordered', orderId: 'order-7' });
          return await other.records.save(value, etag);
        },
      },
    });
    await backfill({ force: true }, app);
    expect(await work(id, node)).toMatchObject({ phase: 'ordered', orderId: 'order-7', attempt: 6 });
  });

  test('that loses five races in a row is told as an error of that cluster, which is not rung', async () => {
    const { container, app: other, write, id, rung, meters } = await stuck();
    write(given);
    let sequence = 1;
    const app = container({
      records: {
        ...other.records,
        save: async (value, etag) => {
          write({ ...given, reason: `race ${(sequence += 1)}` });
          return await other.records.save(value, etag);
        },
      },
    });
    const { clusters } = await backfill({ force: true }, app);
    expect(clusters).toMatchObject([{ clusterId: id, error: expect.stringContaining('PreconditionFailed') }]);
    expect([sequence, rung]).toEqual([6, []]);
    expect(meters.get('RacesLost')).toBe(5);
  });

  test('stops 280 s after the start: what it did not get to is as it was, not rung, and remains', async () => {
    const it = backfillWorld();
    const ids = [await it.launch(), await it.launch(), await it.launch()].toSorted();
    const [first, second, third] = ids as [ClusterId, ClusterId, ClusterId];
    it.install(() => ({ exitCode: 1, stdout: '', stderr: 'disk full' }));
    await it.sweepFor(2 * MINUTE);
    const save: App['records']['save'] = async (value, etag) => {
      await it.clock.advance(150 * SECOND);
      return await it.app.records.save(value, etag);
    };
    const app = it.container({ records: { ...it.app.records, save } });
    const before = await it.record(third);
    const report = await backfill({ force: true, clusterIds: ids }, app);
    expect(report).toMatchObject({
      clusters: [{ clusterId: first }, { clusterId: second }],
      rung: [first, second],
      remaining: [third],
    });
    expect(it.rung).toEqual([first, second]);
    expect(await it.record(third)).toEqual(before);
  });
});
