import { isInFlight } from '../shared/core/decide.ts';
import type { ClusterId, ClusterState, ExporterName } from '../shared/core/model.ts';
import { isRunning } from '../shared/core/observe.ts';
import { isWanted } from '../shared/core/plan.ts';
import type { ClusterRecord, ExporterState, NodeRecord, Work } from '../shared/core/record.ts';
import {
  CLAIM_SETTLES,
  deferralDelay,
  failureDelay,
  LEASE,
  MAX_ATTEMPTS,
  RECHECK_DELAY,
} from '../shared/core/retry.ts';
import type { Rollout } from '../shared/core/rollout.ts';
import type { ExporterSettings } from '../shared/core/settings.ts';
import { span } from '../shared/core/span.ts';

export interface Knowledge {
  readonly now: Date;
  readonly exporters: ReadonlyMap<ExporterName, ExporterSettings>;
  readonly rollouts: ReadonlyMap<ExporterName, Rollout>;
}

/**
 * What happens next to an exporter on a node, in words; undefined when nothing has to.
 *
 *   seen                                    → next
 *   held by a policy                        → as soon as monitoring.yml lets it
 *   work; the cluster does not run          → once it runs, or nothing more
 *   node not RUNNING                        → as soon as it is
 *   waiting, put off n times                → again in …
 *   waiting                                 → the sweep looks again
 *   ordered, no command id                  → being sent; in … looked for, and ordered again where it was not sent
 *   ordered, installing, removing           → result expected; ordered again in … without one
 *   failed                                  → again in …, run 3 of 6
 *   gaveUp                                  → npm run backfill -- --force
 *   conflict, unsupported, pendingRestart   → looks again hourly, in …
 *   failed, gaveUp … of another revision    → order
 *   installed, another revision wanted      → when its turn comes, or the rollout stopped
 *   installed, wanted no more               → removal
 *   nothing, wanted                         → order
 */
export function nextStep(
  record: ClusterRecord,
  node: NodeRecord,
  exporter: ExporterName,
  known: Knowledge,
): string | undefined {
  const state: ExporterState = node.exporters[exporter] ?? {};
  const wanted = known.exporters.get(exporter);
  const { held, work } = state;
  if (held !== undefined) return 'as soon as the policies in monitoring.yml let it';
  if (!isRunning(record.state)) return work && beforeAndAfter(record.state);
  const target = wanted !== undefined && isWanted(wanted, record, node) ? wanted : undefined;
  if (node.state !== 'RUNNING') return untilRunning(state, target);
  if (work !== undefined && isStill(work, target)) return afterWork(work, record.clusterId, known.now);
  if (target !== undefined) return untilWanted(target, state, known);
  return isEmpty(state) ? undefined : 'is taken off the node';
}

const isEmpty = ({ installed, work }: ExporterState): boolean => installed === undefined && work === undefined;

function untilRunning(state: ExporterState, target: ExporterSettings | undefined): string | undefined {
  const isUnfinished = state.work !== undefined || (target !== undefined && isEmpty(state));
  return isUnfinished ? 'as soon as EMR calls the node RUNNING' : undefined;
}

const beforeAndAfter = (state: ClusterState): string =>
  state.startsWith('TERMINAT') ? 'nothing more: the cluster ends' : 'as soon as the cluster runs';

/** What is in flight is waited for; an install that is wanted no more, or as another revision, is not done again. */
const isStill = (work: Work, wanted: ExporterSettings | undefined): boolean =>
  isInFlight(work) || work.action === 'remove' || work.revision === wanted?.revision;

function untilWanted({ name, version, revision }: ExporterSettings, { installed }: ExporterState, known: Knowledge) {
  if (installed === undefined) return 'is ordered as soon as the sweep or an event looks';
  if (installed.revision === revision) return undefined;
  return known.rollouts.get(name)?.stage === 'stopped'
    ? `stays: the rollout of ${version} has stopped (another version, or npm run backfill -- --force)`
    : `${version} when its turn in the rollout comes`;
}

function afterWork({ phase, at, attempt, deferrals, commandId }: Work, clusterId: ClusterId, now: Date): string {
  const due = (delay: number): string => inTime(Date.parse(at) + delay - now.getTime());
  switch (phase) {
    case 'waiting':
      return deferrals === 0 ? 'the sweep looks again' : `again ${due(deferralDelay(deferrals))}`;
    case 'failed':
      return `again ${due(failureDelay(attempt))}, run ${attempt + 1} of ${MAX_ATTEMPTS}`;
    case 'gaveUp':
      return `gave up after ${attempt} runs: npm run backfill -- --force ${clusterId}`;
    case 'conflict':
    case 'unsupported':
    case 'pendingRestart':
      return `looks again hourly, ${due(RECHECK_DELAY)}`;
    case 'ordered':
      if (commandId === undefined)
        return `being sent; looked for ${due(CLAIM_SETTLES)}, and ordered again where it was not`;
      return `result expected; without one ordered again ${due(LEASE)}`;
    case 'installing':
    case 'removing':
      return `result expected; without one ordered again ${due(LEASE)}`;
    default:
      return phase satisfies never;
  }
}

/** `in 4 min`, `now`: when the next sweep has come. */
const inTime = (milliseconds: number): string => (milliseconds <= 0 ? 'now' : `in ${span(milliseconds)}`);
