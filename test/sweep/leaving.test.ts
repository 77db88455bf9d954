import { describe, expect, test } from 'vitest';
import { sweep as sweepOnce } from '../../functions/sweep.ts';
import type { NodeCommand, NodeResult } from '../../sandbox/account/scripted-nodes.ts';
import { nodeExporter } from '../core/sample-record.ts';
import { INSTALLED, MINUTE, world } from '../fakes/world.ts';

const watchesEtl = { selection: { tags: { Project: ['Etl'] } } };
const CORES = {
  groups: [
    { role: 'MASTER', instanceType: 'm5.xlarge', market: 'ON_DEMAND', count: 1 },
    { role: 'CORE', instanceType: 'm5.xlarge', market: 'SPOT', count: 1 },
  ],
} as const;
const isRemoval = ({ document }: NodeCommand): boolean => document.includes('uninstall');

/** A watched cluster of two nodes, each with its exporter; what a removal comes to, when it is not simply done. */
async function settled(removal?: (command: NodeCommand) => NodeResult | undefined) {
  const here = world({ settings: watchesEtl });
  const { account, install } = here;
  install((command) => (removal !== undefined && isRemoval(command) ? removal(command) : INSTALLED(command)));
  const id = await here.launch(CORES);
  await here.sweepFor(3 * MINUTE);
  expect(await here.targets(id)).toHaveLength(2);
  return {
    ...here,
    id,
    deselect: () => account.emr.tag(id, { Project: 'Ml' }),
    select: () => account.emr.tag(id, { Project: 'Etl' }),
    /** When removals were sent, in minutes since the first. */
    removals: (): readonly number[] => {
      const sent = account.commands.commands().filter(({ document }) => document.includes('uninstall'));
      const times = sent.map(({ requestedAt }) => requestedAt.getTime()).toReversed();
      return times.map((time) => Math.round((time - (times[0] ?? 0)) / MINUTE));
    },
  };
}

describe('a cluster that is deselected', () => {
  test('is uninstalled, its nodes are forgotten, and its target file is empty until it ends', async () => {
    const { account, deselect, id, keys, record, removals, sweepFor, targets } = await settled();
    deselect();
    await sweepFor(3 * MINUTE);
    expect(removals()).toEqual([0]);
    expect(await record(id)).toMatchObject({ selected: false, nodes: {} });
    expect(await targets(id)).toEqual([]);
    account.emr.terminate(id);
    await sweepFor(MINUTE);
    expect(keys()).toEqual([`ended/${id}.json`]);
  });

  test('has no endpoint in its target file any more when the removal is sent', async () => {
    const { clock, deselect, id, sweeper, targets } = await settled();
    deselect();
    await clock.advance(MINUTE);
    const listed: unknown[] = [];
    const { commands } = sweeper;
    const send: typeof commands.send = async (order) => {
      listed.push([order.action, order.parameters, await targets(id)]);
      return await commands.send(order);
    };
    await sweepOnce({}, { ...sweeper, commands: { ...commands, send } });
    expect(listed).toEqual([['remove', {}, []]]);
  });

  test('costs nothing once it is uninstalled', async () => {
    const { callsOf, deselect, sweepFor } = await settled();
    deselect();
    await sweepFor(5 * MINUTE);
    const calls = await callsOf(() => sweepFor(60 * MINUTE));
    expect(Object.keys(calls).toSorted()).toEqual(['DescribeInstances', 'DescribeTags', 'ListObjectsV2']);
  });

  test('is not told to uninstall before the order under way has ended', async () => {
    const { deselect, id, install, account, removals, select, sweepFor, work, nodes } = await settled();
    install((command) => ({ ...INSTALLED(command), runMs: 6 * MINUTE }));
    select();
    account.emr.resize(account.emr.groups(id)[1]?.id ?? 'ig-', 2);
    await sweepFor(2 * MINUTE);
    const joined = nodes(id)[2] ?? 'i-';
    expect(await work(id, joined)).toMatchObject({ action: 'install', phase: 'installing' });
    deselect();
    await sweepFor(3 * MINUTE);
    expect(await work(id, joined)).toMatchObject({ action: 'install', phase: 'installing' });
    const [latest] = account.commands.commands();
    expect([removals(), latest?.nodes.includes(joined)]).toEqual([[0], false]);
    await sweepFor(10 * MINUTE);
    expect(account.commands.commands()[0]).toMatchObject({
      nodes: [joined],
      document: expect.stringContaining('uninstall'),
    });
  });

  test('that is selected again while it is uninstalled gets its exporters back afterwards', async () => {
    const { account, deselect, id, record, removals, select, sweepFor, targets } = await settled((command) => ({
      ...INSTALLED(command),
      runMs: 4 * MINUTE,
    }));
    deselect();
    await sweepFor(2 * MINUTE);
    expect(await targets(id)).toEqual([]);
    select();
    await sweepFor(2 * MINUTE);
    expect([removals().length, account.commands.commands().length]).toEqual([1, 2]);
    await sweepFor(6 * MINUTE);
    expect(await targets(id)).toHaveLength(2);
    expect(await record(id)).toMatchObject({ selected: true });
  });

  test('that ends meanwhile leaves nothing but ended/', async () => {
    const { account, deselect, id, keys, sweepFor } = await settled(() => undefined);
    deselect();
    await sweepFor(2 * MINUTE);
    account.emr.terminate(id);
    await sweepFor(MINUTE);
    expect(keys()).toEqual([`ended/${id}.json`]);
  });
});

