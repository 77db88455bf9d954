import { isSameJson } from './canonical.ts';
import type { ExporterName, InstanceId, OrderId, Sent, WorkAction } from './model.ts';
import type { Action } from './action.ts';
import { AGENT_OFFLINE, isInFlight } from './decide.ts';
import { isKept } from './observe.ts';
import type { Verdict } from './policy.ts';
import type { ClusterRecord, ExporterState, NodeRecord, Work } from './record.ts';

/** What decisions and their execution change in the record. */

/**
 * Forgets nodes, drops what is left over, and notes why others wait or are held: once per reason, so that a wait does
 * not rewrite the record for ever. Of a cluster that is not watched, a node is kept while an exporter of ours is on it.
 */
export function applyDecisions(
  record: ClusterRecord,
  { allowed, refused }: Verdict,
  wanted: Versions,
  now: Date,
): ClusterRecord {
  const gone = new Set(allowed.flatMap((action) => (action.kind === 'forget' ? [action.node] : [])));
  const nodes = Object.entries(record.nodes).filter(([id]) => !gone.has(id as InstanceId));
  const changes = allowed.flatMap((action): readonly Change[] => {
    switch (action.kind) {
      case 'wait':
        return toWaiting(action, wanted.get(action.exporter), now);
      case 'drop':
        return [{ ...action, to: ({ installed }) => (action.of === 'work' ? { installed, work: action.left } : {}) }];
      default:
        return [];
    }
  });
  const changed = changeStates({ ...record, nodes: Object.fromEntries(nodes) }, changes);
  const kept = Object.entries(changed.nodes).filter(([, node]) => isKept(node, record));
  return noteHeld({ ...changed, nodes: Object.fromEntries(kept) }, allowed, refused);
}

type Version = Readonly<Record<'version' | 'revision', string>>;
type Versions = ReadonlyMap<ExporterName, Version>;
type Wait = Extract<Action, { kind: 'wait' }>;

/**
 * Only work that has not begun is noted: what is in flight, or has failed, keeps its own story. But that a node cannot
 * be reached any more is said of a failed one too: nothing else would ever be heard of it.
 */
function toWaiting(wait: Wait, wanted: Version | undefined, now: Date): readonly Change[] {
  if (wanted === undefined) return [];
  const { node, exporter, reason, action } = wait;
  const { version, revision } = wanted;
  const to = (state: ExporterState): ExporterState => {
    const work = wait.left ?? state.work;
    if (work !== undefined && isOutOfReach(work, wait, revision)) return { ...state, work: { ...work, reason } };
    if (work !== undefined && (isInFlight(work) || isSaid(work, wait, revision))) return { ...state, work };
    const counts = countsOf(work, action, revision);
    return {
      ...state,
      work: { action, phase: 'waiting', version, revision, ...counts, at: now.toISOString(), reason },
    };
  };
  return [{ node, exporter, to }];
}

/** Of another revision or action: what ran before may still be on the node. */
function countsOf(work: Work | undefined, action: WorkAction, revision: string): Pick<Work, 'attempt' | 'deferrals'> {
  if (work === undefined) return { attempt: 0, deferrals: 0 };
  return isFor(work, action, revision)
    ? { attempt: work.attempt, deferrals: work.deferrals }
    : { attempt: 0, deferrals: 1 };
}

const isFor = (work: Work, action: WorkAction, revision: string): boolean =>
  work.action === action && work.revision === revision;

const isOutOfReach = (work: Work, { action, reason }: Wait, revision: string): boolean =>
  work.phase === 'failed' && reason === AGENT_OFFLINE && isFor(work, action, revision);

const isSaid = (work: Work, { action, reason }: Wait, revision: string): boolean =>
  isFor(work, action, revision) && (work.phase !== 'waiting' || (work.reason ?? work.phase) === reason);

/** What a policy refuses is noted where it would have happened; a question that was not put yet changes nothing. */
function noteHeld(record: ClusterRecord, allowed: readonly Action[], refused: Verdict['refused']): ClusterRecord {
  const held = new Map(refused.map(({ action, reason }) => [place(action), reason]));
  const open = new Set(allowed.flatMap((action) => (action.kind === 'check' ? [place(action)] : [])));
  const here = refused.flatMap(({ action, reason }) => ('exporter' in action ? [{ ...action, because: reason }] : []));
  const there = (Object.entries(record.nodes) as [InstanceId, NodeRecord][]).flatMap(([node, { exporters }]) =>
    Object.entries(exporters).flatMap(([exporter, state]) =>
      state.held === undefined || open.has(place({ node, exporter })) ? [] : [{ node, exporter, because: undefined }],
    ),
  );
  const noted = changeStates(
    record,
    [...there, ...here].map(({ node, exporter, because }) => ({
      node,
      exporter,
      to: (state) => ({ ...state, held: because }),
    })),
  );
  const nodes = Object.entries(noted.nodes).map(([id, node]) => [
    id,
    { ...node, held: held.get(place({ node: id })) ?? stillHeld(node) },
  ]);
  return { ...noted, held: held.get(place({})), nodes: Object.fromEntries(nodes) };
}

