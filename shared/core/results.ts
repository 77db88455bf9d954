import { isUnfinished } from './invocation-status.ts';
import type { Invocation, InvocationStatus } from './model.ts';
import type { ClusterRecord, ExporterState, Installed, Work } from './record.ts';
import { parseReport, type Report } from './report.ts';
import { againAfter, MAX_ATTEMPTS } from './retry.ts';

/** EX_TEMPFAIL of sysexits.h: the install documents' "try again later". */
const TRY_AGAIN = 75;
const MAX_REASON = 300;

/** The order never ran on the node, or somebody stopped it: it costs no attempt (SSM, command statuses). */
const UNDELIVERED: ReadonlySet<InvocationStatus> = new Set([
  'DeliveryTimedOut',
  'Undeliverable',
  'Terminated',
  'Cancelled',
  'AccessDenied',
]);

/**
 * What results change in the record. A result belongs to the work that carries its order id: one of an order that we no
 * longer believe in, a late one or a second one changes nothing.
 *
 *   status                                report or exit code        → work
 *   Pending, InProgress, Delayed …        –                          → installing (removing), command id kept
 *   DeliveryTimedOut, Undeliverable …     –                          → waiting, one more deferral
 *   InvalidPlatform                       –                          → unsupported
 *   any other                             exit 75                    → waiting, one more deferral
 *   Success                               installed                  → none; installed with its endpoints
 *   Success                               removed                    → none; nothing installed
 *   Success                               conflict, unsupported …    → that phase, with the reason
 *   Success                               pendingRestart             → that phase; installed, as far as it answers
 *   Success                               the other action's         → failed
 *   Success                               none that can be read      → failed
 *   Failed, ExecutionTimedOut             –                          → failed; gaveUp at the sixth
 */
export function applyResults(record: ClusterRecord, results: readonly Invocation[], now: Date): ClusterRecord {
  const nodes = { ...record.nodes };
  for (const result of results) {
    const node = nodes[result.node];
    if (node === undefined || result.orderId === undefined) continue;
    const exporters = Object.entries(node.exporters).flatMap(([name, { work, ...state }]) => {
      if (work === undefined || work.orderId !== result.orderId) return [[name, { ...state, work }] as const];
      const settled = settle(name, state, work, result, now);
      return settled === undefined ? [] : [[name, settled] as const];
    });
    nodes[result.node] = { ...node, exporters: Object.fromEntries(exporters) };
  }
  return { ...record, nodes };
}

/** Undefined once nothing of the exporter is left. */
function settle(
  exporter: string,
  state: ExporterState,
  work: Work,
  result: Invocation,
  now: Date,
): ExporterState | undefined {
  const { status, commandId } = result;
  if (isUnfinished(status)) {
    return { ...state, work: { ...work, commandId, phase: work.action === 'install' ? 'installing' : 'removing' } };
  }
  const said = parseReport(result.output);
  const report = said?.exporter === exporter ? said : undefined;
  const reason = reasonOf(report, result);
  const { orderId: _, commandId: __, reason: ___, ...settled } = { ...work, at: now.toISOString() };
  const outcome = outcomeOf(work, report, result);
  switch (outcome) {
    case 'installed':
      return { installed: toInstalled(settled, state.installed, report, now) };
    case 'removed':
      return undefined;
    case 'failed':
      return { ...state, work: failed(settled, reason) };
    case 'deferred':
      return { ...state, work: { ...settled, phase: 'waiting', deferrals: work.deferrals + 1, reason } };
    default: {
      // In place, as far as it is ours to do: the daemons that have restarted since are targets.
      const isInPlace = outcome === 'pendingRestart' && work.action === 'install';
      const { installed } = isInPlace ? { installed: toInstalled(settled, state.installed, report, now) } : state;
      return { ...state, installed, work: { ...settled, phase: outcome, reason } };
    }
  }
}

type Outcome = Report['outcome'] | 'deferred';

function outcomeOf({ action }: Work, report: Report | undefined, { status, exitCode }: Invocation): Outcome {
  if (status === 'InvalidPlatform') return 'unsupported';
  if (UNDELIVERED.has(status) || exitCode === TRY_AGAIN) return 'deferred';
  if (status !== 'Success' || report === undefined) return 'failed';
  // A node that says "removed" when told to install would be told again at once, for ever.
  return report.outcome === (action === 'install' ? 'removed' : 'installed') ? 'failed' : report.outcome;
}

function failed(work: Work, reason: string): Work {
  const attempt = work.attempt + 1;
  return { ...work, phase: attempt >= MAX_ATTEMPTS ? 'gaveUp' : 'failed', attempt, deferrals: 0, reason };
}

function toInstalled(
  { version, revision }: Work,
  before: Installed | undefined,
  report: Report | undefined,
  now: Date,
): Installed {
  const { endpoints = [], adopted, reason, again } = report ?? {};
  return {
    version,
    revision,
    endpoints,
    at: now.toISOString(),
    adopted: adopted === true || undefined,
    from: before?.revision === revision ? before.from : before?.revision,
    reason: reason?.slice(0, MAX_REASON),
    again: again === undefined ? undefined : againAfter(again, before?.again),
  };
}

function reasonOf(report: Report | undefined, { status, exitCode, output }: Invocation): string {
  if (status === 'InvalidPlatform') return 'not Linux';
  if (UNDELIVERED.has(status)) return status;
  return (report?.reason ?? lastWords(output) ?? `${status}, exit code ${exitCode ?? 'unknown'}`).slice(0, MAX_REASON);
}

const lastWords = (output: string): string | undefined => output.trim().slice(-MAX_REASON) || undefined;
