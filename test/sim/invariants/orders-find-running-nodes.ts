import { LOOK_AGE } from '../time.ts';

/** Milliseconds of the history; undefined: not yet. */
export interface Receiver {
  readonly node: string;
  readonly isReported: boolean;
  readonly readyAt: number | undefined;
  readonly goneAt: number | undefined;
  readonly clusterReadyAt: number | undefined;
  /** Somebody wanted this action there within LOOK_AGE, or when EMR last described the cluster to us. */
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
