import type { Action, Knowledge } from './action.ts';
import { ASKED_AGAIN } from './decide.ts';
import type { InstanceId } from './model.ts';
import { isRunning, NOT_FOUND_COUNTS_AFTER } from './observe.ts';
import { plan } from './plan.ts';
import type { ClusterRecord, NodeRecord } from './record.ts';
import { isOver } from './retry.ts';
import { turnsOf } from './rollout.ts';
import type { Settings } from './settings.ts';
import { type Survey, tagKeys, TRANSIENT } from './survey.ts';

/** The most urgent first. */
export const URGENCIES = ['ending', 'new', 'unfinished', 'stale'] as const;
export type Urgency = (typeof URGENCIES)[number];

/** Why a cluster should be looked at. */
export interface Reason {
  readonly urgency: Urgency;
  readonly why: string;
}

/** Why EMR is to be asked about a cluster that has a record; `known` is that record with what EC2 says now. */
export function reasonsToAskEmr(
  known: ClusterRecord,
  { tags }: ClusterRecord,
  living: ReadonlySet<InstanceId>,
  survey: Survey,
  settings: Settings,
): readonly Reason[] {
  const nodes = Object.entries(known.nodes) as [InstanceId, NodeRecord][];
  const isWatched = known.selected && isRunning(known.state);
  const strangers = isWatched ? [...living].filter((id) => known.nodes[id] === undefined) : [];
  const waiting = isRunning(known.state)
    ? nodes.filter(([, { state }]) => state !== 'RUNNING' && state !== 'TERMINATED')
    : [];
  const forgotten = nodes.filter(
    ([id, { firstSeen }]) =>
      survey.instances.get(id)?.state === 'notFound' && isOver(firstSeen, NOT_FOUND_COUNTS_AFTER, survey.at),
  );
  return [
    ...stateReasons(known, living, survey),
    ...some('new', 'joined', strangers),
    ...some(
      'unfinished',
      'not running yet',
      waiting.map(([id, { state }]) => `${id} ${state}`),
    ),
    ...some(
      'unfinished',
      'forgotten by EC2',
      forgotten.map(([id]) => id),
    ),
    ...otherTags(tags, survey.tags.get(known.clusterId), settings),
  ];
}

function stateReasons(
  { clusterId, state }: ClusterRecord,
  living: ReadonlySet<InstanceId>,
  { states }: Survey,
): readonly Reason[] {
  const now = states?.get(clusterId);
  if (TRANSIENT.includes(state)) {
    if (states === undefined || now === state) return [];
    return [{ urgency: state === 'TERMINATING' ? 'ending' : 'new', why: `${state} no more` }];
  }
  if (now === 'TERMINATING') return [{ urgency: 'ending', why: now }];
  return living.size === 0 ? [{ urgency: 'ending', why: 'no living node' }] : [];
}

const some = (urgency: Urgency, what: string, which: readonly string[]): readonly Reason[] =>
  which.length === 0 ? [] : [{ urgency, why: `${what}: ${which.toSorted().join(', ')}` }];

/** EMR copies a cluster's tags to its instances; somebody may have changed them there. */
function otherTags(
  told: ClusterRecord['tags'],
  seen: Readonly<Record<string, string>> | undefined,
  settings: Settings,
): readonly Reason[] {
  if (told === undefined) return [{ urgency: 'stale', why: 'tags were never kept' }];
  const keys = seen === undefined ? [] : tagKeys(settings).filter((key) => (told[key] ?? '') !== (seen[key] ?? ''));
  return some(
    'stale',
    'tags',
    keys.map((key) => `${key}=${seen?.[key] ?? ''}`),
  );
}

/** Why it is worth to plan a cluster without asking EMR first. */
export function reasonsToAct(
  known: ClusterRecord,
  record: ClusterRecord,
  survey: Survey,
  settings: Settings,
): readonly Reason[] {
  const due = plan(known, settings, knowledgeOf(survey)).filter(({ kind }) => kind !== 'wait');
  const ends = due.filter(({ kind }) => kind === 'forget' || kind === 'end');
  const [routine, work] = [due.filter(isRoutine), due.filter((action) => !isRoutine(action))];
  const placed = Object.entries(known.nodes).flatMap(([id, { zone }]) =>
    zone === record.nodes[id as InstanceId]?.zone ? [] : [id],
  );
  const isFileOther = survey.files.get(record.clusterId) !== record.targetEtag;
  return [
    ...some(
      'ending',
      'gone',
      ends.map((action) => ('node' in action ? action.node : action.kind)),
    ),
    ...some(
      'unfinished',
      'due',
      work.flatMap((action) => ('exporter' in action ? [nameOf(action)] : [])),
    ),
    ...some('stale', 'time to ask', routine.map(nameOf)),
    ...some('unfinished', 'placed', placed),
    ...(isFileOther ? [{ urgency: 'unfinished' as const, why: 'target file' }] : []),
    ...(record.configHash === settings.hash
      ? []
      : [{ urgency: 'stale' as const, why: `configuration ${settings.hash}` }]),
  ];
}

const isRoutine = (action: Action): action is Extract<Action, { kind: 'check' }> =>
  action.kind === 'check' && action.reason === ASKED_AGAIN;

const nameOf = ({ kind, exporter, node }: Extract<Action, { exporter: string }>): string =>
  `${kind} ${exporter} ${node}`;

const knowledgeOf = ({ at: now, rollouts }: Survey): Knowledge => ({
  now,
  rung: new Set(),
  asked: new Set(),
  absent: new Map(),
  online: new Map(),
  missing: new Set(),
  ...turnsOf(rollouts),
});
