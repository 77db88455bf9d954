import { UnknownClusterError } from '../../shared/core/errors.ts';
import type { Cluster, ClusterId, EmrNode } from '../../shared/core/model.ts';
import type { Clusters } from '../../shared/ports.ts';
import type { Compute } from './compute.ts';
import type { EmrCluster, EmrGroup, EmrInstance } from './emr-model.ts';
import { CLUSTERS_PER_PAGE, INSTANCES_PER_PAGE } from './emr-wire.ts';
import { type Call, everyPage } from './port-call.ts';

export function clustersPort({ emr, world }: Compute, call: Call): Clusters {
  const known = (id: ClusterId): EmrCluster => {
    const cluster = emr.cluster(id);
    if (cluster === undefined) throw new UnknownClusterError(`Cluster id '${id}' is not valid.`);
    return cluster;
  };
  return {
    async list(states) {
      const wanted = () => emr.clusters().filter(({ state }) => states.includes(state));
      const found = await everyPage(call, ['ListClusters', {}], CLUSTERS_PER_PAGE, wanted);
      return new Map(found.map(({ id, state }) => [id, state]));
    },
    describe: (id) =>
      call('DescribeCluster', { ClusterId: id }, () => toCluster(known(id), world.accountId, world.region)),
    async roles({ id, collection }) {
      const operation = collection === 'INSTANCE_FLEET' ? 'ListInstanceFleets' : 'ListInstanceGroups';
      const groups = await everyPage(call, [operation, { ClusterId: id }], INSTANCES_PER_PAGE, () =>
        emr.groups(known(id).id),
      );
      return new Map(groups.map((group) => [group.id, group.role]));
    },
    nodes: (id) =>
      everyPage(call, ['ListInstances', { ClusterId: id }], INSTANCES_PER_PAGE, () => {
        const groups = new Map(emr.groups(known(id).id).map((group) => [group.id, group]));
        return emr.active(id).flatMap((node) => toNode(node, groups));
      }),
  };
}

const toCluster = (
  { id, name, state, releaseLabel, collection, tags }: EmrCluster,
  accountId: string,
  region: string,
): Cluster => ({
  id,
  name,
  state,
  releaseLabel,
  collection,
  accountId,
  region,
  tags,
});

function toNode(node: EmrInstance, groups: ReadonlyMap<EmrGroup['id'], EmrGroup>): readonly EmrNode[] {
  const { ec2, state, groupId, instanceType } = node;
  const market = groups.get(groupId)?.market;
  if (ec2 === undefined || market === undefined) return [];
  return [
    { id: ec2.id, state, address: ec2.address, dnsName: ec2.dnsName, instanceType, market, collectionId: groupId },
  ];
}
