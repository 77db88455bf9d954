import * as z from 'zod/mini';
import { jsonHandler, operation, page, type Page } from './aws-json.ts';
import {
  checkCollection,
  details,
  instance,
  instanceFleet,
  instanceGroup,
  invalidRequest,
  matches,
  summary,
  wrongCollection,
} from './emr-answers.ts';
import type { EmrCluster, EmrGroup, EmrInstance } from './emr-model.ts';
import type { Emr } from './emr.ts';
import type { Surroundings } from './surroundings.ts';
import type { WireHandler } from './wire.ts';

/** docs: emr/latest/APIReference/API_ListClusters: at most 50 clusters per call. */
export const CLUSTERS_PER_PAGE = 50;
/** The page size is undocumented; a small one makes every reader page. */
export const INSTANCES_PER_PAGE = 100;
/** docs: emr/latest/APIReference/API_ListInstances: terminated in the last 30 days, up to 2,000. */
const ENDED_DAYS_MS = 30 * 24 * 3_600_000;
const MAX_ENDED = 2000;

const clusterStates = z.enum([
  'STARTING',
  'BOOTSTRAPPING',
  'RUNNING',
  'WAITING',
  'TERMINATING',
  'TERMINATED',
  'TERMINATED_WITH_ERRORS',
]);
const nodeStates = z.enum(['AWAITING_FULFILLMENT', 'PROVISIONING', 'BOOTSTRAPPING', 'RUNNING', 'TERMINATED']);
const role = z.enum(['MASTER', 'CORE', 'TASK']);
const Marker = z.optional(z.string());

const listClusters = z.strictObject({
  ClusterStates: z.optional(z.array(clusterStates)),
  CreatedAfter: z.optional(z.number()),
  CreatedBefore: z.optional(z.number()),
  Marker,
});
const listInstances = z.strictObject({
  ClusterId: z.string(),
  InstanceGroupId: z.optional(z.string()),
  InstanceGroupTypes: z.optional(z.array(role)),
  InstanceFleetId: z.optional(z.string()),
  InstanceFleetType: z.optional(role),
  InstanceStates: z.optional(z.array(nodeStates)),
  Marker,
});
const oneCluster = z.strictObject({ ClusterId: z.string() });
const pagedCluster = z.strictObject({ ClusterId: z.string(), Marker });

const pageOf = <T>(items: readonly T[], marker: string | undefined, size: number): Page<T> =>
  page(items, marker, size, () => invalidRequest(`Marker '${marker}' is not valid.`));

export function emrHandler(emr: Emr, world: Surroundings): WireHandler {
  const find = (id: string): EmrCluster => {
    const found = emr.cluster(id);
    if (found === undefined) throw invalidRequest(`Cluster id '${id}' is not valid.`);
    return found;
  };
  const arn = ({ id }: EmrCluster): string =>
    `arn:aws:elasticmapreduce:${world.region}:${world.accountId}:cluster/${id}`;
  const groupsOf = (id: string, collection: EmrCluster['collection']): readonly EmrGroup[] => {
    const cluster = find(id);
    if (cluster.collection !== collection) throw wrongCollection(cluster);
    return emr.groups(cluster.id);
  };
  const running = (group: EmrGroup): number =>
    emr.instances(group.clusterId).filter(({ groupId, state }) => groupId === group.id && state === 'RUNNING').length;

  /** Without a state filter: active nodes, and the ended ones of the last 30 days. */
  function instancesOf(input: z.output<typeof listInstances>): readonly EmrInstance[] {
    const cluster = find(input.ClusterId);
    checkCollection(cluster, input);
    const wanted = new Set(
      emr
        .groups(cluster.id)
        .filter((group) => matches(group, input))
        .map(({ id }) => id),
    );
    const nodes = emr.instances(cluster.id).filter(({ groupId }) => wanted.has(groupId));
    const states = input.InstanceStates;
    if (states !== undefined && states.length > 0) return nodes.filter(({ state }) => states.includes(state));
    const since = world.clock.now().getTime() - ENDED_DAYS_MS;
    const ended = nodes.filter(({ endedAt }) => endedAt !== undefined && endedAt.getTime() >= since);
    return [...nodes.filter(({ state }) => state !== 'TERMINATED'), ...ended.slice(-MAX_ENDED)];
  }

  const operations = {
    ListClusters: operation(listClusters, ({ ClusterStates: states, CreatedAfter, CreatedBefore, Marker: marker }) => {
      const from = (CreatedAfter ?? 0) * 1000;
      const to = (CreatedBefore ?? Infinity) * 1000;
      const all = emr.clusters().filter(({ state, createdAt }) => {
        const isWanted = states === undefined || states.length === 0 || states.includes(state);
        return isWanted && createdAt.getTime() >= from && createdAt.getTime() <= to;
      });
      const { items, next } = pageOf(all, marker, CLUSTERS_PER_PAGE);
      return { Clusters: items.map((cluster) => summary(cluster, arn(cluster))), Marker: next };
    }),
    DescribeCluster: operation(oneCluster, ({ ClusterId }) => {
      const cluster = find(ClusterId);
      return { Cluster: { ...summary(cluster, arn(cluster)), ...details(cluster, world.region) } };
    }),
    ListInstances: operation(listInstances, (input) => {
      const { items, next } = pageOf(instancesOf(input), input.Marker, INSTANCES_PER_PAGE);
      const groups = new Map(emr.groups(find(input.ClusterId).id).map((group) => [group.id, group]));
      return { Instances: items.map((node) => instance(node, groups.get(node.groupId))), Marker: next };
    }),
    ListInstanceGroups: operation(pagedCluster, ({ ClusterId, Marker: marker }) => {
      const { items, next } = pageOf(groupsOf(ClusterId, 'INSTANCE_GROUP'), marker, INSTANCES_PER_PAGE);
      return { InstanceGroups: items.map((group) => instanceGroup(group, running(group))), Marker: next };
    }),
    ListInstanceFleets: operation(pagedCluster, ({ ClusterId, Marker: marker }) => {
      const { items, next } = pageOf(groupsOf(ClusterId, 'INSTANCE_FLEET'), marker, INSTANCES_PER_PAGE);
      return { InstanceFleets: items.map((fleet) => instanceFleet(fleet, running(fleet))), Marker: next };
    }),
  };
  return jsonHandler('ElasticMapReduce', operations, world, (name) => emr.admit(name));
}