test('a removal that fails is ordered again after 1, 2, 4, 8 and 16 minutes and given up at the sixth failure', async () => {
  const { deselect, id, nodes, removals, sweepFor, targets, work } = await settled(() => ({
    exitCode: 1,
    stdout: '',
    stderr: 'unit is busy',
  }));
  deselect();
  await sweepFor(180 * MINUTE);
  // The minute between an order and the next is the one in which its result is asked for.
  expect(removals()).toEqual([0, 2, 5, 10, 19, 36]);
  const given = await work(id, nodes(id)[0] ?? 'i-');
  expect(given).toMatchObject({ action: 'remove', phase: 'gaveUp', attempt: 6 });
  expect(given?.reason).toContain('unit is busy');
  expect(await targets(id)).toEqual([]);
});

test('somebody else’s exporter that was adopted is forgotten, and nothing is uninstalled', async () => {
  const here = world({ settings: watchesEtl });
  const report = { exporter: 'node', outcome: 'installed', adopted: true, endpoints: [{ port: 9100, labels: {} }] };
  here.install(() => ({ exitCode: 0, stdout: `PROMETHEUS_ON_EMR ${JSON.stringify(report)}\n` }));
  const id = await here.launch();
  await here.sweepFor(2 * MINUTE);
  expect(await here.targets(id)).toHaveLength(1);
  here.account.emr.tag(id, { Project: 'Ml' });
  await here.sweepFor(2 * MINUTE);
  expect(await here.targets(id)).toEqual([]);
  expect((await here.record(id))?.nodes).toEqual({});
  expect(here.account.commands.commands()).toHaveLength(1);
});

describe('an exporter that is switched off', () => {
  const off = { ...watchesEtl, exporters: [{ ...nodeExporter, roles: [] }] };

  test('is uninstalled from every node, and comes back when it is switched on', async () => {
    const { deploy, id, record, removals, sweepFor, targets } = await settled();
    await sweepFor(3 * MINUTE, deploy(off));
    expect([removals(), await targets(id)]).toEqual([[0], []]);
    expect(Object.values((await record(id))?.nodes ?? {}).map(({ exporters }) => exporters)).toEqual([{}, {}]);
    await sweepFor(3 * MINUTE, deploy({ hash: 'on again' }));
    expect(await targets(id)).toHaveLength(2);
  });

  test('on some roles only is uninstalled there, and stays on the others', async () => {
    const { deploy, id, sweepFor, targets } = await settled();
    await sweepFor(3 * MINUTE, deploy({ ...off, exporters: [{ ...nodeExporter, roles: ['MASTER'] }] }));
    expect((await targets(id))?.map(({ labels }) => labels['cluster_role'])).toEqual(['MASTER']);
  });
});
