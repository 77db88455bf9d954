import type { Knowledge } from './action.ts';
import { isDue, isInFlight } from './decide.ts';
import type { ClusterId, ExporterName, InstanceId } from './model.ts';
import { isRunning } from './observe.ts';
import { isWanted } from './plan.ts';
import type { ClusterRecord, ExporterState, NodeRecord, Work } from './record.ts';
import { isOver, LEASE } from './retry.ts';
import type { ExporterSettings, RolloutSettings, Settings } from './settings.ts';

/**
 * Where an exporter stands on its way to another version or revision, computed from the records alone:
 *
 *   none      every node that has the exporter has the wanted revision
 *   canary    none has changed to it yet: one node of the fleet tries
 *   clusters  one has: one node of each other cluster tries
 *   rest      every cluster's own try is over: the rest follows where it succeeded
 *   stopped   too many tries have failed: nobody is told to change, until there is another revision or somebody says
 *             `force`
 *
 * At most a share of the fleet is under way at once. A node that tries for others and gives no result for 20 minutes, or
 * is put off for over 4, is replaced by another. One failure alone, which may be its node's own, stops nothing until the
 * node gives up.
 */
export interface Rollout {
  readonly stage: 'none' | 'canary' | 'clusters' | 'rest' | 'stopped';
  /** Nodes that have the exporter, and those of them that have the wanted revision. */
  readonly total: number;
  readonly done: number;
  /** Nodes that have tried to change and failed. */
  readonly failed: number;
  /** Nodes whose turn it is: those that have begun, and those that may begin now. */
  readonly turn: ReadonlySet<InstanceId>;
}

/** Every exporter that is wanted anywhere. */
export const rollouts = (
  records: Iterable<ClusterRecord>,
  { exporters, rollout }: Settings,
  now: Date,
): ReadonlyMap<ExporterName, Rollout> => {
  const fleet = [...records].toSorted((a, b) => (a.clusterId < b.clusterId ? -1 : 1));
  return new Map(exporters.map((exporter) => [exporter.name, rolloutOf(exporter, fleet, rollout, now)]));
};

/** What the planner needs of them. */
export const turnsOf = (all: ReadonlyMap<ExporterName, Rollout>): Pick<Knowledge, 'stopped' | 'upgrades'> => ({
  stopped: new Set([...all].flatMap(([exporter, { stage }]) => (stage === 'stopped' ? [exporter] : []))),
  upgrades: new Map([...all].map(([exporter, { turn }]) => [exporter, turn])),
});

/** An order without result is waited for that long before another node tries in its place. */
const PATIENCE = 20 * 60_000;

interface Member {
  readonly node: InstanceId;
  readonly cluster: ClusterId;
  /** `other`: something else is under way there, and has to end first. */
  readonly is: 'new' | 'upgraded' | 'old' | 'busy' | 'other' | 'stuck' | 'failed' | 'gaveUp' | 'leaving';
  /** An order of it is under way, and its lease not over. */
  readonly isRunning: boolean;
  /** It has tried, and may try again. */
  readonly isDue: boolean;
}

function rolloutOf(
  exporter: ExporterSettings,
  fleet: readonly ClusterRecord[],
  { atOnce, failures }: RolloutSettings,
  now: Date,
): Rollout {
  const members = fleet.flatMap((record) => membersOf(exporter, record, now));
  const count = (...states: readonly Member['is'][]): number => members.filter(({ is }) => states.includes(is)).length;
  const [total, done, upgraded] = [members.length, count('new', 'upgraded'), count('upgraded')];
  const [failed, gaveUp] = [count('failed', 'gaveUp'), count('gaveUp')];
  const known = { total, done, failed };
  if (done === total) return { stage: 'none', ...known, turn: new Set() };
  const isTooMany = (failed > 1 || gaveUp > 0) && failed > failures * (upgraded + failed);
  if (isTooMany || (upgraded === 0 && gaveUp > 0)) return { stage: 'stopped', ...known, turn: new Set() };
  const { stage, candidates } = next(members);
  const most = stage === 'canary' ? 1 : Math.max(1, Math.floor(atOnce * total));
  const running = members.filter(({ is, isRunning: runs }) => is === 'busy' && runs);
  // What was put off keeps its place, and needs one again when it is ordered again.
  const again = members.filter(({ is, isRunning: runs, isDue: due }) => is === 'busy' && !runs && due);
  const fresh = candidates.slice(0, Math.max(0, most - count('busy', 'other')));
  const begin = [...again, ...fresh].slice(0, Math.max(0, most - running.length - count('other')));
  return { stage, ...known, turn: new Set([...running, ...begin].map(({ node }) => node)) };
}

