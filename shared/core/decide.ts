import type { Action, Knowledge } from './action.ts';
import type { ExporterName, InstanceId, WorkAction } from './model.ts';
import type { ExporterState, Installed, Work } from './record.ts';
import { CLAIM_SETTLES, deferralDelay, failureDelay, isOver, LEASE, RECHECK_DELAY, RESULT_OVERDUE } from './retry.ts';
import type { ExporterSettings } from './settings.ts';

interface Place {
  readonly node: InstanceId;
  readonly exporter: ExporterName;
}

/** What to do about one exporter on one running node: plan.ts has the table. */
export function decide(
  on: Place,
  exporter: ExporterSettings,
  wanted: boolean,
  seen: ExporterState,
  known: Knowledge,
): readonly Action[] {
  const { work } = seen;
  if (work === undefined || !isInFlight(work)) return settle(on, exporter, wanted, seen, known);
  const question = follow(on, work, known);
  if (question !== undefined) return [question];
  const past = lost(work, known.now);
  const next = settle(on, exporter, wanted, { ...seen, work: past }, known);
  // Not its turn any more: what never came to an end must not count as under way for ever.
  return next.length > 0
    ? next.map((action) => (action.kind === 'wait' ? { ...action, left: past } : action))
    : [{ kind: 'drop', of: 'work', ...on, ...counted(past), reason: past.reason ?? past.phase }];
}

/** Runs that failed, and orders that were put off, count on. */
function counted(past: Work): { readonly left?: Work } {
  if (past.attempt > 0) return { left: { ...past, phase: 'failed' } };
  return past.deferrals > 0 ? { left: past } : {};
}

/** Is an order of this work under way, as far as we know? */
export const isInFlight = ({ phase }: Pick<Work, 'phase'>): boolean =>
  phase === 'ordered' || phase === 'installing' || phase === 'removing';

/** What to do about an order under way; undefined once nothing more will come of it. */
function follow(on: Place, { action, commandId, orderId, at }: Work, known: Knowledge): Action | undefined {
  const wait = (reason: string): Action => ({ kind: 'wait', action, ...on, reason });
  if (commandId !== undefined && !known.asked.has(commandId)) {
    const isExpected = known.rung.has(commandId) || isOver(at, RESULT_OVERDUE, known.now);
    return isExpected ? { kind: 'ask', ...on, commandId, reason: 'result expected' } : wait('order in flight');
  }
  if (isOver(at, LEASE, known.now)) return undefined;
  if (commandId !== undefined) return wait('order in flight');
  if (orderId === undefined || known.absent.get(orderId)?.has(on.node) === true) return undefined;
  if (!isOver(at, CLAIM_SETTLES, known.now)) return wait('order being sent');
  return { kind: 'look', ...on, orderId, orderedAt: at, reason: 'no command id' };
}

/** As if it had never been delivered: it may have run all the same, once its lease is over. */
function lost({ orderId: _, commandId: __, ...work }: Work, now: Date): Work {
  const isExpired = isOver(work.at, LEASE, now);
  return {
    ...work,
    phase: 'waiting',
    deferrals: isExpired ? work.deferrals + 1 : work.deferrals,
    reason: isExpired ? 'no result before its lease was over' : 'order was never sent',
  };
}

function settle(
  on: Place,
  exporter: ExporterSettings,
  wanted: boolean,
  seen: ExporterState,
  known: Knowledge,
): readonly Action[] {
  return wanted ? install(on, exporter, seen, known) : leave(on, exporter, seen, known);
}

function install(on: Place, wanted: ExporterSettings, seen: ExporterState, known: Knowledge): readonly Action[] {
  const { installed, work } = seen;
  if (installed?.revision === wanted.revision) {
    if (isToBeAsked(installed, work, wanted, known.now)) return begin(on, wanted, installed, work, known);
    return work === undefined ? [] : [{ kind: 'drop', of: 'work', ...on, reason: `${wanted.version} is installed` }];
  }
  if (installed !== undefined && known.upgrades.get(on.exporter)?.has(on.node) !== true) return [];
  if (installed === undefined && known.stopped.has(on.exporter)) {
    return [{ kind: 'wait', action: 'install', ...on, reason: ROLLOUT_STOPPED }];
  }
  return begin(on, wanted, installed, work, known);
}

