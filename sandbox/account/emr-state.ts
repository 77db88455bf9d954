import type { ClusterId } from '../../shared/core/model.ts';
import { emitClusterState, emitGroupState } from './emr-events.ts';
import type { EmrCluster, EmrGroup } from './emr-model.ts';
import { type Roster, roster } from './emr-roster.ts';
import type { Surroundings } from './surroundings.ts';

/** What EMR knows: its clusters, their groups or fleets, and the nodes of those. */
export interface EmrState {
  readonly nodes: Roster;
  readonly clusters: () => readonly EmrCluster[];
  readonly find: (id: string) => EmrCluster | undefined;
  readonly cluster: (id: ClusterId) => EmrCluster;
  readonly group: (id: EmrGroup['id']) => EmrGroup;
  readonly groupsOf: (id: ClusterId) => readonly EmrGroup[];
  /** From now on the cluster is this, and whoever listens to events is told of its state. */
  readonly enterCluster: (next: EmrCluster) => void;
  readonly enterGroup: (next: EmrGroup) => void;
  /** The same without an event. */
  readonly putCluster: (next: EmrCluster) => void;
  readonly putGroup: (next: EmrGroup) => void;
  readonly forget: (id: ClusterId) => void;
}

export function emrState(world: Surroundings): EmrState {
  const clusters = new Map<string, EmrCluster>();
  const groups = new Map<EmrGroup['id'], EmrGroup>();
  const collections = new Map<ClusterId, Set<EmrGroup['id']>>();
  const nodes = roster();

  const cluster = (id: ClusterId): EmrCluster => known(clusters.get(id), id);
  const group = (id: EmrGroup['id']): EmrGroup => known(groups.get(id), id);
  const putCluster = (next: EmrCluster): void => void clusters.set(next.id, next);

  function putGroup(next: EmrGroup): void {
    groups.set(next.id, next);
    const all = collections.get(next.clusterId) ?? new Set();
    collections.set(next.clusterId, all.add(next.id));
  }

  return {
    nodes,
    clusters: () => [...clusters.values()],
    find: (id) => clusters.get(id),
    cluster,
    group,
    groupsOf: (id) => Array.from(collections.get(id) ?? [], group),
    putCluster,
    putGroup,
    enterCluster(next) {
      putCluster(next);
      emitClusterState(world, next);
    },
    enterGroup(next) {
      putGroup(next);
      emitGroupState(world, cluster(next.clusterId), next, nodes.tally(next).running);
    },
    forget: (id) => void clusters.delete(id),
  };
}

function known<T>(found: T | undefined, id: string): T {
  if (found === undefined) throw new Error(`the simulated account has no ${id}`);
  return found;
}
