import type { InstanceId } from '../../shared/core/model.ts';
import type { ExporterState, NodeRecord, Work } from '../../shared/core/record.ts';
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
  const { exporter, state, since, isWanted } = situation;
  const { work } = state;
  const onlineAt = world.hosts.onlineAt(situation.node);
  if (onlineAt === undefined) return NEVER;
  if (work !== undefined && isInFlight(work)) return { kind: 'in flight', due: resultDue(work, situation, world) };
  if (isWanted && isStopped(exporter, world)) return NEVER;
  if (isWanted && isUpgrade(state, exporter)) return ofUpgrade(work, exporter, since, world);
  if (work === undefined) return { kind: 'not begun', due: Math.max(since, onlineAt) };
  if (work.revision !== exporter.revision) return { kind: 'another version', due: Math.max(since, onlineAt) };
  return ofWork(work, Math.max(since, onlineAt));
}

const isUpgrade = ({ installed }: ExporterState, { revision }: ExporterSettings): boolean =>
  installed !== undefined && installed.revision !== revision;

/** Once it is due, and there is room for it: whoever is put off needs its turn again. */
function ofUpgrade(work: Work | undefined, exporter: ExporterSettings, since: number, world: World): NextStep {
  const turn = ofRollout(exporter, since, world);
  const own = work?.revision === exporter.revision ? ofWork(work, since) : turn;
  return turn && own && { ...turn, due: Math.max(turn.due, own.due) };
}

function ofWork({ phase, attempt, deferrals, ...work }: Work, since: number): NextStep {
  const at = elapsedAt(work);
  switch (phase) {
    case 'failed':
      return { kind: phase, due: Math.max(since, at + failureDelay(attempt)) };
    case 'waiting':
      return { kind: phase, since: at, due: Math.max(since, deferrals === 0 ? 0 : at + deferralDelay(deferrals)) };
    default:
      return NEVER;
  }
}

const elapsedAt = ({ at }: Pick<Work, 'at'>): number => Date.parse(at) - START.getTime();

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
  const hasGivenUp = tries.includes('gaveUp');
  if (upgraded === 0 && hasGivenUp) return true;
  const isMany = failed > 1 || hasGivenUp;
  return isMany && failed > world.deployment().settings.rollout.failures * (upgraded + failed);
}

/** An order's end is known at once, or asked for; what never ends is over with its lease. */
function resultDue({ orderId, ...work }: Work, { node }: Pick<Situation, 'node'>, { ledger }: World): number {
  const at = elapsedAt(work);
  const fate = orderId === undefined ? 'notSent' : ledger.orders.fate(orderId, node);
  if (orderId === undefined || fate === 'notSent') return at + CLAIM_SETTLES;
  return fate === 'running' ? at + LEASE : Math.max(at + RESULT_OVERDUE, ledger.orders.endedAt(orderId, node));
}

/**
 * A rollout goes on unless somebody has given up: when the last of those who are under way has its result, or is tried
 * again, the next ones have to begin. An order of another revision has to end first, too.
 */
function ofRollout({ name, revision }: ExporterSettings, since: number, world: World): NextStep {
  const saved = [...world.ledger.records.values()];
  const works = saved.flatMap(({ value }) =>
    (Object.entries(value.nodes) as [InstanceId, NodeRecord][]).flatMap(([node, { exporters }]) => {
      const work = exporters[name]?.work;
      return work === undefined ? [] : [{ node, work }];
    }),
  );
  const tries = works.filter(({ work }) => work.action === 'install' && work.revision === revision);
  if (tries.some(({ work }) => FOR_PEOPLE.has(work.phase))) return NEVER;
  const waits = [
    ...works.flatMap(({ node, work }) => (isInFlight(work) ? [resultDue(work, { node }, world)] : [])),
    ...tries.flatMap(({ work }) => (isInFlight(work) ? [] : [ofWork(work, 0)?.due ?? 0])),
  ];
  return { kind: 'rollout', due: Math.max(since, ...saved.map(({ at }) => at), ...waits) };
}
