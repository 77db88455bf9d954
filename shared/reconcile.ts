import type { Action } from './core/action.ts';
import { applyDecisions } from './core/commit.ts';
import type { ClusterId } from './core/model.ts';
import { type Outcome, outcomes } from './core/outcomes.ts';
import { remember, type Observation } from './core/observe.ts';
import type { ClusterRecord } from './core/record.ts';
import { decide } from './ask.ts';
import { confirm, ordersOf } from './confirm.ts';
import { execute } from './execute.ts';
import { type Hints, lookThroughEmr, observeNodes, observeNothing, type View } from './look.ts';
import type { App, Stored } from './ports.ts';
import { publish, withdraw } from './publish.ts';
import { logRefused } from './refused.ts';
import { afterRace, save } from './save.ts';

/**
 * Looks at one cluster and brings record, orders and target file in line with what it sees. `hints` are all that an
 * event contributes besides the id. A lost race reads the record and plans again, at most five times; what was seen
 * of the cluster is kept, unless the record that won was made from a later look.
 *
 * Answers for how many milliseconds a look through EMR has to be put off, because our share of its quotas is used up:
 * what can be done without one is done. 0: nothing was put off.
 */
export async function reconcile(id: ClusterId, hints: Hints, app: App): Promise<number> {
  let view: View | undefined;
  for (let race = 1; ; race += 1) {
    const stored = await app.records.read(id);
    if (stored === undefined && (await app.records.isEnded(id))) return 0;
    if (view?.seen === undefined || isOlder(view.seen, stored?.value)) view = await look(id, stored?.value, hints, app);
    if (view.seen === undefined) return view.putOff;
    try {
      return Math.max(view.putOff, await converge(stored, view.seen, hints, app));
    } catch (error) {
      await afterRace(error, race, app);
    }
  }
}

const isOlder = ({ at }: Observation, record: ClusterRecord | undefined): boolean =>
  record !== undefined && Date.parse(record.observedAt) > at.getTime();

/** As far as the hints ask for, and our share of EMR's quotas has room. */
async function look(id: ClusterId, before: ClusterRecord | undefined, hints: Hints, app: App): Promise<View> {
  const isThroughEmr = before === undefined || hints.depth === 'emr';
  const view = isThroughEmr ? await lookThroughEmr(id, before, hints, app) : { seen: undefined, putOff: 0 };
  if (view.seen !== undefined || before === undefined || (view.putOff > 0 && !hasMore(hints))) return view;
  const seen = hints.depth === 'none' ? observeNothing(before) : await observeNodes(before, hints, app);
  return { seen, putOff: view.putOff };
}

/** Is there something to do without EMR? */
const hasMore = ({ commands, leaving, reconfigured, fleet }: Hints): boolean =>
  commands.size > 0 || leaving.size > 0 || reconfigured.length > 0 || fleet !== undefined;

/** Answers for how long a look that orders need has to be put off. */
async function converge(
  stored: Stored<ClusterRecord> | undefined,
  seen: Observation,
  hints: Hints,
  app: App,
): Promise<number> {
  const seenNow = remember(stored?.value, seen, app.settings);
  // It ended before anybody watched it: there is nothing to take back.
  if (stored === undefined && seenNow.state.startsWith('TERMINATED')) return 0;
  const isLookedAt = stored === undefined || hints.depth !== 'none';
  const first = await decide(seenNow, hints, app, isLookedAt ? 'orders' : 'results');
  const { record, actions, putOff } = await confirm(first, stored?.value, seen, hints, app);
  const verdict = app.policy(actions, record);
  const { allowed } = verdict;
  const wanted = new Map(app.settings.exporters.map((exporter) => [exporter.name, exporter]));
  const decided = await save(applyDecisions(record, verdict, wanted, app.now()), stored, app);
  logOutcomes(outcomes(stored?.value, record), record, app);
  logDecisions(allowed, record, app);
  logRefused(verdict, stored?.value, record, app);
  if (allowed.some(({ kind }) => kind === 'end')) await withdraw(decided, app);
  else {
    // Targets first: an order that cannot be sent must not keep Prometheus from what is known.
    const published = await publish(decided, app);
    await execute(ordersOf(allowed), published, app);
  }
  return putOff;
}

/** Orders are logged with their id once they are claimed; a question or a wait is no decision. */
function isLogged({ kind }: Action): boolean {
  switch (kind) {
    case 'end':
    case 'forget':
    case 'drop':
      return true;
    case 'ask':
    case 'check':
    case 'look':
    case 'order':
    case 'wait':
      return false;
    default:
      return kind satisfies never;
  }
}

/** One line per decision, once it is saved. */
function logDecisions(allowed: readonly Action[], { clusterId }: ClusterRecord, { log }: App): void {
  for (const { kind, ...fields } of allowed.filter(isLogged))
    log.info('decided', { clusterId, action: kind, ...fields });
}

/** One line per order and node that ended, once it is saved. */
function logOutcomes(ended: readonly Outcome[], { clusterId }: ClusterRecord, { log, meter }: App): void {
  for (const outcome of ended) {
    const isGood = outcome.outcome === 'installed' || outcome.outcome === 'removed';
    log[isGood ? 'info' : 'warn']('result', { clusterId, ...outcome });
    const { exporter, node } = outcome;
    meter.count('OrdersEnded', 1, { exporter, outcome: outcome.outcome }, { clusterId, node });
  }
}
