/** How old the look may be that an order was made from; every fact must have held at some time since then. */
export const LOOK_AGE = 90_000;

/** Milliseconds of the history; undefined: not yet. */
export interface Receiver {
  readonly node: string;
  readonly isReported: boolean;
  readonly readyAt: number | undefined;
  readonly goneAt: number | undefined;
  readonly clusterReadyAt: number | undefined;
  /** Somebody wanted this action there at some time in the last LOOK_AGE. */
  readonly isWanted: boolean;
}

/** Orders go to nodes that EMR reports RUNNING in a running, selected cluster, as far as a look of 90 s ago could know. */
export function ordersFindRunningNodes(order: string, at: number, receiver: Receiver): string | undefined {
  const { node, readyAt, goneAt, clusterReadyAt } = receiver;
  if (!receiver.isReported) return `${order} is for ${node}, which EMR never reported in that cluster`;
  if (readyAt === undefined || readyAt > at) return `${order} is for ${node}, which is not RUNNING yet`;
  if (clusterReadyAt === undefined || clusterReadyAt > at) return `${order} is for ${node}, whose cluster never ran`;
  if (goneAt !== undefined && goneAt < at - LOOK_AGE)
    return `${order} is for ${node}, gone for ${(at - goneAt) / 1000} s`;
  if (!receiver.isWanted) return `${order} is for ${node}, where nobody wants that`;
  return undefined;
}
