import { LEASE } from '../../../shared/core/retry.ts';

/** An order that was sent to the same node for the same exporter. */
export interface Sent {
  readonly order: string;
  readonly claimedAt: number;
  readonly isOpen: boolean;
}

/** Clocks of two containers differ by up to 5 s each way. */
const SKEW = 10_000;

/** No order is sent to a node while another one's lease holds and it has not ended. */
export function oneRunAtATime(order: string, now: number, others: readonly Sent[]): string | undefined {
  const live = others.find((other) => other.isOpen && other.order !== order && now - other.claimedAt < LEASE - SKEW);
  return live && `${order} was sent while ${live.order} is live`;
}
