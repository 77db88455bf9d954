import type { ClusterId, InstanceId } from '../../shared/core/model.ts';
import type { Clock } from './clock.ts';

/** EMR puts it on each of its instances. */
export const CLUSTER_TAG = 'aws:elasticmapreduce:job-flow-id';

interface Registered {
  readonly id: InstanceId;
  readonly tags: Readonly<Record<string, string>>;
  readonly terminatedAt?: Date;
}

/** The cluster that EMR's own tag names. */
export const clusterOf = ({ tags }: Pick<Registered, 'tags'>): ClusterId | undefined =>
  tags[CLUSTER_TAG] as ClusterId | undefined;

/** All instances that EC2 shows, oldest first. */
interface Register<Instance extends Registered> {
  put(instance: Instance): void;
  get(id: InstanceId): Instance | undefined;
  all(): readonly Instance[];
  /** Those whose tag names this cluster. */
  members(cluster: ClusterId): readonly Instance[];
}

/** Terminated instances stay visible for about an hour (docs: AWSEC2/latest/UserGuide/terminating-instances). */
const VISIBLE_AFTER_END_MS = 3_600_000;

export function register<Instance extends Registered>(clock: Clock): Register<Instance> {
  const instances = new Map<InstanceId, Instance>();
  const byCluster = new Map<ClusterId, Set<InstanceId>>();
  /** The first to end first. */
  const ended: { readonly id: InstanceId; readonly at: number }[] = [];

  function index(instance: Instance | undefined, change: (ids: Set<InstanceId>, id: InstanceId) => void): void {
    const cluster = instance && clusterOf(instance);
    if (instance === undefined || cluster === undefined) return;
    const ids = byCluster.get(cluster) ?? new Set();
    change(ids, instance.id);
    byCluster.set(cluster, ids);
  }

  /** Without those that nobody sees any more. */
  function visible(): ReadonlyMap<InstanceId, Instance> {
    const since = clock.now().getTime() - VISIBLE_AFTER_END_MS;
    for (let first = ended[0]; first !== undefined && first.at <= since; first = ended[0]) {
      index(instances.get(first.id), (ids, id) => ids.delete(id));
      instances.delete(first.id);
      ended.shift();
    }
    return instances;
  }

  return {
    put(instance) {
      const before = instances.get(instance.id);
      if (before?.tags !== instance.tags) {
        index(before, (ids, id) => ids.delete(id));
        index(instance, (ids, id) => ids.add(id));
      }
      if (before?.terminatedAt === undefined && instance.terminatedAt !== undefined) {
        ended.push({ id: instance.id, at: instance.terminatedAt.getTime() });
      }
      instances.set(instance.id, instance);
    },
    get: (id) => visible().get(id),
    all: () => [...visible().values()],
    members: (cluster) => {
      const all = visible();
      return Array.from(byCluster.get(cluster) ?? []).flatMap((id) => all.get(id) ?? []);
    },
  };
}
