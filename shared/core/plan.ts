import type { CommandId, ExporterName, InstanceId, OrderId, WorkAction } from './model.ts';
import type { ClusterRecord, ExporterState, NodeRecord, Work } from './record.ts';
import { CLAIM_SETTLES, deferralDelay, failureDelay, isOver, LEASE, RECHECK_DELAY, RESULT_OVERDUE } from './retry.ts';
import type { ExporterSettings, Settings } from './settings.ts';

interface OnNode {
  readonly node: InstanceId;
  readonly exporter: ExporterName;
  readonly reason: string;
}

/** What to do next. `ask`, `look` and `check` are questions: answered, the record is planned again. */
export type Action =
  /** The cluster has ended: record to ended/, target file and record away. */
  | { readonly kind: 'end'; readonly reason: string }
  /** The node is gone: drop it and its endpoints. */
  | { readonly kind: 'forget'; readonly node: InstanceId; readonly reason: string }
  /** Are there results of this command? */
  | ({ readonly kind: 'ask'; readonly commandId: CommandId } & OnNode)
  /** Was this order sent, although nobody saved its command id? */
  | ({ readonly kind: 'look'; readonly orderId: OrderId; readonly orderedAt: string } & OnNode)
  /** Could an order run there now: is the agent online, are the artifacts in the bucket? */
  | ({ readonly kind: 'check' } & OnNode)
  | ({ readonly kind: 'order'; readonly work: Work } & OnNode)
  | ({ readonly kind: 'wait' } & OnNode);

/** What is known beside the record. */
export interface Knowledge {
  readonly now: Date;
  /** Commands that an event named and that nobody asked about yet. */
  readonly rung: ReadonlySet<CommandId>;
  /** Commands that were asked about since the record was read. */
  readonly asked: ReadonlySet<CommandId>;
  /** Order ids that were looked for and not found. */
  readonly absent: ReadonlySet<OrderId>;
  /** Nodes whose agent was checked: is it online? */
  readonly online: ReadonlyMap<InstanceId, boolean>;
  /** Exporters whose artifacts are not in the bucket. */
  readonly missing: ReadonlySet<ExporterName>;
}

/**
 * Decides for every node and exporter; sorted, and free of effects.
 *
 *   wanted             seen                                          → action
 *   anything           cluster TERMINATED, TERMINATED_WITH_ERRORS    → end
 *   anything           node TERMINATED                               → forget
 *   anything           cluster TERMINATING, or not yet running       → nothing
 *   nothing            anything                                      → nothing
 *   1.12.1             node not RUNNING                              → nothing
 *   1.12.1             installed                                     → nothing
 *   1.12.1             nothing, or waiting without a deferral        → check
 *   1.12.1             … agent not online, or artifacts missing      → wait
 *   1.12.1             … agent online, artifacts there               → order
 *   1.12.1             ordered 30 s ago, no command id               → wait
 *   1.12.1             ordered 3 min ago, no command id              → look
 *   1.12.1             … not found                                   → check (then order again)
 *   1.12.1             installing, rung or no result for 45 s        → ask
 *   1.12.1             installing, just asked or fresh               → wait
 *   1.12.1             installing, asked, lease of 16 min over       → check (order again, no attempt spent)
 *   1.12.1             ordered, no command id, lease over            → check (order again, no attempt spent)
 *   1.12.1             failed n times, 2^(n-1) min ago               → check (order again)
 *   1.12.1             failed, not due                               → wait
 *   1.12.1             deferred n times, 2^(n-1) min ago (60 at most)→ check (order again)
 *   1.12.1             deferred, not due                             → wait
 *   1.12.1             conflict, unsupported, pendingRestart: 1 h    → check (order again)
 *   1.12.1             conflict …, younger                           → wait
 *   1.12.1             gave up                                       → wait
 *   another revision   failed, gave up, conflict …                   → check (order, counting anew)
 */
export function plan(record: ClusterRecord, settings: Settings, known: Knowledge): readonly Action[] {
  if (record.state.startsWith('TERMINATED')) return [{ kind: 'end', reason: `cluster ${record.state}` }];
  const nodes = Object.entries(record.nodes).toSorted(([a], [b]) => (a < b ? -1 : 1)) as [InstanceId, NodeRecord][];
  return nodes.flatMap(([id, node]): Action[] => {
    if (node.state === 'TERMINATED') return [{ kind: 'forget', node: id, reason: 'node is gone' }];
    if (!isServed(record, node)) return [];
    return settings.exporters
      .filter(({ roles }) => roles.includes(node.role))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap((wanted) => decide(id, wanted, node.exporters[wanted.name] ?? {}, known));
  });
}

