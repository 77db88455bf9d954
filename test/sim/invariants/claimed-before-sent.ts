import type { InstanceId } from '../../../shared/core/model.ts';

/** An order as the record's saved version has it. */
export interface Claim {
  readonly at: number;
  readonly nodes: ReadonlySet<InstanceId>;
}

/** 60 s by the sender's clock, and the way of the request, which may be slow. */
const FRESH = 60_000 + 25_000;

export function claimedBeforeSent(
  order: string,
  nodes: readonly InstanceId[],
  now: number,
  claim: Claim | undefined,
): string | undefined {
  if (claim === undefined) return `${order} was sent without a claim in the record`;
  const stranger = nodes.find((node) => !claim.nodes.has(node));
  if (stranger !== undefined) return `${order} was sent to ${stranger}, for which it has no claim`;
  const age = now - claim.at;
  return age > FRESH ? `${order} was sent under a claim ${age / 1000} s old` : undefined;
}
