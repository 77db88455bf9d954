import type { Action } from './plan.ts';
import type { ClusterRecord } from './record.ts';

export interface Verdict {
  readonly allowed: readonly Action[];
  readonly refused: readonly Action[];
}

/** Policies can only take actions away, and say which. */
export type Policy = (actions: readonly Action[], record: ClusterRecord) => Verdict;

/**
 * A bug upstream must not be able to blind Prometheus: when `share` (0 to 1) or more of a running cluster's nodes would
 * be forgotten at once, none is. With 1 every scale-in passes, for a running cluster keeps its master. A cluster that
 * EMR calls TERMINATING or TERMINATED* does not count: EMR and EC2 agree then. Nor does one that is watched no more:
 * EMR is not asked for its new nodes, so those that are known all go in time.
 */
export const limitDeletes =
  (share: number): Policy =>
  (actions, record) => {
    const forgets = actions.filter(({ kind }) => kind === 'forget');
    const isExempt = record.state.startsWith('TERMINAT') || !record.selected;
    if (isExempt || forgets.length < share * Object.keys(record.nodes).length) return { allowed: actions, refused: [] };
    return { allowed: actions.filter(({ kind }) => kind !== 'forget'), refused: forgets };
  };
