import type { Reconfigured } from './event.ts';
import { clusterLabels } from './labels.ts';
import type { Cluster, ClusterState, Ec2Instance, EmrNode, InstanceId, Role } from './model.ts';
import { askAgain } from './reconfigured.ts';
import { RECORD_SCHEMA, type ClusterRecord, type NodeRecord } from './record.ts';
import { isOver } from './retry.ts';
import { isSelected } from './selection.ts';
import type { Settings } from './settings.ts';

/** One look at a cluster, begun at `at`. */
export interface Observation {
  readonly at: Date;
  /** EMR's word; `unknown` when it knows no such cluster, undefined when it was not asked. */
  readonly cluster: Cluster | 'unknown' | undefined;
  /** Role of every group or fleet, as far as it was asked; the record remembers the rest. */
  readonly roles: ReadonlyMap<string, Role>;
  /** Undefined when EMR was not asked: the cluster does not run, or is not watched. */
  readonly nodes: readonly EmrNode[] | undefined;
  /** Milliseconds until EMR may be asked for what it was not asked now, for want of quota; 0: nothing is missing. */
  readonly putOff: number;
  /** EC2's word on the listed and on the remembered nodes. */
  readonly instances: ReadonlyMap<InstanceId, Ec2Instance>;
  /** Nodes that a spot interruption warning named. */
  readonly leaving: ReadonlySet<InstanceId>;
  /** What events told of groups and fleets. */
  readonly reconfigured: readonly Reconfigured[];
}

/** EC2 is eventually consistent: it may not know a new instance yet (EC2 API, eventual consistency). */
export const NOT_FOUND_COUNTS_AFTER = 10 * 60_000;

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
 *
 * A cluster that EMR has forgotten lists no node; it has ended when the last one is gone. Where EMR was not asked, its
 * last word holds, read by the configuration of now. Nodes of a cluster that is not watched are kept while an exporter
 * of ours is on them.
 */
export function remember(before: ClusterRecord | undefined, seen: Observation, settings: Settings): ClusterRecord {
  const told = toldBy(seen.cluster, before, settings);
  const roles = { ...before?.roles, ...Object.fromEntries(seen.roles) };
  const nodes = nodesOf(before?.nodes ?? {}, roles, seen)
    .filter(([, node]) => isKept(node, told))
    .map(([id, node]) => [id, askAgain(node, roles, seen.reconfigured, settings.exporters)] as const);
  const isForgotten = seen.cluster === 'unknown' && nodes.every(([, { state }]) => state === 'TERMINATED');
  return {
    schema: RECORD_SCHEMA,
    writer: before?.writer ?? '',
    sequence: before?.sequence ?? 0,
    targetEtag: before?.targetEtag,
    configHash: settings.hash,
    ...told,
    ...(isForgotten && { state: 'TERMINATED' as const }),
    roles,
    observedAt: seen.at.toISOString(),
    held: before?.held,
    nodes: Object.fromEntries(nodes),
  };
}

/** Of a cluster that is not watched, only nodes with something of ours are remembered. */
export const isKept = ({ exporters }: NodeRecord, { selected }: Pick<ClusterRecord, 'selected'>): boolean =>
  selected || Object.values(exporters).some(({ installed, work }) => installed !== undefined || work !== undefined);

function nodesOf(
  before: ClusterRecord['nodes'],
  roles: ClusterRecord['roles'],
  seen: Observation,
): readonly (readonly [InstanceId, NodeRecord])[] {
  const listed = new Map(seen.nodes?.map((node) => [node.id, node]));
  const known = (Object.entries(before) as [InstanceId, NodeRecord][]).filter(([id]) => !listed.has(id));
  const found = [...listed.values()].flatMap((node) => {
    const role = roles[node.collectionId];
    return role === undefined ? [] : [[node.id, listedNode(node, role, before[node.id], seen)] as const];
  });
  return [...known.map(([id, node]) => [id, unlisted(node, id, seen)] as const), ...found];
}

type Told = Pick<ClusterRecord, 'clusterId' | 'name' | 'state' | 'releaseLabel' | 'tags' | 'selected' | 'labels'>;

function toldBy(cluster: Observation['cluster'], before: ClusterRecord | undefined, settings: Settings): Told {
  if (typeof cluster === 'object') {
    const { id: clusterId, name, state, releaseLabel, tags } = cluster;
    const selected = isSelected(tags, settings.selection);
    return { clusterId, name, state, releaseLabel, tags, selected, labels: clusterLabels(cluster, settings.labels) };
  }
  if (before === undefined) throw new RangeError('a cluster without a record is looked at through EMR');
  const { clusterId, name, state, releaseLabel, tags, selected, labels } = before;
  const told = { clusterId, name, state, releaseLabel, tags, selected, labels };
  if (tags === undefined) return told;
  const { account_id: accountId = '', region = '' } = labels;
  return {
    ...told,
    selected: isSelected(tags, settings.selection),
    labels: clusterLabels({ id: clusterId, name, releaseLabel, accountId, region, tags }, settings.labels),
  };
}

/** EMR lists nodes of clusters in these states; before, there is nothing to install on, and after, nothing to scrape. */
export const isRunning = (state: ClusterState): boolean => state === 'RUNNING' || state === 'WAITING';

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

function unlisted(node: NodeRecord, id: InstanceId, { instances, leaving, ...seen }: Observation): NodeRecord {
  const ec2 = instances.get(id);
  const wasListable = seen.nodes !== undefined || seen.cluster === 'unknown';
  const isForgotten =
    wasListable && ec2?.state === 'notFound' && isOver(node.firstSeen, NOT_FOUND_COUNTS_AFTER, seen.at);
  if (isGone(ec2) || isForgotten) return { ...node, state: 'TERMINATED' };
  const placed = { ...node, zone: node.zone ?? ec2?.zone, arch: node.arch ?? ec2?.arch };
  return leaving.has(id) ? { ...placed, leaving: true } : placed;
}

/** EC2 states that it takes the instance away, or has. */
export const isGone = (instance: Ec2Instance | undefined): boolean =>
  instance?.state === 'shutting-down' || instance?.state === 'terminated';