function next(members: readonly Member[]): { stage: 'canary' | 'clusters' | 'rest'; candidates: readonly Member[] } {
  if (!has(members, 'upgraded')) return { stage: 'canary', candidates: ownTry(members) };
  const clusters = [...Map.groupBy(members, ({ cluster }) => cluster).values()];
  const [proven, unproven] = [
    clusters.filter((some) => has(some, 'upgraded')),
    clusters.filter((some) => !has(some, 'upgraded')),
  ];
  const tries = unproven.flatMap(ownTry);
  const isOpen = unproven.some((some) => has(some, 'old', 'busy') && !has(some, 'failed', 'gaveUp'));
  if (isOpen) return { stage: 'clusters', candidates: tries };
  const rest = proven.flatMap((some) => [...some.filter(({ is }) => is === 'old'), ...some.filter(mayRepeat)]);
  return { stage: 'rest', candidates: [...tries, ...rest] };
}

const has = (some: readonly Member[], ...states: readonly Member['is'][]): boolean =>
  some.some(({ is }) => states.includes(is));

const mayRepeat = ({ is, isDue: due }: Member): boolean => due && (is === 'stuck' || is === 'failed');

/** The one node that tries for all of them: the one that failed tries again itself, one without result gives way. */
function ownTry(some: readonly Member[]): readonly Member[] {
  if (has(some, 'busy', 'gaveUp')) return [];
  if (has(some, 'failed')) return some.filter((member) => member.is === 'failed' && mayRepeat(member)).slice(0, 1);
  return [...some.filter(({ is }) => is === 'old'), ...some.filter(mayRepeat)].slice(0, 1);
}

function membersOf(exporter: ExporterSettings, record: ClusterRecord, now: Date): readonly Member[] {
  if (!isRunning(record.state)) return [];
  return Object.entries(record.nodes).flatMap(([id, node]) => {
    const state = node.exporters[exporter.name];
    if (state?.installed === undefined || state.installed.adopted === true || node.state === 'TERMINATED') return [];
    const at = { node: id as InstanceId, cluster: record.clusterId };
    const under = progress(state.work, now);
    const wanted = isWanted(exporter, record, node);
    // A try where it is wanted no more takes its place in the share, and nobody waits for it.
    const is = wanted || !under.isRunning ? stateOf(exporter, state, now) : 'other';
    if (node.state === 'RUNNING' && wanted) {
      return [{ ...at, is: spared(is, node), ...under }];
    }
    return under.isRunning || EVIDENCE.has(is) ? [{ ...at, is, ...under, isDue: false }] : [];
  });
}

/** A node that is about to be taken back is not told to change any more. */
const spared = (is: Member['is'], { leaving }: NodeRecord): Member['is'] =>
  is === 'old' && leaving === true ? 'leaving' : is;

/** What counts even where the exporter is wanted no more, or the node is back in bootstrapping; as what is under way does. */
const EVIDENCE: ReadonlySet<Member['is']> = new Set(['upgraded', 'failed', 'gaveUp']);

function progress(work: Work | undefined, now: Date): Pick<Member, 'isRunning' | 'isDue'> {
  if (work === undefined) return { isRunning: false, isDue: false };
  const isUnderWay = isInFlight(work) && !isOver(work.at, LEASE, now);
  return { isRunning: isUnderWay, isDue: !isUnderWay && (isInFlight(work) || isDue(work, now)) };
}

function stateOf({ revision }: ExporterSettings, { installed, work }: ExporterState, now: Date): Member['is'] {
  if (installed?.revision === revision) return installed.from === undefined ? 'new' : 'upgraded';
  if (work === undefined) return 'old';
  return work.action === 'install' && work.revision === revision ? triedBy(work, now) : otherWork(work, now);
}

const otherWork = (work: Work, now: Date): Member['is'] =>
  isInFlight(work) && !isOver(work.at, LEASE, now) ? 'other' : 'old';

function triedBy({ phase, deferrals, at }: Work, now: Date): Member['is'] {
  switch (phase) {
    case 'gaveUp':
    case 'unsupported':
      return 'gaveUp';
    case 'failed':
      return 'failed';
    default: {
      // Ordered again when its lease was over, or put off, it has been without result for longer than `at` says.
      const patience = deferrals === 0 ? PATIENCE : PATIENCE - LEASE;
      return isOver(at, patience, now) ? 'stuck' : 'busy';
    }
  }
}
