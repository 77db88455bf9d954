import { describe, expect, test } from 'vitest';
import type { Policies } from '../../shared/core/settings.ts';
import { nodeExporter } from '../core/sample-record.ts';
import { deliver, MINUTE, SECOND, world, type World } from '../fakes/world.ts';

const NONE: Policies = { dryRun: false, pauseInstalls: false, limitDeletes: { share: 1 } };
const CORES = {
  groups: [
    { role: 'MASTER', instanceType: 'm5.xlarge', market: 'ON_DEMAND', count: 1 },
    { role: 'CORE', instanceType: 'm5.xlarge', market: 'SPOT', count: 2 },
  ],
} as const;

const refusals = ({ lines }: World) =>
  lines.flatMap(({ message, fields }) => (message === 'refused by policy' ? [fields] : []));

/** A cluster of three nodes with their exporters, and another monitoring.yml with these policies. */
async function settled(policies: Partial<Policies>) {
  const here = world();
  const id = await here.launch(CORES);
  await here.sweepFor(3 * MINUTE);
  const strict = here.deploy({ policies: { ...NONE, ...policies } });
  const lifted = () => here.deploy({ hash: 'lifted' });
  return { ...here, id, strict, lifted, refused: () => refusals(here) };
}

describe('dryRun', () => {
  test('orders nothing, says so once for each node however many sweeps and doorbells come, and orders when it is lifted', async () => {
    const here = world({ settings: { policies: { ...NONE, dryRun: true } } });
    const { account, app, deploy, launch, meters, sweepFor, targets } = here;
    const id = await launch(CORES);
    await sweepFor(60 * MINUTE);
    await deliver([{ clusterId: id }], app);
    expect(refusals(here)).toMatchObject(
      Array.from({ length: 3 }, () => ({ clusterId: id, action: 'order', exporter: 'node', policy: 'dryRun' })),
    );
    expect([meters.get('ActionsRefused'), account.commands.commands()]).toEqual([3, []]);
    await sweepFor(2 * MINUTE, deploy({ policies: NONE }));
    expect(await targets(id)).toHaveLength(3);
  });

  test('says so once for each node of an exporter that would be taken off, and takes it off when it is lifted', async () => {
    const { account, deploy, id, refused, sweepFor, targets } = await settled({});
    const exporters = [{ ...nodeExporter, roles: [] }];
    const before = account.commands.commands().length;
    await sweepFor(30 * MINUTE, deploy({ policies: { ...NONE, dryRun: true }, exporters }));
    expect(refused()).toMatchObject(
      Array.from({ length: 3 }, () => ({ clusterId: id, action: 'order', exporter: 'node', policy: 'dryRun' })),
    );
    expect([account.commands.commands().length, await targets(id)]).toEqual([
      before,
      expect.objectContaining({ length: 3 }),
    ]);
    await sweepFor(5 * MINUTE, deploy({ policies: NONE, exporters, hash: 'lifted' }));
    expect([account.commands.commands().length > before, await targets(id)]).toEqual([true, []]);
  });

  test('keeps the targets of a node that is gone, and lets them go when it is lifted', async () => {
    const { account, id, lifted, nodes, refused, strict, sweepFor, targets } = await settled({ dryRun: true });
    const [, lost = 'i-'] = nodes(id);
    account.emr.replaceNode(lost, { replacement: false });
    await sweepFor(30 * MINUTE, strict);
    expect(await targets(id)).toHaveLength(3);
    expect(refused()).toMatchObject([{ action: 'forget', node: lost, policy: 'dryRun' }]);
    await sweepFor(MINUTE, lifted());
    expect(await targets(id)).toHaveLength(2);
  });

  test('keeps a cluster that has ended, and lets it end when it is lifted', async () => {
    const { account, id, keys, lifted, refused, strict, sweepFor } = await settled({ dryRun: true });
    account.emr.terminate(id);
    await sweepFor(30 * MINUTE, strict);
    expect(keys()).toEqual([`clusters/${id}.json`, `targets/${id}.json`]);
    expect(refused().filter(({ action }) => action === 'end')).toHaveLength(1);
    await sweepFor(MINUTE, lifted());
    expect(keys()).toEqual([`ended/${id}.json`]);
  });
});

describe('pauseInstalls', () => {
  test('keeps a new node waiting and says so once, and the node is served when it is lifted', async () => {
    const { account, id, lifted, meters, nodes, refused, strict, sweepFor, targets } = await settled({
      pauseInstalls: true,
    });
    account.emr.resize(account.emr.groups(id)[1]?.id ?? 'ig-', 3);
    await sweepFor(30 * MINUTE, strict);
    expect(refused()).toMatchObject([{ clusterId: id, action: 'order', node: nodes(id)[3], policy: 'pauseInstalls' }]);
    expect([meters.get('ActionsRefused'), (await targets(id))?.length]).toEqual([1, 3]);
    await sweepFor(2 * MINUTE, lifted());
    expect(await targets(id)).toHaveLength(4);
  });

  test('lets go what has to go', async () => {
    const { deploy, id, refused, sweepFor, targets } = await settled({});
    const policies = { ...NONE, pauseInstalls: true };
    await sweepFor(3 * MINUTE, deploy({ policies, exporters: [{ ...nodeExporter, roles: [] }] }));
    expect([refused(), await targets(id)]).toEqual([[], []]);
  });
});

describe('limitDeletes', () => {
  test('refuses to forget two nodes at once, says so once for each, and forgets them when it is lifted', async () => {
    const { account, id, lifted, meters, nodes, refused, strict, sweepFor, targets } = await settled({
      limitDeletes: { nodes: 1 },
    });
    const [, ...cores] = nodes(id);
    for (const node of cores) account.emr.replaceNode(node, { replacement: false });
    await sweepFor(30 * MINUTE, strict);
    expect(await targets(id)).toHaveLength(3);
    expect(new Set(refused().map(({ node }) => node))).toEqual(new Set(cores));
    expect([refused().length, meters.get('ActionsRefused')]).toEqual([2, 2]);
    expect(refused()[0]).toMatchObject({ policy: 'limitDeletes', because: 'limitDeletes: 2 of 3 nodes at once' });
    await sweepFor(MINUTE, lifted());
    expect(await targets(id)).toHaveLength(1);
  });

  test('lets one node go', async () => {
    const { account, clock, id, nodes, refused, strict, sweep, targets } = await settled({
      limitDeletes: { nodes: 1 },
    });
    account.emr.replaceNode(nodes(id)[1] ?? 'i-', { replacement: false });
    await clock.advance(SECOND);
    await sweep(strict);
    expect([(await targets(id))?.length, refused()]).toEqual([2, []]);
  });

  test('does not keep a cluster that EMR calls terminated', async () => {
    const { account, id, keys, refused, strict, sweepFor } = await settled({ limitDeletes: { nodes: 0 } });
    account.emr.terminate(id);
    await sweepFor(2 * MINUTE, strict);
    expect([keys(), refused()]).toEqual([[`ended/${id}.json`], []]);
  });
});
