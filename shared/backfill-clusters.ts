import type { BackfillRequest } from './backfill-request.ts';
import { AppError, UnknownClusterError } from './core/errors.ts';
import type { Cluster, ClusterId, ClusterState } from './core/model.ts';
import type { App, EmrOperation } from './ports.ts';

const ACTIVE: readonly ClusterState[] = ['STARTING', 'BOOTSTRAPPING', 'RUNNING', 'WAITING', 'TERMINATING'];

/** Which clusters a call is about, and what is wrong with those that are not. */
export interface Chosen {
  /** To be looked at. */
  readonly ids: readonly ClusterId[];
  /** The active clusters, where EMR was asked for them. */
  readonly active: ReadonlyMap<ClusterId, ClusterState> | undefined;
  readonly ended: readonly Cluster[];
  /** Why nothing can be said of an id. */
  readonly errors: ReadonlyMap<ClusterId, string>;
  /** Ids that EMR does not know. */
  readonly unknown: readonly ClusterId[];
  /** There was no time to ask EMR whether it knows them. */
  readonly unjudged: readonly ClusterId[];
}

/** Waits until EMR may be called so; false when that is not before the end. */
export type Patience = (operations: readonly EmrOperation[]) => Promise<boolean>;

/**
 * All active clusters, or those that were named. An id that is neither recorded nor active is mistyped, another
 * account's or an ended cluster's: EMR is asked which, before anything is done for the others.
 */
export async function chooseClusters({ clusterIds }: BackfillRequest, patience: Patience, app: App): Promise<Chosen> {
  const named = clusterIds && [...new Set(clusterIds)];
  const recorded = named && (await app.records.list());
  const isDoubted = named === undefined || named.some((id) => recorded?.has(id) !== true);
  const active = isDoubted && (await patience(['ListClusters'])) ? await app.clusters.list(ACTIVE) : undefined;
  const doubtful = (named ?? []).filter((id) => recorded?.has(id) !== true && active?.has(id) !== true);
  const judged = await judge(doubtful, patience, app);
  const left = new Set<ClusterId>([...judged.errors.keys(), ...judged.unjudged, ...judged.ended.map(({ id }) => id)]);
  const ids = named ?? [...(active?.keys() ?? [])].toSorted();
  return { ...judged, active, ids: ids.filter((id) => !left.has(id)) };
}

type Judged = Omit<Chosen, 'ids' | 'active'>;

async function judge(doubtful: readonly ClusterId[], patience: Patience, app: App): Promise<Judged> {
  const ended: Cluster[] = [];
  const errors = new Map<ClusterId, string>();
  const unknown: ClusterId[] = [];
  for (const [index, id] of doubtful.entries()) {
    if (!(await patience(['DescribeCluster']))) return { ended, errors, unknown, unjudged: doubtful.slice(index) };
    try {
      const cluster = await app.clusters.describe(id);
      if (cluster.state.startsWith('TERMINATED')) ended.push(cluster);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (error instanceof UnknownClusterError) unknown.push(id);
      errors.set(id, error.message);
    }
  }
  return { ended, errors, unknown, unjudged: [] };
}
