import { UnavailableError, UnknownClusterError } from './core/errors.ts';
import type { Reconfigured } from './core/event.ts';
import type { Cluster, ClusterId, CommandId, Ec2Instance, ExporterName, InstanceId } from './core/model.ts';
import { isGone, isRunning, type Observation } from './core/observe.ts';
import type { ClusterRecord } from './core/record.ts';
import type { Rollout } from './core/rollout.ts';
import { isSelected } from './core/selection.ts';
import type { App, EmrOperation } from './ports.ts';

/** What a doorbell may add to a cluster's id: where to look, never what to believe. */
export interface Hints {
  readonly commands: ReadonlySet<CommandId>;
  readonly leaving: ReadonlySet<InstanceId>;
  readonly reconfigured: readonly Reconfigured[];
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

export const NO_HINTS: Hints = { commands: new Set(), leaving: new Set(), reconfigured: [], depth: 'emr' };

/** What was seen of a cluster, and for how many milliseconds the rest is put off for want of EMR's quota. */
export interface View {
  /** Undefined when nothing can be done without EMR. */
  readonly seen: Observation | undefined;
  readonly putOff: number;
}

/** One look of this container at a time, as soon as its share of EMR's quotas has room. */
export async function lookThroughEmr(
  id: ClusterId,
  before: ClusterRecord | undefined,
  hints: Hints,
  app: App,
): Promise<View> {
  const { budget } = app;
  return await budget.alone(async () => {
    const putOff = Math.max(budget.wait(['DescribeCluster']), budget.waitForLook(id));
    if (putOff > 0) return { seen: undefined, putOff };
    try {
      const seen = await observe(id, before, hints, app);
      return { seen, putOff: seen.putOff };
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      // Throttled by somebody else's calls, or down: no failure of the cluster's, and no reason to ask again at once.
      app.log.warn('look put off', { clusterId: id, error });
      return { seen: undefined, putOff: WHEN_UNAVAILABLE };
    }
  });
}

const WHEN_UNAVAILABLE = 60_000;

/**
 * Asks EMR and EC2 about one cluster. DescribeCluster first; its nodes only while it runs and is watched, and only where
 * EC2 shows that there is something to hear: ListInstances is the scarcest call (docs/adr/0014).
 */
export async function observe(
  id: ClusterId,
  before: ClusterRecord | undefined,
  { leaving, reconfigured }: Pick<Hints, 'leaving' | 'reconfigured'>,
  app: App,
): Promise<Observation> {
  const at = app.now();
  app.budget.spendLook(id);
  const cluster = await describe(id, before, app);
  const runs = cluster !== 'unknown' && isRunning(cluster.state);
  const isWatched = runs && isSelected(cluster.tags, app.settings.selection);
  const members = isWatched ? [...(await app.fleet.members(id)).keys()] : [];
  const ids = new Set([...Object.keys(before?.nodes ?? {}), ...members]);
  const instances = await app.fleet.instances([...ids] as InstanceId[]);
  const seen = { at, cluster, ...NOT_ASKED, instances, leaving, reconfigured };
  const isUnclear = before === undefined ? isWatched : runs && hasNews(before, instances);
  return isUnclear ? await listNodes(seen, before, app) : seen;
}

/** The same look, with EMR's word on each node, as far as the cluster runs and our share of EMR's quotas has room. */
export async function listNodes(seen: Observation, before: ClusterRecord | undefined, app: App): Promise<Observation> {
  const { cluster } = seen;
  if (typeof cluster !== 'object' || !isRunning(cluster.state)) return seen;
  const listed = await askForNodes(cluster, before, app);
  const unseen = (listed.nodes ?? []).flatMap((node) => (seen.instances.has(node.id) ? [] : [node.id]));
  const late = unseen.length === 0 ? [] : await app.fleet.instances(unseen);
  return { ...seen, ...listed, instances: new Map([...seen.instances, ...late]) };
}

/** A node that the record lacks, one that did not run yet, or one that EC2 has forgotten: EMR has the word on them. */
const hasNews = ({ nodes }: ClusterRecord, instances: ReadonlyMap<InstanceId, Ec2Instance>): boolean =>
  [...instances.values()].some((instance) => {
    const known = nodes[instance.id];
    if (known === undefined) return !isGone(instance) && instance.state !== 'notFound';
    return instance.state === 'notFound' || (known.state !== 'RUNNING' && !isGone(instance));
  });

type Listed = Pick<Observation, 'nodes' | 'roles' | 'putOff'>;
const NOT_ASKED: Listed = { nodes: undefined, roles: new Map(), putOff: 0 };

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

/** What our share of EMR's quotas has no room for is put off, and what is known by then is what counts. */
async function askForNodes(cluster: Cluster, before: ClusterRecord | undefined, app: App): Promise<Listed> {
  const { clusters, budget } = app;
  const putOff = budget.wait(['ListInstances']);
  if (putOff > 0) return { ...NOT_ASKED, putOff };
  const nodes = await clusters.nodes(cluster.id);
  const hasNewGroup = nodes.some(({ collectionId }) => before?.roles[collectionId] === undefined);
  if (!hasNewGroup) return { ...NOT_ASKED, nodes };
  const wait = budget.wait([cluster.collection === 'INSTANCE_FLEET' ? 'ListInstanceFleets' : 'ListInstanceGroups']);
  return { nodes, roles: wait > 0 ? new Map() : await clusters.roles(cluster), putOff: wait };
}

/** EC2's word on the nodes of a record, and EMR's last one. */
export async function observeNodes(
  record: ClusterRecord,
  { leaving, reconfigured, fleet }: Pick<Hints, 'leaving' | 'reconfigured' | 'fleet'>,
  app: App,
): Promise<Observation> {
  const isFresh = fleet !== undefined && Date.parse(record.observedAt) <= fleet.at.getTime();
  const at = isFresh ? fleet.at : app.now();
  const instances = isFresh ? fleet.instances : await app.fleet.instances(Object.keys(record.nodes) as InstanceId[]);
  return { at, cluster: undefined, ...NOT_ASKED, instances, leaving, reconfigured };
}

/** Nobody was asked anything: what the record says, as old as it is. */
export const observeNothing = ({ observedAt }: ClusterRecord): Observation => ({
  at: new Date(observedAt),
  cluster: undefined,
  ...NOT_ASKED,
  instances: new Map(),
  leaving: new Set(),
  reconfigured: [],
});
