import type { InstanceId, OrderId } from '../../shared/core/model.ts';
import type { ExporterState, Work } from '../../shared/core/record.ts';
import { CLAIM_SETTLES, deferralDelay, failureDelay, LEASE, RESULT_OVERDUE } from '../../shared/core/retry.ts';
import type { ExporterSettings } from '../../shared/core/settings.ts';
import { START } from './time.ts';
import type { World } from './world.ts';

/** What the functions have to do about a node next; undefined: a person has to. */
export type NextStep =
  | {
      readonly kind: string;
      readonly due: number;
      /** It has been waited for since then, and looked at ever more seldom. */
      readonly since?: number;
    }
  | undefined;

/** One exporter of one node that is not as it should be. */
export interface Situation {
  readonly node: InstanceId;
  readonly exporter: ExporterSettings;
  readonly state: ExporterState;
  readonly isWanted: boolean;
  /** From when on everything was there to know. */
  readonly since: number;
}

const NEVER = undefined;
const FOR_PEOPLE: ReadonlySet<Work['phase']> = new Set(['gaveUp', 'conflict', 'unsupported', 'pendingRestart']);

export function nextStep(situation: Situation, world: World): NextStep {
  const { node, exporter, state, since } = situation;
  const { work, installed } = state;
  const { isWanted } = situation;
  const onlineAt = world.hosts.onlineAt(node);
  if (onlineAt === undefined) return NEVER;
  if (work === undefined) {
    if (installed !== undefined && installed.revision !== exporter.revision) return ofRollout(exporter, since, world);
    if (isWanted && isStopped(exporter, world)) return NEVER;
    return { kind: 'not begun', due: Math.max(since, onlineAt) };
  }
  const at = Date.parse(work.at) - START.getTime();
  const isOld = installed !== undefined && work.revision !== exporter.revision;
  if (isWanted && isOld && !isInFlight(work)) return ofRollout(exporter, since, world);
  const isHeldBack = isWanted && !isInFlight(work) && isStopped(exporter, world);
  if (isHeldBack) return NEVER;
  switch (work.phase) {
    case 'ordered':
    case 'installing':
    case 'removing':
      return { kind: 'in flight', due: resultDue(work.orderId, node, at, world) };
    case 'failed':
      if (work.revision !== exporter.revision) return { kind: 'another version', due: since };
      return { kind: 'failed', due: Math.max(since, at + failureDelay(work.attempt)) };
    case 'waiting':
      return {
        kind: 'waiting',
        since: at,
        due: Math.max(since, onlineAt, work.deferrals === 0 ? 0 : at + deferralDelay(work.deferrals)),
      };
    default:
      if (!FOR_PEOPLE.has(work.phase)) return { kind: work.phase, due: since };
      return work.revision === exporter.revision ? NEVER : ofRollout(exporter, since, world);
  }
}

const isInFlight = ({ phase }: Work): boolean => phase === 'ordered' || phase === 'installing' || phase === 'removing';

/** Too many nodes that had the exporter have failed to change to this revision: then nobody gets it. */
function isStopped({ name, revision }: ExporterSettings, world: World): boolean {
  const states = [...world.ledger.records.values()].flatMap(({ value }) =>
    Object.values(value.nodes).flatMap(({ exporters }) => exporters[name] ?? []),
  );
  const upgraded = states.filter(
    ({ installed }) => installed?.revision === revision && installed.from !== undefined,
  ).length;
  const tries = states.flatMap(({ installed, work }) =>
    installed !== undefined && installed.revision !== revision && work?.revision === revision ? [work.phase] : [],
  );
  const failed = tries.filter((phase) => phase === 'failed' || phase === 'gaveUp' || phase === 'unsupported').length;
  const isMany = failed > 1 || tries.includes('gaveUp');
  return isMany && failed > world.deployment().settings.rollout.failures * (upgraded + failed);
}

/** An order's end is known at once, or asked for; what never ends is over with its lease. */
function resultDue(order: OrderId | undefined, node: InstanceId, at: number, { ledger }: World): number {
  if (order === undefined) return at;
  switch (ledger.orders.fate(order, node)) {
    case 'notSent':
      return at + CLAIM_SETTLES;
    case 'ended':
      return Math.max(at + RESULT_OVERDUE, ledger.orders.endedAt(order, node));
    default:
      return at + LEASE;
  }
}

/** A rollout goes on as long as nobody failed: somebody is under way, or the next has to begin. */
function ofRollout({ name, revision }: ExporterSettings, since: number, { ledger }: World): NextStep {
  const saved = [...ledger.records.values()];
  const works = saved.flatMap(({ value }) =>
    Object.values(value.nodes).flatMap(({ exporters }) => exporters[name]?.work ?? []),
  );
  const tries = works.filter((work) => work.action === 'install' && work.revision === revision);
  if (tries.some(({ phase, attempt }) => attempt > 0 || FOR_PEOPLE.has(phase))) return NEVER;
  const last = Math.max(since, ...saved.map(({ at }) => at));
  return {
    kind: 'rollout',
    due: tries.length > 0 ? Math.max(last, ...tries.map(({ at }) => Date.parse(at) - START.getTime() + LEASE)) : last,
  };
}
