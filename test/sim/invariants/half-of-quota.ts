import type { EmrOperation } from '../../../shared/ports.ts';

/** Burst and refill a second of EMR's quotas (general/latest/gr/emr), written down once more: the code's own table may be wrong. */
const QUOTAS: Readonly<Record<EmrOperation, readonly [number, number]>> = {
  ListClusters: [20, 0.5],
  DescribeCluster: [10, 1],
  ListInstances: [10, 0.5],
  ListInstanceGroups: [10, 1],
  ListInstanceFleets: [5, 0.5],
};
const MINUTE = 60_000;

/** Half of what EMR gives in a minute. */
const half = (operation: EmrOperation): number => {
  const [burst, perSecond] = QUOTAS[operation];
  return (burst + 60 * perSecond) / 2;
};

/** `calls`: when all our containers called it, the last one now. */
export function halfOfQuota(operation: EmrOperation, calls: readonly number[]): string | undefined {
  const now = calls.at(-1) ?? 0;
  const inMinute = calls.filter((at) => at > now - MINUTE).length;
  return inMinute > half(operation) ? `${inMinute} ${operation} in a minute, more than ${half(operation)}` : undefined;
}
