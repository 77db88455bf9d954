import { canonicalJson } from './canonical.ts';
import type { CommandId, ExporterName, InstanceId, OrderId, WorkAction } from './model.ts';
import type { Action } from './action.ts';
import { isInFlight } from './decide.ts';
import type { Verdict } from './policy.ts';
import type { ClusterRecord, ExporterState, Work } from './record.ts';

/** What decisions and their execution change in the record. */

/**
 * Forgets nodes, drops what is left over, and notes why others wait or are held: once per reason, so that a wait does
 * not rewrite the record for ever.
 */
export function applyDecisions(
  record: ClusterRecord,
  { allowed, refused }: Verdict,
  wanted: Versions,
  now: Date,
): ClusterRecord {
  const gone = new Set(allowed.flatMap((action) => (action.kind === 'forget' ? [action.node] : [])));
  const nodes = Object.entries(record.nodes).filter(([id]) => !gone.has(id as InstanceId));
  const left: ClusterRecord = { ...record, nodes: Object.fromEntries(nodes) };
  const decided = allowed.reduce((sum, action) => note(sum, action, wanted, now), left);
  return noteHeld(decided, allowed, refused);
}

type Versions = ReadonlyMap<ExporterName, { readonly version: string; readonly revision: string }>;
type Wait = Extract<Action, { kind: 'wait' }>;

function note(record: ClusterRecord, action: Action, wanted: Versions, now: Date): ClusterRecord {
  switch (action.kind) {
    case 'wait':
      return noteWait(record, action, wanted, now);
    case 'drop':
      return changeState(record, action.node, action.exporter, ({ installed }) =>
        action.of === 'work' ? { installed } : {},
      );
    default:
      return record;
  }
}

/** Only work that has not begun is noted: what is in flight, or has failed, keeps its own story. */
function noteWait(record: ClusterRecord, wait: Wait, wanted: Versions, now: Date): ClusterRecord {
  const { node, exporter, reason, action } = wait;
  const target = wanted.get(exporter);
  if (target === undefined) return record;
  return changeState(record, node, exporter, (state) => {
    const { version, revision } = target;
    const { work } = state;
    if (work !== undefined && (isInFlight(work) || isSaid(work, wait, revision))) return state;
    const same = work !== undefined && isFor(work, action, revision) ? work : undefined;
    // What ran before may still be on the node.
    const counts = { attempt: same?.attempt ?? 0, deferrals: same?.deferrals ?? (work === undefined ? 0 : 1) };
    const waiting: Work = { action, phase: 'waiting', version, revision, ...counts, at: now.toISOString(), reason };
    return { ...state, work: waiting };
  });
}

const isFor = (work: Work, action: WorkAction, revision: string): boolean =>
  work.action === action && work.revision === revision;

const isSaid = (work: Work, { action, reason }: Wait, revision: string): boolean =>
  isFor(work, action, revision) && (work.phase !== 'waiting' || (work.reason ?? work.phase) === reason);

/** What a policy refuses is noted where it would have happened; a question that was not put yet changes nothing. */
function noteHeld(record: ClusterRecord, allowed: readonly Action[], refused: Verdict['refused']): ClusterRecord {
  const place = (action: Action): string =>
    `${'node' in action ? action.node : ''} ${'exporter' in action ? action.exporter : ''}`;
  const held = new Map(refused.map(({ action, reason }) => [place(action), reason]));
  const open = new Set(allowed.flatMap((action) => (action.kind === 'check' ? [place(action)] : [])));
  const nodes = Object.entries(record.nodes).map(([id, node]) => {
    const exporters = Object.entries(node.exporters).map(([name, state]) => {
      const at = `${id} ${name}`;
      return [name, { ...state, held: held.get(at) ?? (open.has(at) ? state.held : undefined) }];
    });
    return [id, { ...node, held: held.get(`${id} `), exporters: Object.fromEntries(exporters) }];
  });
  return { ...record, held: held.get(' '), nodes: Object.fromEntries(nodes) };
}

/** Does a node still have what it had when the order was planned? */
export const isUntouched = (
  id: InstanceId,
  exporter: ExporterName,
  planned: ClusterRecord,
  current: ClusterRecord,
): boolean => {
  const [before, now] = [planned.nodes[id], current.nodes[id]];
  if (now === undefined || before === undefined) return false;
  return canonicalJson(before.exporters[exporter] ?? {}) === canonicalJson(now.exporters[exporter] ?? {});
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
  orders.reduce(
    (sum, { node, exporter, work }) =>
      changeState(sum, node, exporter, ({ installed }) => ({
        installed: work.action === 'remove' ? undefined : installed,
        work: { ...work, orderId },
      })),
    record,
  );

/** The order was sent: its command id is kept with the work that still carries the order id. */
export const noteSent = (record: ClusterRecord, orderId: OrderId, commandId: CommandId): ClusterRecord =>
  changeOrdered(record, orderId, (work) => ({
    ...work,
    commandId,
    phase: work.action === 'install' ? 'installing' : 'removing',
  }));

/** SSM called these nodes invalid: they wait, and no attempt was spent. */
export const noteRefused = (record: ClusterRecord, orderId: OrderId, refused: readonly InstanceId[]): ClusterRecord =>
  changeOrdered(record, orderId, ({ orderId: _, ...work }, node) =>
    refused.includes(node)
      ? { ...work, phase: 'waiting', deferrals: work.deferrals + 1, reason: 'SSM calls the instance invalid' }
      : { ...work, orderId },
  );

type Change = (work: Work, node: InstanceId) => Work;

function changeOrdered(record: ClusterRecord, orderId: OrderId, change: Change): ClusterRecord {
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

/** An exporter of which nothing is left is no longer named. */
function changeState(
  record: ClusterRecord,
  id: InstanceId,
  exporter: ExporterName,
  change: (state: ExporterState) => ExporterState,
): ClusterRecord {
  const node = record.nodes[id];
  if (node === undefined) return record;
  const { [exporter]: before = {}, ...others } = node.exporters;
  const after = change(before);
  const isEmpty = after.installed === undefined && after.work === undefined;
  const exporters = isEmpty ? others : { ...others, [exporter]: after };
  return { ...record, nodes: { ...record.nodes, [id]: { ...node, exporters } } };
}
