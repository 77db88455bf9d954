import { applyDecisions } from './core/commit.ts';
import { ConflictError } from './core/errors.ts';
import type { ClusterId } from './core/model.ts';
import { type Outcome, outcomes } from './core/outcomes.ts';
import { remember, type Observation } from './core/observe.ts';
import { type Hints, decide, observe } from './look.ts';
import type { Action } from './core/plan.ts';
import type { Verdict } from './core/policy.ts';
import type { ClusterRecord } from './core/record.ts';
import { execute } from './execute.ts';
import type { App, Stored } from './ports.ts';
import { publish, withdraw } from './publish.ts';
import { MAX_RACES, save } from './save.ts';

/**
 * Looks at one cluster and brings record, orders and target file in line with what it sees. `hints` are all that an
 * event contributes besides the id. A lost race reads the record and plans again, at most five times; what was seen
 * of the cluster is kept, unless the record that won was made from a later look.
 */
export async function reconcile(id: ClusterId, hints: Hints, app: App): Promise<void> {
  let seen: Observation | undefined;
  for (let race = 1; ; race += 1) {
    const stored = await app.records.read(id);
    if (stored === undefined && (await app.records.isEnded(id))) return;
    if (seen === undefined || (stored !== undefined && Date.parse(stored.value.observedAt) > seen.at.getTime())) {
      seen = await observe(id, stored?.value, hints, app);
    }
    try {
      await converge(stored, seen, hints, app);
      return;
    } catch (error) {
      if (!(error instanceof ConflictError) || race === MAX_RACES) throw error;
      await app.sleep(50 * 2 ** race * (0.5 + app.random()));
    }
  }
}

async function converge(stored: Stored<ClusterRecord> | undefined, seen: Observation, hints: Hints, app: App) {
  const { record, actions } = await decide(remember(stored?.value, seen, app.settings), hints, app);
  const verdict = app.policy(actions, record);
  const { allowed } = verdict;
  const wanted = new Map(app.settings.exporters.map((exporter) => [exporter.name, exporter]));
  const decided = await save(applyDecisions(record, allowed, wanted, app.now()), stored, app);
  logOutcomes(outcomes(stored?.value, record), record, app);
  logVerdict(verdict, record, app);
  if (allowed.some(({ kind }) => kind === 'end')) return await withdraw(decided, app);
  // Targets first: an order that cannot be sent must not keep Prometheus from what is known.
  const published = await publish(decided, app);
  await execute(ordersOf(allowed), published, app);
}

const ordersOf = (actions: readonly Action[]) => actions.filter((action) => action.kind === 'order');

/** Orders are logged with their id once they are claimed; a question or a wait is no decision. */
function isLogged({ kind }: Action): boolean {
  switch (kind) {
    case 'end':
    case 'forget':
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
function logVerdict({ allowed, refused }: Verdict, { clusterId }: ClusterRecord, { log, meter }: App): void {
  for (const { kind, ...fields } of allowed.filter(isLogged))
    log.info('decided', { clusterId, action: kind, ...fields });
  for (const { kind, ...fields } of refused) log.error('refused by policy', { clusterId, action: kind, ...fields });
  if (refused.length > 0) meter.count('ActionsRefused', refused.length);
}

/** One line per order and node that ended, once it is saved. */
function logOutcomes(ended: readonly Outcome[], { clusterId }: ClusterRecord, { log, meter }: App): void {
  for (const outcome of ended) {
    const isGood = outcome.outcome === 'installed' || outcome.outcome === 'removed';
    log[isGood ? 'info' : 'warn']('result', { clusterId, ...outcome });
    meter.count(isGood ? 'OrdersSucceeded' : 'OrdersNotDone', 1);
  }
}
