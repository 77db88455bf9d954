import type { Action, Knowledge } from './action.ts';
import { decide } from './decide.ts';
import { isRunning } from './observe.ts';
import type { InstanceId } from './model.ts';
import type { ClusterRecord, NodeRecord } from './record.ts';
import type { ExporterSettings, Settings } from './settings.ts';

/**
 * Decides for every node and exporter; sorted, and free of effects.
 *
 *   wanted             seen                                          → action
 *   anything           cluster TERMINATED, TERMINATED_WITH_ERRORS    → end
 *   anything           node TERMINATED                               → forget
 *   anything           cluster TERMINATING, or not yet running       → nothing
 *   anything           node not RUNNING                              → nothing
 *   1.12.1             installed                                     → nothing
 *   1.12.1             installed, time to ask again               → check (order the same once more)
 *   1.12.1             installed, left-over work of another revision → drop (the work)
 *   1.12.1             installed 1.11.0, its turn in the rollout     → check
 *   1.12.1             installed 1.11.0, not its turn                → nothing
 *   1.12.1             nothing, rollout stopped                      → wait
 *   1.12.1             nothing, or waiting without a deferral        → check
 *   1.12.1             … agent not online, or artifacts missing      → wait
 *   1.12.1             … agent online, artifacts there               → order
 *   anything           ordered 30 s ago, no command id               → wait
 *   anything           ordered 3 min ago, no command id              → look
 *   anything           … not found, or not for this node             → check (then order again)
 *   anything           in flight, rung or no result for 45 s         → ask
 *   anything           in flight, just asked or fresh                → wait
 *   anything           in flight, asked, lease of 16 min over        → check (order again, no attempt spent)
 *   1.12.1             … or absent, installed 1.11.0, not its turn   → drop (the work)
 *   1.12.1             failed n times, 2^(n-1) min ago               → check (order again)
 *   1.12.1             failed, not due                               → wait
 *   1.12.1             deferred n times, 2^(n-1) min ago (60 at most)→ check (order again)
 *   1.12.1             deferred, not due                             → wait
 *   1.12.1             conflict, unsupported, pendingRestart: 1 h    → check (order again)
 *   1.12.1             conflict …, younger                           → wait
 *   1.12.1             gave up                                       → wait
 *   another revision   failed, gave up, conflict …                   → check (order, counting anew)
 *   nothing            installed by us, or perhaps                   → check (then order the removal)
 *   nothing            removal failed, deferred, gave up             → as for an install
 *   nothing            adopted, or never ordered                     → drop
 */
export function plan(record: ClusterRecord, settings: Settings, known: Knowledge): readonly Action[] {
  if (record.state.startsWith('TERMINATED')) return [{ kind: 'end', reason: `cluster ${record.state}` }];
  const exporters = settings.exporters.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const nodes = Object.entries(record.nodes).toSorted(([a], [b]) => (a < b ? -1 : 1)) as [InstanceId, NodeRecord][];
  return nodes.flatMap(([id, node]): readonly Action[] => {
    if (node.state === 'TERMINATED') return [{ kind: 'forget', node: id, reason: 'node is gone' }];
    if (!isRunning(record.state) || node.state !== 'RUNNING') return [];
    return exporters.flatMap((exporter) => {
      const on = { node: id, exporter: exporter.name };
      return decide(on, exporter, isWanted(exporter, record, node), node.exporters[exporter.name] ?? {}, known);
    });
  });
}

/** Is the exporter to be on this node, once the node runs? */
export const isWanted = (exporter: ExporterSettings, { selected }: ClusterRecord, { role }: NodeRecord): boolean =>
  selected && exporter.roles.includes(role);