const isServed = ({ selected, state }: ClusterRecord, node: NodeRecord): boolean =>
  selected && (state === 'RUNNING' || state === 'WAITING') && node.state === 'RUNNING';

function decide(node: InstanceId, wanted: ExporterSettings, seen: ExporterState, known: Knowledge): Action[] {
  const { installed, work } = seen;
  const on = { node, exporter: wanted.name };
  if (work === undefined && installed !== undefined) return [];
  if (work === undefined) return attempt(on, wanted, 'missing', { failures: 0, deferrals: 0 }, known);
  const { failures, deferrals } = { failures: work.attempt, deferrals: work.deferrals };
  switch (work.phase) {
    case 'ordered':
    case 'installing':
    case 'removing':
      return inFlight(on, wanted, work, known);
    default:
      if (work.revision !== wanted.revision) {
        return attempt(on, wanted, renewal(work, wanted), { failures: 0, deferrals: 0 }, known);
      }
      if (!isDue(work, known.now)) return [{ kind: 'wait', ...on, reason: work.reason ?? work.phase }];
      return attempt(on, wanted, `${work.phase}: ${work.reason ?? 'again'}`, { failures, deferrals }, known);
  }
}

const renewal = (work: Work, { version }: ExporterSettings): string =>
  work.version === version ? `another revision of ${version}` : `${work.version} → ${version}`;

function isDue(work: Work, now: Date): boolean {
  switch (work.phase) {
    case 'waiting':
      return work.deferrals === 0 || isOver(work.at, deferralDelay(work.deferrals), now);
    case 'failed':
      return isOver(work.at, failureDelay(work.attempt), now);
    case 'gaveUp':
      return false;
    default:
      return isOver(work.at, RECHECK_DELAY, now);
  }
}

function inFlight(on: Place, wanted: ExporterSettings, work: Work, known: Knowledge): Action[] {
  const { commandId, orderId, attempt: failures, deferrals } = work;
  const isRung = commandId !== undefined && known.rung.has(commandId);
  if (
    commandId !== undefined &&
    !known.asked.has(commandId) &&
    (isRung || isOver(work.at, RESULT_OVERDUE, known.now))
  ) {
    return [{ kind: 'ask', ...on, commandId, reason: 'result expected' }];
  }
  if (isOver(work.at, LEASE, known.now)) {
    return attempt(on, wanted, 'no result before its lease was over', { failures, deferrals }, known);
  }
  if (commandId !== undefined) return [{ kind: 'wait', ...on, reason: 'order in flight' }];
  if (orderId === undefined || known.absent.has(orderId)) {
    return attempt(on, wanted, 'order was never sent', { failures, deferrals }, known);
  }
  if (!isOver(work.at, CLAIM_SETTLES, known.now)) return [{ kind: 'wait', ...on, reason: 'order being sent' }];
  return [{ kind: 'look', ...on, orderId, orderedAt: work.at, reason: 'no command id' }];
}

interface Place {
  readonly node: InstanceId;
  readonly exporter: ExporterName;
}
interface Counts {
  readonly failures: number;
  readonly deferrals: number;
}

/** An order, if one could run now; else the question whether it could, or the wait until it can. */
function attempt(on: Place, wanted: ExporterSettings, reason: string, counts: Counts, known: Knowledge): Action[] {
  const isOnline = known.online.get(on.node);
  if (isOnline === undefined) return [{ kind: 'check', ...on, reason }];
  if (!isOnline) return [{ kind: 'wait', ...on, reason: 'SSM agent is not online' }];
  if (known.missing.has(on.exporter)) return [{ kind: 'wait', ...on, reason: 'artifacts missing' }];
  return [{ kind: 'order', ...on, work: newWork('install', wanted, counts, known.now), reason }];
}

const newWork = (action: WorkAction, wanted: ExporterSettings, counts: Counts, now: Date): Work => ({
  action,
  phase: 'ordered',
  version: wanted.version,
  revision: wanted.revision,
  attempt: counts.failures,
  deferrals: counts.deferrals,
  at: now.toISOString(),
});
