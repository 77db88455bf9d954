import type { OrderId } from '../../../shared/core/model.ts';
import type { Work } from '../../../shared/core/record.ts';
import { CLAIM_SETTLES, LEASE } from '../../../shared/core/retry.ts';

/** What became of an order on one node; `done`: it succeeded so long ago that a look of 90 s ago could know. */
export type Fate = 'notSent' | 'running' | 'ended' | 'done';

/** Clocks of two containers differ by up to 5 s each way. */
const SKEW = 10_000;

/** A new order replaces an older one's only when that is over: it failed, its lease ran out, or it was never sent. */
export function oneLiveOrder(
  replaced: Work | undefined,
  by: { readonly orderId: OrderId; readonly at: number },
  fate: (order: OrderId) => Fate,
): string | undefined {
  if (replaced?.orderId === undefined || replaced.orderId === by.orderId) return undefined;
  const was = fate(replaced.orderId);
  if (was === 'done') return `${by.orderId} was claimed although ${replaced.orderId} has succeeded: its result is lost`;
  const age = by.at - Date.parse(replaced.at);
  if (age >= LEASE - SKEW) return undefined;
  const seconds = Math.round(age / 1000);
  if (was === 'running') return `${by.orderId} was claimed while ${replaced.orderId} runs, ${seconds} s old`;
  if (was === 'notSent' && age < CLAIM_SETTLES - SKEW) {
    return `${by.orderId} was claimed while ${replaced.orderId} may yet be sent, ${seconds} s old`;
  }
  return undefined;
}
