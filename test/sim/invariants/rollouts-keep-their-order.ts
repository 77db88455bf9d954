/** Nodes that have an exporter, by where they are on their way to a revision. */
export interface Count {
  readonly total: number;
  readonly upgraded: number;
  /** With an order in flight whose lease is not over. */
  readonly underWay: number;
  /** Failed so long ago that a look of 90 s ago could know. */
  readonly failed: number;
  readonly gaveUp: number;
}

/** One node first; then at most a share at a time; nobody once too many have failed. The count is that after the claim. */
export function rolloutsKeepTheirOrder(
  what: string,
  { atOnce, failures }: { readonly atOnce: number; readonly failures: number },
  { total, upgraded, underWay, failed, gaveUp }: Count,
): string | undefined {
  const isStopped = (failed > 1 || gaveUp > 0) && failed > failures * (upgraded + failed);
  if (isStopped) return `${what} goes on although ${failed} of ${upgraded + failed} have failed`;
  if (upgraded === 0 && underWay > 1) return `${what} is tried by ${underWay} nodes before one has succeeded`;
  const most = Math.max(1, Math.floor(atOnce * total));
  return underWay > most
    ? `${what} is under way on ${underWay} of ${total} nodes at once, more than ${most}`
    : undefined;
}
