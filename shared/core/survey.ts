import type { Knowledge } from './action.ts';
import type { ClusterId, ClusterState, Ec2Instance, ExporterName, InstanceId } from './model.ts';
import { isGone, isRunning, remember } from './observe.ts';
import { plan } from './plan.ts';
import type { ClusterRecord } from './record.ts';
import { isOver } from './retry.ts';
import { type Rollout, turnsOf } from './rollout.ts';
import type { Settings } from './settings.ts';

/** What one sweep saw of the account, all clusters at once. */
export interface Survey {
  readonly at: Date;
  /** Every instance that carries EMR's tag, ended ones too. */
  readonly members: ReadonlyMap<InstanceId, ClusterId>;
  /** What EC2 said of an instance: those that leave, and those that carry the tag no more. */
  readonly instances: ReadonlyMap<InstanceId, Ec2Instance>;
  /** The clusters that are about to change (TRANSIENT), or undefined when EMR was not asked. */
  readonly states: ReadonlyMap<ClusterId, ClusterState> | undefined;
  /** The tags of a node of some clusters, of those keys only that the configuration names. */
  readonly tags: ReadonlyMap<ClusterId, Readonly<Record<string, string>>>;
  /** ETags of the target files. */
  readonly files: ReadonlyMap<ClusterId, string>;
  readonly rollouts: ReadonlyMap<ExporterName, Rollout>;
}

/** States that a cluster leaves by itself: one list call shows which of them did. */
export const TRANSIENT: readonly ClusterState[] = ['STARTING', 'BOOTSTRAPPING', 'TERMINATING'];

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

/** EMR's tag is no evidence of a new node: a stranger that EMR does not list is asked about ever more seldom. */
const EC2_SETTLES = 10 * 60_000;

/**
 * Which clusters differ from their record, or hold unfinished work:
 *
 *   seen                                                        → wish
 *   no record; EC2 shows a living node, or EMR lists it starting → emr, new
 *   STARTING, BOOTSTRAPPING; EMR lists it so no more            → emr, new
 *   TERMINATING; EMR lists it so no more                        → emr, ending
 *   running; EMR lists it TERMINATING                           → emr, ending
 *   no living node                                              → emr, ending
 *   watched and running; a living node that the record lacks    → emr, new
 *   watched and running; a node that does not run yet           → emr, unfinished
 *   a node that EC2 has forgotten                               → emr, unfinished
 *   its tags are not what EMR said, or were never kept          → emr, stale
 *   an order, a result or a node's end is due                   → ec2, unfinished (a node's end: ending)
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
  const ids = new Set([...records.keys(), ...living.keys(), ...(survey.states?.keys() ?? [])]);
  return [...ids].toSorted().flatMap((id) => {
    if (unreadable.has(id)) return [];
    const record = records.get(id);
    const nodes = living.get(id) ?? new Set<InstanceId>();
    if (record === undefined) return toWish(id, 'emr', reasonsToMeet(id, nodes, survey));
    const known = remember(record, atEc2(survey), settings);
    return [
      ...toWish(id, 'emr', reasonsToAskEmr(known, record, nodes, survey, settings)),
      ...toWish(id, 'ec2', reasonsToAct(known, record, survey, settings)),
    ];
  });
}

/** One node of each cluster that has living ones: always the same, as long as it lives. */
export const representatives = (survey: Pick<Survey, 'members' | 'instances'>): ReadonlyMap<ClusterId, InstanceId> =>
  new Map([...livingNodes(survey)].map(([id, nodes]) => [id, [...nodes].toSorted()[0] as InstanceId]));

/** Nodes of the records that neither carry EMR's tag nor are said to leave: EC2 is asked about them by id. */
export const vanished = (
  records: Iterable<ClusterRecord>,
  { members, instances }: Pick<Survey, 'members' | 'instances'>,
): readonly InstanceId[] =>
  [...records].flatMap(({ nodes }) =>
    (Object.keys(nodes) as InstanceId[]).filter((id) => !members.has(id) && !instances.has(id)),
  );

function livingNodes({ members, instances }: Pick<Survey, 'members' | 'instances'>) {
  const living = new Map<ClusterId, Set<InstanceId>>();
  for (const [node, cluster] of members) {
    if (isGone(instances.get(node))) continue;
    const nodes = living.get(cluster);
    if (nodes === undefined) living.set(cluster, new Set([node]));
    else nodes.add(node);
  }
  return living;
}

const atEc2 = ({ at, instances }: Survey) => ({
  at,
  instances,
  cluster: undefined,
  nodes: undefined,
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

function reasonsToMeet(id: ClusterId, living: ReadonlySet<InstanceId>, { states }: Survey): readonly Reason[] {
  const state = states?.get(id);
  if (living.size === 0 && (state === undefined || state === 'TERMINATING')) return [];
  return [{ urgency: 'new', why: 'new' }];
}

function reasonsToAskEmr(
  known: ClusterRecord,
  { tags }: ClusterRecord,
  living: ReadonlySet<InstanceId>,
  survey: Survey,
  settings: Settings,
): readonly Reason[] {
  const nodes = Object.entries(known.nodes) as [InstanceId, ClusterRecord['nodes'][InstanceId]][];
  const isWatched = known.selected && isRunning(known.state);
  const strangers = isWatched ? [...living].filter((id) => known.nodes[id] === undefined) : [];
  const waiting = isWatched ? nodes.filter(([, { state }]) => state !== 'RUNNING' && state !== 'TERMINATED') : [];
  const forgotten = nodes.filter(
    ([id, { firstSeen }]) =>
      survey.instances.get(id)?.state === 'notFound' && isOver(firstSeen, EC2_SETTLES, survey.at),
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
    ...(hasOtherTags(tags, survey.tags.get(known.clusterId), settings)
      ? [{ urgency: 'stale' as const, why: 'tags' }]
      : []),
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
function hasOtherTags(
  told: ClusterRecord['tags'],
  seen: Readonly<Record<string, string>> | undefined,
  settings: Settings,
): boolean {
  if (told === undefined) return true;
  return seen !== undefined && tagKeys(settings).some((key) => (told[key] ?? '') !== (seen[key] ?? ''));
}

/** The tags that the configuration names. */
export const tagKeys = ({ labels, selection }: Settings): readonly string[] =>
  [...new Set([...Object.values(labels), ...Object.keys(selection.tags)])].toSorted();

function reasonsToAct(
  known: ClusterRecord,
  record: ClusterRecord,
  survey: Survey,
  settings: Settings,
): readonly Reason[] {
  const due = plan(known, settings, knowledgeOf(survey)).filter(({ kind }) => kind !== 'wait');
  const [ends, work] = [due.filter(({ kind }) => kind === 'forget' || kind === 'end'), due];
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
