import { UnknownClusterError } from './core/errors.ts';
import type { Cluster, ClusterId, CommandId, Ec2Instance, ExporterName, InstanceId } from './core/model.ts';
import { isRunning, type Observation } from './core/observe.ts';
import type { ClusterRecord } from './core/record.ts';
import type { Rollout } from './core/rollout.ts';
import { isSelected } from './core/selection.ts';
import type { App, EmrOperation } from './ports.ts';

/** What a doorbell may add to a cluster's id: where to look, never what to believe. */
export interface Hints {
  readonly commands: ReadonlySet<CommandId>;
  readonly leaving: ReadonlySet<InstanceId>;
  /**
   * How far to look: `emr`: its state and nodes; `ec2`: only whether the nodes that we know are still there; `none`:
   * only at the results of orders, and none is given then. A cluster without a record is always looked at through EMR.
   */
  readonly depth: 'emr' | 'ec2' | 'none';
  /** What the sweep knows of the whole fleet. */
  readonly fleet?: FleetKnowledge;
}

export interface FleetKnowledge {
  readonly at: Date;
  readonly instances: ReadonlyMap<InstanceId, Ec2Instance>;
  readonly rollouts: ReadonlyMap<ExporterName, Rollout>;
}

export const NO_HINTS: Hints = { commands: new Set(), leaving: new Set(), depth: 'emr' };

/** Asks EMR and EC2 about one cluster. DescribeCluster first; its nodes only while it runs and is watched. */
export async function observe(
  id: ClusterId,
  before: ClusterRecord | undefined,
  { leaving }: Hints,
  app: App,
): Promise<Observation> {
  const at = app.now();
  app.budget.spendLook(id);
  const cluster = await describe(id, before, app);
  const { nodes, roles } = await askForNodes(cluster, before, app);
  const ids = new Set([...Object.keys(before?.nodes ?? {}), ...(nodes ?? []).map((node) => node.id)]);
  const instances = await app.fleet.instances([...ids] as InstanceId[]);
  return { at, cluster, nodes, roles, instances, leaving };
}

async function describe(id: ClusterId, before: ClusterRecord | undefined, app: App): Promise<Cluster | 'unknown'> {
  try {
    return await app.clusters.describe(id);
  } catch (error) {
    if (error instanceof UnknownClusterError && before !== undefined) return 'unknown';
    throw error;
  }
}

/** The calls that a look at this cluster will most likely take. */
export function lookNeeds(record: ClusterRecord | undefined): readonly EmrOperation[] {
  const isStarting = record === undefined || record.state === 'STARTING' || record.state === 'BOOTSTRAPPING';
  if (isStarting) return ['DescribeCluster', 'ListInstances', 'ListInstanceGroups', 'ListInstanceFleets'];
  return isRunning(record.state) && record.selected ? ['DescribeCluster', 'ListInstances'] : ['DescribeCluster'];
}

/** What the budget has no room for is not asked: the sweep sees the nodes that are missing, and comes again. */
async function askForNodes(
  cluster: Cluster | 'unknown',
  before: ClusterRecord | undefined,
  { clusters, budget, settings }: App,
): Promise<Pick<Observation, 'nodes' | 'roles'>> {
  const nothing = { nodes: undefined, roles: new Map() };
  if (cluster === 'unknown' || !isRunning(cluster.state)) return nothing;
  if (!isSelected(cluster.tags, settings.selection) || budget.wait(['ListInstances']) > 0) return nothing;
  const nodes = await clusters.nodes(cluster.id);
  const hasNewGroup = nodes.some(({ collectionId }) => before?.roles[collectionId] === undefined);
  const operation = cluster.collection === 'INSTANCE_FLEET' ? 'ListInstanceFleets' : 'ListInstanceGroups';
  const isAsked = hasNewGroup && budget.wait([operation]) === 0;
  return { nodes, roles: isAsked ? await clusters.roles(cluster) : new Map() };
}

/** EC2's word on the nodes of a record, and EMR's last one. */
export async function observeNodes(
  record: ClusterRecord,
  { leaving, fleet }: Pick<Hints, 'leaving' | 'fleet'>,
  app: App,
): Promise<Observation> {
  const isFresh = fleet !== undefined && Date.parse(record.observedAt) <= fleet.at.getTime();
  const at = isFresh ? fleet.at : app.now();
  const instances = isFresh ? fleet.instances : await app.fleet.instances(Object.keys(record.nodes) as InstanceId[]);
  return { at, cluster: undefined, nodes: undefined, roles: new Map(), instances, leaving };
}

/** Nobody was asked anything: what the record says, as old as it is. */
export const observeNothing = ({ observedAt }: ClusterRecord): Observation => ({
  at: new Date(observedAt),
  cluster: undefined,
  nodes: undefined,
  roles: new Map(),
  instances: new Map(),
  leaving: new Set(),
});
