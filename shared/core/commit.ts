import { canonicalJson } from './canonical.ts';
import type { CommandId, ExporterName, InstanceId, OrderId } from './model.ts';
import type { Action } from './plan.ts';
import type { ClusterRecord, Work } from './record.ts';

/** What decisions and their execution change in the record. */

/** Forgets nodes, and notes why others wait: once per reason, so that a wait does not rewrite the record for ever. */
export function applyDecisions(
  record: ClusterRecord,
  actions: readonly Action[],
  wanted: Versions,
  now: Date,
): ClusterRecord {
  const gone = new Set(actions.flatMap((action) => (action.kind === 'forget' ? [action.node] : [])));
  const nodes = Object.entries(record.nodes).filter(([id]) => !gone.has(id as InstanceId));
  const left: ClusterRecord = { ...record, nodes: Object.fromEntries(nodes) };
  return actions.reduce((sum, action) => (action.kind === 'wait' ? noteWait(sum, action, wanted, now) : sum), left);
}

type Versions = ReadonlyMap<ExporterName, { readonly version: string; readonly revision: string }>;
type Wait = Extract<Action, { kind: 'wait' }>;

/** Only work that has not begun is noted: what is in flight, or has failed, keeps its own story. */
function noteWait(record: ClusterRecord, { node, exporter, reason }: Wait, wanted: Versions, now: Date): ClusterRecord {
  const target = wanted.get(exporter);
  const work = record.nodes[node]?.exporters[exporter]?.work;
  const isBegun = work !== undefined && work.phase !== 'waiting';
  const isNoted = work !== undefined && (work.reason ?? work.phase) === reason;
  if (target === undefined || isBegun || isNoted) return record;
  const { version, revision } = target;
  const waiting: Work = {
    action: 'install',
    phase: 'waiting',
    version,
    revision,
    attempt: work?.attempt ?? 0,
    deferrals: 0,
    at: now.toISOString(),
    reason,
  };
  return changeWork(record, node, exporter, waiting);
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

/** Saved before the order is sent, so that nobody else sends it too (docs/adr: claim before you act). */
export const claim = (
  record: ClusterRecord,
  orders: readonly Extract<Action, { kind: 'order' }>[],
  orderId: OrderId,
): ClusterRecord =>
  orders.reduce((sum, { node, exporter, work }) => changeWork(sum, node, exporter, { ...work, orderId }), record);

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

function changeWork(record: ClusterRecord, id: InstanceId, exporter: ExporterName, work: Work): ClusterRecord {
  const node = record.nodes[id];
  if (node === undefined) return record;
  const exporters = { ...node.exporters, [exporter]: { ...node.exporters[exporter], work } };
  return { ...record, nodes: { ...record.nodes, [id]: { ...node, exporters } } };
}
