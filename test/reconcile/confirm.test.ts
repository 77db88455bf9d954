import { expect, test } from 'vitest';
import { NO_HINTS } from '../../shared/look.ts';
import { reconcile } from '../../shared/reconcile.ts';
import { MINUTE, world } from '../fakes/world.ts';

const GROUP = { instanceType: 'm5.xlarge', market: 'ON_DEMAND' } as const;

test('a node that EMR lists no more gets no order, though EC2 still runs it', async () => {
  const { account, clock, container, deploy, launch, nodes, sweepFor } = world();
  const groups = [
    { ...GROUP, role: 'MASTER', count: 1 },
    { ...GROUP, role: 'CORE', count: 2 },
  ] as const;
  const id = await launch({ groups });
  await sweepFor(3 * MINUTE);
  const [left = 'i-', ...others] = nodes(id);
  const { clusters, ...rest } = container({ settings: deploy({ selection: { tags: { Project: ['Web'] } } }).settings });
  const partly = {
    ...clusters,
    nodes: async (of: typeof id) => (await clusters.nodes(of)).filter((node) => node.id !== left),
  };
  await clock.advance(MINUTE);
  await reconcile(id, NO_HINTS, { ...rest, clusters: partly });
  const removals = account.commands.commands().filter(({ document }) => document.includes('-uninstall-'));
  const ordered = removals.flatMap((command) => command.nodes);
  expect(ordered.toSorted()).toEqual(others.toSorted());
});
