import type { Action } from './action.ts';
import type { ClusterRecord } from './record.ts';
import type { Limit, Policies } from './settings.ts';

export interface Refusal {
  readonly action: Action;
  /** Which policy of monitoring.yml. */
  readonly policy: keyof Policies;
  /** Why, as a person would say it. */
  readonly reason: string;
}

export interface Verdict {
  readonly allowed: readonly Action[];
  readonly refused: readonly Refusal[];
}

/** Policies can only take actions away, and say which. */
export type Policy = (actions: readonly Action[], record: ClusterRecord) => Verdict;

/** Every policy of monitoring.yml in a row: what one refused, the next does not see. */
export function policy({ dryRun, pauseInstalls, limitDeletes }: Policies): Policy {
  const inForce = [
    ...(dryRun ? [refuseEffects] : []),
    ...(pauseInstalls ? [refuseInstalls] : []),
    refuseMassDeletes(limitDeletes),
  ];
  return (actions, record) =>
    inForce.reduce<Verdict>(
      ({ allowed, refused }, next) => {
        const verdict = next(allowed, record);
        return { allowed: verdict.allowed, refused: [...refused, ...verdict.refused] };
      },
      { allowed: actions, refused: [] },
    );
}

/** Questions and waits change nothing. */
const HAS_EFFECT: Readonly<Record<Action['kind'], boolean>> = {
  order: true,
  forget: true,
  drop: true,
  end: true,
  ask: false,
  look: false,
  check: false,
  wait: false,
};

const refuseEffects: Policy = (actions) => without(actions, ({ kind }) => HAS_EFFECT[kind], 'dryRun', 'dryRun');

/** Upgrades are installs; removals go on. */
const refuseInstalls: Policy = (actions) =>
  without(
    actions,
    (action) => action.kind === 'order' && action.work.action === 'install',
    'pauseInstalls',
    'installs are paused',
  );

const LIMIT = 'limitDeletes:';
/** Is this why a node or cluster is kept (`held` in the record)? */
export const isHeldByLimit = (held: string | undefined): boolean => held?.startsWith(LIMIT) === true;

/**
 * A bug upstream must not be able to blind Prometheus: when more nodes of a running cluster than the limit says would be
 * forgotten at once, none is. With 100 % every scale-in passes, for a running cluster keeps its master. A cluster that
 * EMR calls TERMINATING or TERMINATED* does not count: EMR and EC2 agree then. Nor does one that is watched no more:
 * EMR is not asked for its new nodes, so those that are known all go in time.
 */
const refuseMassDeletes =
  (limit: Limit): Policy =>
  (actions, record) => {
    const isForget = ({ kind }: Action): boolean => kind === 'forget';
    const count = actions.filter(isForget).length;
    const known = Object.keys(record.nodes).length;
    const isTooMany = 'nodes' in limit ? count > limit.nodes : count / known >= limit.share;
    const isExempt = record.state.startsWith('TERMINAT') || !record.selected;
    if (isExempt || count === 0 || !isTooMany) return { allowed: actions, refused: [] };
    return without(actions, isForget, 'limitDeletes', `${LIMIT} ${count} of ${known} nodes at once`);
  };

function without(
  actions: readonly Action[],
  isRefused: (action: Action) => boolean,
  name: keyof Policies,
  reason: string,
): Verdict {
  const refused = actions.filter(isRefused).map((action) => ({ action, policy: name, reason }));
  return { allowed: actions.filter((action) => !isRefused(action)), refused };
}
