import { decide, type Plan } from './ask.ts';
import type { Action } from './core/action.ts';
import type { ClusterId } from './core/model.ts';
import { remember, type Observation } from './core/observe.ts';
import type { Refusal } from './core/policy.ts';
import type { ClusterRecord } from './core/record.ts';
import { type Hints, listNodes, lookThroughEmr, type View } from './look.ts';
import type { App } from './ports.ts';

/**
 * Two decisions take EMR's word of now (docs/adr/0014): an order, that each of its nodes runs; and the refusal to forget
 * nearly all nodes at once, that the cluster is not simply ending. What EMR cannot be asked about now is left for later.
 */
export async function confirm(
  planned: Plan,
  before: ClusterRecord | undefined,
  seen: Observation,
  hints: Hints,
  app: App,
): Promise<Plan & Pick<View, 'putOff'>> {
  const { allowed, refused } = app.policy(planned.actions, planned.record);
  const isOrdering = seen.nodes === undefined && ordersOf(allowed).length > 0;
  const doubted = seen.cluster === undefined ? refused.filter(({ policy }) => policy === 'limitDeletes') : [];
  if (!isOrdering && doubted.length === 0)
    return { ...planned, actions: onlyRunning(planned.actions, seen, refused), putOff: 0 };
  const view = await lookFurther(isOrdering, planned.record.clusterId, before, seen, hints, app);
  if (view.seen === undefined) {
    const open = new Set<Action>([...ordersOf(allowed), ...doubted.map(({ action }) => action)]);
    return { ...planned, actions: planned.actions.filter((action) => !open.has(action)), putOff: view.putOff };
  }
  const now = remember(planned.record, view.seen, app.settings);
  const sure = await decide(now, hints, app, 'orders', planned.known);
  return { ...sure, actions: onlyRunning(sure.actions, view.seen), putOff: view.putOff };
}

/**
 * An order is for a node that EMR listed as RUNNING just now: the record remembers others, until EC2 calls them gone. One
 * that a policy refuses goes to nobody, and the record says why.
 */
function onlyRunning(
  actions: readonly Action[],
  { nodes = [] }: Observation,
  refused: readonly Refusal[] = [],
): readonly Action[] {
  const running = new Set(nodes.flatMap(({ id, state }) => (state === 'RUNNING' ? [id] : [])));
  const held = new Set(refused.map(({ action }) => action));
  return actions.filter((action) => action.kind !== 'order' || running.has(action.node) || held.has(action));
}

/** EMR's word on the cluster and, for an order, on each node: asked for as far as it was not. */
async function lookFurther(
  atNodes: boolean,
  id: ClusterId,
  before: ClusterRecord | undefined,
  seen: Observation,
  hints: Hints,
  app: App,
): Promise<View> {
  const view = seen.cluster === undefined ? await lookThroughEmr(id, before, hints, app) : { seen, putOff: 0 };
  const cluster = view.seen;
  if (!atNodes || cluster === undefined || cluster.nodes !== undefined) return view;
  const listed = await app.budget.alone(() => listNodes(cluster, before, app));
  return { seen: listed, putOff: Math.max(view.putOff, listed.putOff) };
}

export const ordersOf = (actions: readonly Action[]) => actions.filter((action) => action.kind === 'order');
