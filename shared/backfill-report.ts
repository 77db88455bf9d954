import type { Reset } from './backfill-force.ts';
import type { Action } from './core/action.ts';
import type { Cluster, ClusterId, ClusterState, ExporterName, InstanceId, WorkAction } from './core/model.ts';
import type { Verdict } from './core/policy.ts';
import type { Policies } from './core/settings.ts';

/** What would be done about a node, or the cluster whole, and why. */
export interface Decision {
  /** An order is named by what it does. */
  readonly kind: Exclude<Action['kind'], 'order'> | WorkAction;
  readonly node?: InstanceId;
  readonly exporter?: ExporterName;
  readonly version?: string;
  readonly reason: string;
  /** The policy that keeps it from happening, and why. */
  readonly refused?: { readonly policy: keyof Policies; readonly reason: string };
}

/** What would be done for one cluster, or why nothing can be said of it. */
export type ClusterReport =
  | {
      readonly clusterId: ClusterId;
      readonly name: string;
      readonly state: ClusterState;
      readonly selected: boolean;
      /** Nodes that are known; the decisions name those that something is to be done about. */
      readonly nodes: number;
      readonly decisions: readonly Decision[];
      /** Work that `force` begins anew; with `dryRun`: would begin. */
      readonly reset: readonly Reset[];
      /** It is as its record says, and nothing but waiting is to be done: it is not rung. */
      readonly idle: boolean;
    }
  | { readonly clusterId: ClusterId; readonly error: string };

export interface Report {
  readonly clusters: readonly ClusterReport[];
  /** Decisions by kind; those that a policy refuses count as `refused` only. */
  readonly counts: Readonly<Record<string, number>>;
  /** Clusters whose doorbell was rung. */
  readonly rung: readonly ClusterId[];
  /** Clusters that did not fit in time: pass them as `clusterIds` to go on. */
  readonly remaining: readonly ClusterId[];
  /** Those of them that wait for our share of EMR's quotas, and roughly for how long. */
  readonly waiting?: { readonly clusters: number; readonly minutes: number };
  /** Why nothing was done at all. */
  readonly problem?: string;
}

export const endedReport = ({ id, name, state }: Cluster): ClusterReport => ({
  clusterId: id,
  name,
  state,
  selected: false,
  nodes: 0,
  decisions: [],
  reset: [],
  idle: true,
});

/** The exporters' own decisions are left out where they were not asked for. */
export function toDecisions(
  { allowed, refused }: Verdict,
  exporters: ReadonlySet<ExporterName> | undefined,
): readonly Decision[] {
  const all = [
    ...allowed.map(toDecision),
    ...refused.map(({ action, policy, reason }) => ({ ...toDecision(action), refused: { policy, reason } })),
  ];
  return all
    .filter(({ exporter }) => exporter === undefined || exporters === undefined || exporters.has(exporter))
    .toSorted((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
}

const placeOf = ({ node, exporter }: Decision): string => `${node ?? ''} ${exporter ?? ''}`;

function toDecision(action: Action): Decision {
  const { reason } = action;
  if (action.kind === 'end') return { kind: 'end', reason };
  if (action.kind === 'forget') return { kind: 'forget', node: action.node, reason };
  const { node, exporter } = action;
  if (action.kind !== 'order') return { kind: action.kind, node, exporter, reason };
  return { kind: action.work.action, node, exporter, version: action.work.version, reason };
}

export function countDecisions(clusters: readonly ClusterReport[]): Readonly<Record<string, number>> {
  const kinds = clusters.flatMap((cluster) =>
    'error' in cluster ? [] : cluster.decisions.map(({ kind, refused }) => (refused === undefined ? kind : 'refused')),
  );
  const counts = [...Map.groupBy(kinds, (kind) => kind)].map(([kind, all]) => [kind, all.length] as const);
  return Object.fromEntries(counts.sort(([a], [b]) => (a < b ? -1 : 1)));
}
