import type { Knowledge } from './action.ts';
import type { ClusterId, InstanceId } from './model.ts';
import { isRunning, NOT_FOUND_COUNTS_AFTER, remember } from './observe.ts';
import { plan } from './plan.ts';
import type { ClusterRecord, NodeRecord } from './record.ts';
import { isOver } from './retry.ts';
import { turnsOf } from './rollout.ts';
import type { Settings } from './settings.ts';
import { livingNodes, type Survey, tagKeys, TRANSIENT } from './survey.ts';

/** The most urgent first. */
const URGENCIES = ['ending', 'new', 'unfinished', 'stale'] as const;
type Urgency = (typeof URGENCIES)[number];

/** A look that a sweep would take: through EMR, or at what EC2, SSM and S3 say without it. */
export interface Wish {
  readonly id: ClusterId;
  readonly depth: 'emr' | 'ec2';
  readonly urgency: Urgency;
  /** Says what is wished for and why: the same wish again waits longer each time. */
  readonly signature: string;
}

interface Reason {
  readonly urgency: Urgency;
  readonly why: string;
}

export const byUrgency = (a: Wish, b: Wish): number => URGENCIES.indexOf(a.urgency) - URGENCIES.indexOf(b.urgency);

/**
 * Which clusters differ from their record, or hold unfinished work:
 *
 *   seen                                                        → wish
 *   no record; EC2 shows a living node, EMR lists it as starting → none: there is nothing to do yet
 *   no record; EC2 shows a living node                          → emr, new
 *   STARTING, BOOTSTRAPPING; EMR lists it so no more            → emr, new
 *   TERMINATING; EMR lists it so no more                        → emr, ending
 *   running; EMR lists it TERMINATING                           → emr, ending
 *   no living node                                              → emr, ending
 *   watched and running; a living node that the record lacks    → emr, new
 *   running; a node that did not run when EMR was asked         → emr, unfinished
 *   a node that EC2 has forgotten                               → emr, unfinished
 *   its tags are not what EMR said, or were never kept          → emr, stale
 *   an order, a result or a node's end is due                   → ec2, unfinished (a node's end: ending)
 *   EC2 tells a node's zone, which it did not know before       → ec2, unfinished
 *   the target file is not the one that was written             → ec2, unfinished
 *   another monitoring.yml                                      → ec2, stale
 *   anything else                                               → none
 */
export function wishes(
  records: ReadonlyMap<ClusterId, ClusterRecord>,
  unreadable: ReadonlySet<ClusterId>,
  survey: Survey,
  settings: Settings,
): readonly Wish[] {
  const living = livingNodes(survey);
  const ids = new Set([...records.keys(), ...living.keys()]);
  return [...ids].toSorted().flatMap((id) => {
    if (unreadable.has(id)) return [];
    const record = records.get(id);
    const nodes = living.get(id) ?? new Set<InstanceId>();
    if (record === undefined) return toWish(id, 'emr', survey.states?.has(id) === true ? [] : [MEET]);
    const known = remember(record, atEc2(survey), settings);
    return [
      ...toWish(id, 'emr', reasonsToAskEmr(known, record, nodes, survey, settings)),
      ...toWish(id, 'ec2', reasonsToAct(known, record, survey, settings)),
    ];
  });
}

const atEc2 = ({ at, instances }: Survey) => ({
  at,
  instances,
  cluster: undefined,
  nodes: undefined,
  putOff: 0,
  roles: new Map(),
  leaving: new Set<InstanceId>(),
});

function toWish(id: ClusterId, depth: Wish['depth'], reasons: readonly Reason[]): readonly Wish[] {
  if (reasons.length === 0) return [];
  const [{ urgency }] = reasons.toSorted((a, b) => URGENCIES.indexOf(a.urgency) - URGENCIES.indexOf(b.urgency)) as [
    Reason,
  ];
  return [{ id, depth, urgency, signature: reasons.map(({ why }) => why).join('; ') }];
}

const MEET: Reason = { urgency: 'new', why: 'new' };

function reasonsToAskEmr(
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

function reasonsToAct(
  known: ClusterRecord,
  record: ClusterRecord,
  survey: Survey,
  settings: Settings,
): readonly Reason[] {
  const due = plan(known, settings, knowledgeOf(survey)).filter(({ kind }) => kind !== 'wait');
  const [ends, work] = [due.filter(({ kind }) => kind === 'forget' || kind === 'end'), due];
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
      work.flatMap((action) => ('exporter' in action ? [`${action.kind} ${action.exporter} ${action.node}`] : [])),
    ),
    ...some('unfinished', 'placed', placed),
    ...(isFileOther ? [{ urgency: 'unfinished' as const, why: 'target file' }] : []),
    ...(record.configHash === settings.hash
      ? []
      : [{ urgency: 'stale' as const, why: `configuration ${settings.hash}` }]),
  ];
}

const knowledgeOf = ({ at: now, rollouts }: Survey): Knowledge => ({
  now,
  rung: new Set(),
  asked: new Set(),
  absent: new Map(),
  online: new Map(),
  missing: new Set(),
  ...turnsOf(rollouts),
});