/** What answers on the node may be more by now, or less (docs/adr/0015). */
function isToBeAsked(
  { at, again, askBy }: Installed,
  work: Work | undefined,
  { recheck, revision }: ExporterSettings,
  now: Date,
): boolean {
  if (work?.phase === 'pendingRestart' && work.action === 'install' && work.revision === revision) return true;
  if (askBy !== undefined && isOver(askBy, 0, now)) return true;
  if (again !== undefined) return isOver(at, again * 1000, now);
  return recheck !== undefined && isOver(at, recheck * HOUR, now);
}
const HOUR = 3_600_000;

function begin(
  on: Place,
  wanted: ExporterSettings,
  installed: Installed | undefined,
  work: Work | undefined,
  known: Knowledge,
): readonly Action[] {
  const tried = work?.action === 'install' ? work : undefined;
  if (tried?.revision === wanted.revision) return repeat(on, wanted, tried, known);
  return attempt(on, wanted, 'install', renewal(installed ?? tried, wanted), ANEW, known);
}

function renewal(from: Pick<Installed, 'version' | 'revision'> | undefined, to: ExporterSettings): string {
  if (from === undefined) return 'missing';
  if (from.revision === to.revision) return ASKED_AGAIN;
  return from.version === to.version ? `another revision of ${to.version}` : `${from.version} → ${to.version}`;
}
/** Why a node that has what is wanted is told to install it once more. */
export const ASKED_AGAIN = 'asked again what answers';

/** A node that was never told to install has nothing of ours, nor has one whose exporter is somebody else's. */
function leave(on: Place, exporter: ExporterSettings, seen: ExporterState, known: Knowledge): readonly Action[] {
  const { installed, work } = seen;
  if (work?.action === 'remove') return repeat(on, exporter, work, known);
  if (installed === undefined && work === undefined) return [];
  const isOurs = installed === undefined ? work !== undefined && mayHaveRun(work) : installed.adopted !== true;
  if (isOurs) return attempt(on, exporter, 'remove', 'wanted no more', ANEW, known);
  return [{ kind: 'drop', of: 'exporter', ...on, reason: 'nothing of ours is there' }];
}

/** An install that ran may have left something, even where it failed. */
const mayHaveRun = ({ phase, attempt: failures, deferrals }: Work): boolean =>
  failures > 0 || deferrals > 0 || phase === 'pendingRestart';

/** The same again, once it is due. */
function repeat(on: Place, exporter: ExporterSettings, work: Work, known: Knowledge): readonly Action[] {
  const { action, attempt: failures, deferrals, phase, reason } = work;
  if (!isDue(work, known.now)) return [{ kind: 'wait', action, ...on, reason: reason ?? phase }];
  return attempt(on, exporter, action, `${phase}: ${reason ?? 'again'}`, { failures, deferrals }, known);
}

/** May what did not succeed be ordered again? */
export function isDue({ phase, at, attempt: failures, deferrals }: Work, now: Date): boolean {
  switch (phase) {
    case 'waiting':
      return deferrals === 0 || isOver(at, deferralDelay(deferrals), now);
    case 'failed':
      return isOver(at, failureDelay(failures), now);
    case 'gaveUp':
      return false;
    default:
      return isOver(at, RECHECK_DELAY, now);
  }
}

interface Counts {
  readonly failures: number;
  readonly deferrals: number;
}
const ANEW: Counts = { failures: 0, deferrals: 0 };

/** Why an order waits for something that may never come by itself: stuck.ts counts these. */
export const AGENT_OFFLINE = 'SSM agent is not online';
export const ARTIFACTS_MISSING = 'artifacts missing';
export const ROLLOUT_STOPPED = 'rollout stopped';

/** An order, if one could run now; else the question whether it could, or the wait until it can. */
function attempt(
  on: Place,
  { name, version, revision }: ExporterSettings,
  action: WorkAction,
  reason: string,
  { failures, deferrals }: Counts,
  known: Knowledge,
): readonly Action[] {
  const isOnline = known.online.get(on.node);
  if (isOnline === undefined) return [{ kind: 'check', action, ...on, reason }];
  if (!isOnline) return [{ kind: 'wait', action, ...on, reason: AGENT_OFFLINE }];
  if (action === 'install' && known.missing.has(name)) {
    return [{ kind: 'wait', action, ...on, reason: ARTIFACTS_MISSING }];
  }
  const at = known.now.toISOString();
  const work: Work = { action, phase: 'ordered', version, revision, attempt: failures, deferrals, at };
  return [{ kind: 'order', ...on, work, reason }];
}
