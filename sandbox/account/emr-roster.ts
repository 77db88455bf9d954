import type { ClusterId, InstanceId, NodeState } from '../../shared/core/model.ts';
import type { EmrGroup, EmrInstance } from './emr-model.ts';

/** All nodes of all clusters, found by cluster and by EC2 id. */
export interface Roster {
  put(instance: EmrInstance): void;
  get(id: EmrInstance['id']): EmrInstance;
  byEc2(id: InstanceId): EmrInstance | undefined;
  of(clusterId: ClusterId): readonly EmrInstance[];
  /** Nodes that count: neither ended nor on their way out. */
  members(group: EmrGroup): readonly EmrInstance[];
  /** On its way out, for which EMR has no state. */
  markLeaving(instance: EmrInstance): void;
  isLeaving(instance: EmrInstance): boolean;
}

export function roster(): Roster {
  const clusters = new Map<ClusterId, Map<EmrInstance['id'], EmrInstance>>();
  const home = new Map<EmrInstance['id'], ClusterId>();
  const ec2 = new Map<InstanceId, EmrInstance['id']>();
  const leaving = new Set<EmrInstance['id']>();

  const of = (id: ClusterId): readonly EmrInstance[] => [...(clusters.get(id)?.values() ?? [])];
  const isLeaving = ({ id, state }: EmrInstance): boolean => state !== 'TERMINATED' && leaving.has(id);
  const ended: NodeState = 'TERMINATED';

  function get(id: EmrInstance['id']): EmrInstance {
    const found = clusters.get(home.get(id) ?? 'j-')?.get(id);
    if (found === undefined) throw new Error(`the simulated account has no node ${id}`);
    return found;
  }

  return {
    put(instance) {
      const nodes = clusters.get(instance.clusterId) ?? new Map<EmrInstance['id'], EmrInstance>();
      clusters.set(instance.clusterId, nodes.set(instance.id, instance));
      home.set(instance.id, instance.clusterId);
      if (instance.ec2 !== undefined) ec2.set(instance.ec2.id, instance.id);
    },
    get,
    byEc2(id) {
      const own = ec2.get(id);
      return own === undefined ? undefined : get(own);
    },
    of,
    members: ({ id, clusterId }) =>
      of(clusterId).filter((node) => node.groupId === id && node.state !== ended && !isLeaving(node)),
    markLeaving: ({ id }) => void leaving.add(id),
    isLeaving,
  };
}
