import type { ClusterReport, Report } from '../../shared/backfill-report.ts';
import type { ClusterId } from '../../shared/core/model.ts';
import { inMinutes } from './backfill-table.ts';

/** What the function is told besides the clusters. */
export interface BackfillCall {
  readonly clusterIds?: readonly ClusterId[];
  readonly dryRun?: true;
  readonly force?: true;
  readonly exporters?: readonly string[];
}

export type Invoke = (call: BackfillCall) => Promise<Report>;

/** Calls until nothing remains, or a call gets no further; all answers as one. */
export async function runBackfill(call: BackfillCall, invoke: Invoke, say: (line: string) => void): Promise<Report> {
  let sum = await invoke(call);
  for (let left = Infinity; sum.remaining.length > 0 && sum.problem === undefined;) {
    if (sum.remaining.length >= left) {
      return { ...sum, problem: 'the function gets no further: EMR or its call budget has no room; try again later' };
    }
    left = sum.remaining.length;
    say(`${sum.clusters.length} looked at, ${left} to go …`);
    if (sum.waiting !== undefined) say(inMinutes(sum.waiting));
    sum = merge(sum, await invoke({ ...call, clusterIds: sum.remaining }));
  }
  return sum;
}

/** What was said of a cluster last holds. */
function merge(before: Report, { clusters, counts, rung, ...rest }: Report): Report {
  const again = new Set(clusters.map(({ clusterId }) => clusterId));
  const kinds = new Set([...Object.keys(before.counts), ...Object.keys(counts)]);
  return {
    ...rest,
    clusters: [...before.clusters.filter(({ clusterId }) => !again.has(clusterId)), ...clusters],
    counts: Object.fromEntries(
      [...kinds].sort().map((kind) => [kind, (before.counts[kind] ?? 0) + (counts[kind] ?? 0)]),
    ),
    rung: [...before.rung, ...rung],
  };
}

/** Did everything go as asked? */
export const isWhole = ({ clusters, remaining, problem }: Report): boolean =>
  problem === undefined && remaining.length === 0 && !clusters.some((cluster: ClusterReport) => 'error' in cluster);
