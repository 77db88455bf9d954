import type { ClusterId, InstanceId } from '../../shared/core/model.ts';
import type { EmrGroup, EmrInstance } from './emr-model.ts';

/** How many nodes of one group are where; those that have ended are nowhere. */
interface Tally {
  /** Nodes that count: neither ended nor on their way out. */
  readonly members: number;
  readonly running: number;
  readonly leaving: number;
}

/** All nodes of all clusters, found by cluster, group and EC2 id. */
export interface Roster {
  readonly put: (instance: EmrInstance) => void;
  readonly get: (id: EmrInstance['id']) => EmrInstance;
  readonly byEc2: (id: InstanceId) => EmrInstance | undefined;
  /** All there ever were, oldest first. */
  readonly of: (clusterId: ClusterId) => readonly EmrInstance[];
  /** Those that have not ended. */
  readonly active: (clusterId: ClusterId) => readonly EmrInstance[];
  readonly members: (group: EmrGroup) => readonly EmrInstance[];
  readonly tally: (group: EmrGroup) => Tally;
  /** On its way out, for which EMR has no state. */
  readonly markLeaving: (instance: EmrInstance) => void;
  readonly isLeaving: (instance: EmrInstance) => boolean;
}

type Nodes = Map<EmrInstance['id'], EmrInstance>;

export function roster(): Roster {
  const all: Nodes = new Map();
  const everOf = new Map<ClusterId, Set<EmrInstance['id']>>();
  const activeOf = new Map<ClusterId, Nodes>();
  const ec2 = new Map<InstanceId, EmrInstance['id']>();
  const leaving = new Set<EmrInstance['id']>();
  const tallies = new Map<EmrGroup['id'], { members: number; running: number; leaving: number }>();

  const isLeaving = ({ id, state }: EmrInstance): boolean => state !== 'TERMINATED' && leaving.has(id);
  const tallyOf = (id: EmrGroup['id']) => entry(tallies, id, () => ({ members: 0, running: 0, leaving: 0 }));

  function get(id: EmrInstance['id']): EmrInstance {
    const found = all.get(id);
    if (found === undefined) throw new Error(`the simulated account has no node ${id}`);
    return found;
  }

  function count(instance: EmrInstance | undefined, by: 1 | -1): void {
    if (instance === undefined || instance.state === 'TERMINATED') return;
    const tally = tallyOf(instance.groupId);
    if (isLeaving(instance)) tally.leaving += by;
    else tally.members += by;
    if (instance.state === 'RUNNING' && !isLeaving(instance)) tally.running += by;
  }

  const active = (id: ClusterId): readonly EmrInstance[] => [...(activeOf.get(id)?.values() ?? [])];

  return {
    put(instance) {
      const { id, clusterId } = instance;
      count(all.get(id), -1);
      count(instance, 1);
      all.set(id, instance);
      entry(everOf, clusterId, () => new Set()).add(id);
      if (instance.state === 'TERMINATED') activeOf.get(clusterId)?.delete(id);
      else entry(activeOf, clusterId, () => new Map()).set(id, instance);
      if (instance.ec2 !== undefined) ec2.set(instance.ec2.id, id);
    },
    get,
    byEc2(id) {
      const own = ec2.get(id);
      return own === undefined ? undefined : get(own);
    },
    of: (id) => Array.from(everOf.get(id) ?? [], get),
    active,
    members: ({ id, clusterId }) => active(clusterId).filter((node) => node.groupId === id && !isLeaving(node)),
    tally: ({ id }) => tallyOf(id),
    markLeaving({ id }) {
      count(all.get(id), -1);
      leaving.add(id);
      count(all.get(id), 1);
    },
    isLeaving,
  };
}

function entry<K, V>(map: Map<K, V>, key: K, create: () => V): V {
  const found = map.get(key) ?? create();
  map.set(key, found);
  return found;
}