/** It is gone, and neither forgotten nor refused this time: the doubt stands. */
const stillHeld = ({ state, held }: NodeRecord): string | undefined => (state === 'TERMINATED' ? held : undefined);

const place = (at: object): string =>
  `${'node' in at ? String(at.node) : ''} ${'exporter' in at ? String(at.exporter) : ''}`;

/** Does a node still have what it had when the order was planned? */
export const isUntouched = (
  id: InstanceId,
  exporter: ExporterName,
  planned: ClusterRecord,
  current: ClusterRecord,
): boolean => {
  const [before, now] = [planned.nodes[id], current.nodes[id]];
  if (now === undefined || before === undefined) return false;
  return isSameJson(before.exporters[exporter] ?? {}, now.exporters[exporter] ?? {});
};

/**
 * Saved before the order is sent, so that nobody else sends it too (docs/adr: claim before you act). What is to be
 * removed counts as gone from then on: its endpoints leave.
 */
export const claim = (
  record: ClusterRecord,
  orders: readonly Extract<Action, { kind: 'order' }>[],
  orderId: OrderId,
): ClusterRecord =>
  changeStates(
    record,
    orders.map(({ node, exporter, work }) => ({
      node,
      exporter,
      to: ({ installed }) => ({
        installed: work.action === 'remove' ? undefined : installed,
        work: { ...work, orderId },
      }),
    })),
  );

/** One command of the order was sent to these nodes: its id is kept with their work that still carries the order id. */
export const noteSent = (record: ClusterRecord, orderId: OrderId, { commandId, nodes }: Sent): ClusterRecord =>
  changeOrdered(record, orderId, (work, node) =>
    nodes.includes(node) ? { ...work, commandId, phase: work.action === 'install' ? 'installing' : 'removing' } : work,
  );

/** Nothing was sent to these nodes: they wait, longer each time, and no attempt was spent. */
export const noteRefused = (
  record: ClusterRecord,
  orderId: OrderId,
  refused: readonly InstanceId[],
  reason = 'SSM calls the instance invalid',
): ClusterRecord =>
  changeOrdered(record, orderId, ({ orderId: _, ...work }, node) =>
    refused.includes(node)
      ? { ...work, phase: 'waiting', deferrals: work.deferrals + 1, reason }
      : { ...work, orderId },
  );

type ChangeWork = (work: Work, node: InstanceId) => Work;

function changeOrdered(record: ClusterRecord, orderId: OrderId, change: ChangeWork): ClusterRecord {
  const nodes = Object.entries(record.nodes).map(([id, node]) => {
    const exporters = Object.entries(node.exporters).map(([name, state]) => {
      const { work } = state;
      const isOurs = work?.orderId === orderId && work.phase === 'ordered';
      return [name, isOurs ? { ...state, work: change(work, id as InstanceId) } : state];
    });
    return [id, { ...node, exporters: Object.fromEntries(exporters) }];
  });
  return { ...record, nodes: Object.fromEntries(nodes) };
}

interface Change {
  readonly node: InstanceId;
  readonly exporter: ExporterName;
  readonly to: (state: ExporterState) => ExporterState;
}

/** In one pass: a copy of all nodes for each change would take seconds for 2,000 of them. */
function changeStates(record: ClusterRecord, changes: readonly Change[]): ClusterRecord {
  if (changes.length === 0) return record;
  const byNode = Map.groupBy(changes, ({ node }) => node);
  const nodes = (Object.entries(record.nodes) as [InstanceId, NodeRecord][]).map(([id, node]) => {
    const exporters = (byNode.get(id) ?? []).reduce(changeOne, node.exporters);
    return [id, exporters === node.exporters ? node : { ...node, exporters }];
  });
  return { ...record, nodes: Object.fromEntries(nodes) };
}

/** An exporter of which nothing is left is no longer named. */
function changeOne(exporters: NodeRecord['exporters'], { exporter, to }: Change): NodeRecord['exporters'] {
  const { [exporter]: before = {}, ...others } = exporters;
  const after = to(before);
  const isEmpty = Object.values(after).every((part) => part === undefined);
  return isEmpty ? others : { ...others, [exporter]: after };
}
