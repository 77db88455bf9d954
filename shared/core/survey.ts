import type { ClusterId, ClusterState, Ec2Instance, ExporterName, InstanceId } from './model.ts';
import { isGone } from './observe.ts';
import type { ClusterRecord, NodeRecord } from './record.ts';
import type { Rollout } from './rollout.ts';
import type { Settings } from './settings.ts';

/** What one sweep saw of the account, all clusters at once. */
export interface Survey {
  readonly at: Date;
  /** Every instance that carries EMR's tag, ended ones too. */
  readonly members: ReadonlyMap<InstanceId, ClusterId>;
  /** What EC2 said of an instance: those that leave, and those that carry the tag no more. */
  readonly instances: ReadonlyMap<InstanceId, Ec2Instance>;
  /** The clusters that are about to change (TRANSIENT), or undefined when EMR was not asked. */
  readonly states: ReadonlyMap<ClusterId, ClusterState> | undefined;
  /** The tags of a node of some clusters, of those keys only that the configuration names. */
  readonly tags: ReadonlyMap<ClusterId, Readonly<Record<string, string>>>;
  /** ETags of the target files. */
  readonly files: ReadonlyMap<ClusterId, string>;
  readonly rollouts: ReadonlyMap<ExporterName, Rollout>;
}

/** States that a cluster leaves by itself: one list call shows which of them did. */
export const TRANSIENT: readonly ClusterState[] = ['STARTING', 'BOOTSTRAPPING', 'TERMINATING'];

/** One node of each cluster that has living ones: always the same, as long as it lives. */
export const representatives = (survey: Pick<Survey, 'members' | 'instances'>): ReadonlyMap<ClusterId, InstanceId> =>
  new Map([...livingNodes(survey)].map(([id, nodes]) => [id, [...nodes].toSorted()[0] as InstanceId]));

/**
 * Nodes of the records that neither carry EMR's tag nor are said to leave, and those whose place EC2 did not know when
 * it was asked: it is asked about them by id.
 */
export const unclear = (
  records: Iterable<ClusterRecord>,
  { members, instances }: Pick<Survey, 'members' | 'instances'>,
): readonly InstanceId[] =>
  [...records].flatMap(({ nodes }) =>
    (Object.entries(nodes) as [InstanceId, NodeRecord][]).flatMap(([id, { zone }]) =>
      !instances.has(id) && (zone === undefined || !members.has(id)) ? [id] : [],
    ),
  );

/** The nodes that carry EMR's tag and are not said to leave. */
export function livingNodes({ members, instances }: Pick<Survey, 'members' | 'instances'>) {
  const living = new Map<ClusterId, Set<InstanceId>>();
  for (const [node, cluster] of members) {
    if (isGone(instances.get(node))) continue;
    const nodes = living.get(cluster);
    if (nodes === undefined) living.set(cluster, new Set([node]));
    else nodes.add(node);
  }
  return living;
}

/** The tags that the configuration names. */
export const tagKeys = ({ labels, selection }: Settings): readonly string[] =>
  [...new Set([...Object.values(labels), ...Object.keys(selection.tags)])].toSorted();
