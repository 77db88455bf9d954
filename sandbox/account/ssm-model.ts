import type { CommandId, InstanceId, InvocationStatus } from '../../shared/core/model.ts';

/** One step of a document on one node. */
export interface PluginResult {
  readonly name: string;
  readonly status: 'Pending' | 'InProgress' | 'Success' | 'TimedOut' | 'Cancelled' | 'Failed';
  /** -1 until it ran (docs: systems-manager/latest/APIReference/API_GetCommandInvocation, ResponseCode). */
  readonly code: number;
  /** At most 2,500 characters (docs: …/API_CommandPlugin). */
  readonly output: string;
  readonly startedAt?: Date | undefined;
  readonly endedAt?: Date | undefined;
}

export interface CommandInvocation {
  readonly node: InstanceId;
  readonly status: InvocationStatus;
  readonly plugins: readonly PluginResult[];
  readonly trace: string;
}

export interface Command {
  readonly id: CommandId;
  readonly document: string;
  readonly parameters: Readonly<Record<string, readonly string[]>>;
  readonly comment: string;
  readonly nodes: readonly InstanceId[];
  readonly requestedAt: Date;
  readonly timeoutSeconds: number;
  /** When what has not ended is given up. */
  readonly expiresAt: Date;
  readonly maxErrors: string;
  readonly maxConcurrency: string;
  readonly invocations: ReadonlyMap<InstanceId, CommandInvocation>;
}

export interface CommandStatus {
  readonly status: string;
  readonly details: string;
}

const OPEN: ReadonlySet<InvocationStatus> = new Set(['Pending', 'InProgress', 'Delayed', 'Cancelling']);

export const isOpen = (status: InvocationStatus): boolean => OPEN.has(status);

/** StatusDetails → Status (docs: systems-manager/latest/APIReference/API_CommandInvocation). */
export function statusOf(details: InvocationStatus): string {
  if (details === 'DeliveryTimedOut' || details === 'ExecutionTimedOut') return 'TimedOut';
  if (details === 'Terminated') return 'Cancelled';
  if (details === 'Undeliverable' || details === 'InvalidPlatform' || details === 'AccessDenied') return 'Failed';
  return details;
}

const both = (status: string): CommandStatus => ({ status, details: status });

/** The command's own status follows its invocations (docs: systems-manager/latest/userguide/monitor-commands). */
export function commandStatus({ invocations, maxErrors, nodes }: Command): CommandStatus {
  const all = [...invocations.values()].map(({ status }) => status);
  if (all.includes('Cancelling')) return both('Cancelling');
  if (all.every((status) => status === 'Pending')) return both('Pending');
  if (all.some(isOpen)) return both('InProgress');
  if (all.every((status) => status === 'Success')) return both('Success');
  if (all.every((status) => status === 'Cancelled')) return both('Cancelled');
  const limit = maxErrors.endsWith('%') ? (Number.parseInt(maxErrors, 10) * nodes.length) / 100 : Number(maxErrors);
  const count = (...wanted: readonly InvocationStatus[]): number =>
    all.filter((status) => wanted.includes(status)).length;
  if (count('Failed', 'ExecutionTimedOut', 'Undeliverable') > limit) {
    return count('ExecutionTimedOut') > limit ? { status: 'TimedOut', details: 'ExecutionTimedOut' } : both('Failed');
  }
  if (count('DeliveryTimedOut') > limit) return { status: 'TimedOut', details: 'DeliveryTimedOut' };
  // Attempted everywhere, not a success everywhere, and not enough failures to fail: the call's Status still says Success.
  return { status: 'Success', details: 'Incomplete' };
}
