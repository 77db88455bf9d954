import { AGENT_OFFLINE, ARTIFACTS_MISSING, ROLLOUT_STOPPED } from '../shared/core/decide.ts';
import { MANY_DEFERRALS } from '../shared/core/stuck.ts';

/** Why an exporter's work on a node is not done; the first ones want a person most. */
export const WHYS = [
  'gave_up',
  'rollout_stopped',
  'agent_offline',
  'artifacts_missing',
  'put_off',
  'failed',
  'conflict',
  'unsupported',
  'pending_restart',
  'held',
  'waiting',
  'in_flight',
] as const;
export type Why = (typeof WHYS)[number];

/** What a record says of unfinished work; a newer schema may say it in words that are not known here. */
export interface SeenWork {
  readonly phase: string;
  readonly reason?: string | undefined;
  readonly deferrals?: number | undefined;
}

/** Phases that end a try, whatever their reason. */
const ENDS: Readonly<Record<string, Why>> = {
  gaveUp: 'gave_up',
  conflict: 'conflict',
  unsupported: 'unsupported',
  pendingRestart: 'pending_restart',
};

const REASONS: Readonly<Record<string, Why>> = {
  [AGENT_OFFLINE]: 'agent_offline',
  [ARTIFACTS_MISSING]: 'artifacts_missing',
  [ROLLOUT_STOPPED]: 'rollout_stopped',
};

/**
 * The same kinds as the functions' own metrics (shared/core/stuck.ts), without their patience: that is the alert's.
 *
 *   phase                                           reason                      → why
 *   gaveUp, conflict, unsupported, pendingRestart   –                           → the phase
 *   waiting, failed                                 one that waits for others   → agent_offline, artifacts_missing, rollout_stopped
 *   failed                                          –                           → failed
 *   any other, put off 5 times in a row             –                           → put_off
 *   waiting                                         –                           → waiting
 *   any other                                       –                           → in_flight
 */
export function whyPending({ phase, reason = '', deferrals = 0 }: SeenWork): Why {
  const end = ENDS[phase];
  if (end !== undefined) return end;
  const isIdle = phase === 'waiting' || phase === 'failed';
  const cause = isIdle && Object.hasOwn(REASONS, reason) ? REASONS[reason] : undefined;
  if (cause !== undefined) return cause;
  if (phase === 'failed') return 'failed';
  if (deferrals >= MANY_DEFERRALS) return 'put_off';
  return phase === 'waiting' ? 'waiting' : 'in_flight';
}
