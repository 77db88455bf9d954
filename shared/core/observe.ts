import { hashOf } from './canonical.ts';
import { clusterLabels } from './labels.ts';
import type { Cluster, Ec2Instance, EmrNode, InstanceId, Role } from './model.ts';
import { RECORD_SCHEMA, type ClusterRecord, type NodeRecord } from './record.ts';
import { isOver } from './retry.ts';
import { isSelected } from './selection.ts';
import type { Settings } from './settings.ts';

/** One look at a cluster, begun at `at`. */
export interface Observation {
  readonly at: Date;
  readonly cluster: Cluster;
  /** Role of every group or fleet, as far as it was asked; the record remembers the rest. */
  readonly roles: ReadonlyMap<string, Role>;
  /** Undefined when EMR was not asked: the cluster does not run, or is not watched. */
  readonly nodes: readonly EmrNode[] | undefined;
  /** EC2's word on the listed and on the remembered nodes. */
  readonly instances: ReadonlyMap<InstanceId, Ec2Instance>;
  /** Nodes that a spot interruption warning named. */
  readonly leaving: ReadonlySet<InstanceId>;
}

/** EC2 is eventually consistent: it may not know a new instance yet (EC2 API, eventual consistency). */
const NOT_FOUND_COUNTS_AFTER = 10 * 60_000;

/**
 * What we remember of a cluster after one more look. A node's state becomes TERMINATED on positive evidence only, and
 * the planner forgets it then; a node that is merely absent from EMR's list stays as it was:
 *
 *   EMR's list            EC2                                   → state
 *   lists it              shutting-down, terminated             → TERMINATED
 *   lists it              anything else, notFound included      → EMR's
 *   was not asked         shutting-down, terminated             → TERMINATED
 *   was not asked         anything else, notFound included      → as it was
 *   does not list it      shutting-down, terminated             → TERMINATED
 *   does not list it      notFound, known for over 10 minutes   → TERMINATED
 *   does not list it      anything else                         → as it was
 */
export function remember(before: ClusterRecord | undefined, seen: Observation, settings: Settings): ClusterRecord {
  const { cluster, at } = seen;
  const roles = { ...before?.roles, ...Object.fromEntries(seen.roles) };
  const listed = new Map(seen.nodes?.map((node) => [node.id, node]));
  const known = Object.entries(before?.nodes ?? {}) as [InstanceId, NodeRecord][];
  const kept = known.filter(([id]) => !listed.has(id)).map(([id, node]) => [id, unlisted(node, id, seen)] as const);
  const found = [...listed.values()].flatMap((node) => {
    const role = roles[node.collectionId];
    return role === undefined ? [] : [[node.id, listedNode(node, role, before?.nodes[node.id], seen)] as const];
  });
  return {
    schema: RECORD_SCHEMA,
    writer: before?.writer ?? '',
    sequence: before?.sequence ?? 0,
    targetEtag: before?.targetEtag,
    configHash: settings.hash,
    tagsHash: hashOf(cluster.tags),
    clusterId: cluster.id,
    name: cluster.name,
    selected: isSelected(cluster.tags, settings.selection),
    releaseLabel: cluster.releaseLabel,
    state: cluster.state,
    labels: clusterLabels(cluster, settings.labels),
    roles,
    observedAt: at.toISOString(),
    nodes: Object.fromEntries([...kept, ...found]),
  };
}

function listedNode(node: EmrNode, role: Role, before: NodeRecord | undefined, seen: Observation): NodeRecord {
  const ec2 = seen.instances.get(node.id);
  return {
    firstSeen: seen.at.toISOString(),
    exporters: {},
    ...before,
    ...whereabouts(node, ec2, before),
    state: isGone(ec2) ? 'TERMINATED' : node.state,
    role,
    instanceType: node.instanceType,
    market: node.market,
    leaving: before?.leaving === true || seen.leaving.has(node.id) || undefined,
  };
}

/** What was said once and is not said now still holds. */
const whereabouts = (node: EmrNode, ec2: Ec2Instance | undefined, before: NodeRecord | undefined) => ({
  address: node.address ?? before?.address,
  dnsName: node.dnsName ?? before?.dnsName,
  zone: ec2?.zone ?? before?.zone,
  arch: ec2?.arch ?? before?.arch,
});

function unlisted(node: NodeRecord, id: InstanceId, { instances, nodes, leaving, at }: Observation): NodeRecord {
  const ec2 = instances.get(id);
  const isForgotten =
    nodes !== undefined && ec2?.state === 'notFound' && isOver(node.firstSeen, NOT_FOUND_COUNTS_AFTER, at);
  if (isGone(ec2) || isForgotten) return { ...node, state: 'TERMINATED' };
  return leaving.has(id) ? { ...node, leaving: true } : node;
}

const isGone = (instance: Ec2Instance | undefined): boolean =>
  instance?.state === 'shutting-down' || instance?.state === 'terminated';
