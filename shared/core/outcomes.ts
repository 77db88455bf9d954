import type { ExporterName, InstanceId } from './model.ts';
import type { ClusterRecord, ExporterState } from './record.ts';

/** How an order ended on a node: `installed`, `removed`, or the phase it left its work in, with the reason. */
export interface Outcome {
  readonly node: InstanceId;
  readonly exporter: ExporterName;
  readonly orderId: string;
  readonly outcome: string;
  readonly reason?: string;
}

/** Of all orders that were in flight before and have ended since. */
export const outcomes = (before: ClusterRecord | undefined, after: ClusterRecord): readonly Outcome[] =>
  Object.entries(before?.nodes ?? {}).flatMap(([id, node]) =>
    Object.entries(node.exporters).flatMap(([exporter, { work }]) => {
      const orderId = work?.orderId;
      const nodeNow = after.nodes[id as InstanceId];
      const now = nodeNow?.exporters[exporter] ?? {};
      if (orderId === undefined || nodeNow === undefined || now.work?.orderId === orderId) return [];
      return [{ node: id as InstanceId, exporter, orderId, ...describe(now) }];
    }),
  );

function describe({ installed, work }: ExporterState): Pick<Outcome, 'outcome' | 'reason'> {
  const outcome = work?.phase ?? (installed === undefined ? 'removed' : 'installed');
  const reason = work === undefined ? installed?.reason : work.reason;
  return { outcome, ...(reason === undefined ? {} : { reason }) };
}
