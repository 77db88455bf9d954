import {
  DescribeClusterCommand,
  paginateListClusters,
  paginateListInstanceFleets,
  paginateListInstanceGroups,
  paginateListInstances,
} from '@aws-sdk/client-emr';
import type { Cluster as SdkCluster, EMRClient, Instance, Tag } from '@aws-sdk/client-emr';
import type { Cluster, ClusterId, EmrNode, InstanceId, Role } from '../core/model.ts';
import type { Clusters, EmrOperation } from '../ports.ts';
import { aws, everyItem, required } from './aws-error.ts';

/** Without a state filter ListInstances adds up to 2,000 nodes that ended in the last 30 days. */
const ACTIVE_NODES = ['AWAITING_FULFILLMENT', 'PROVISIONING', 'BOOTSTRAPPING', 'RUNNING'] as const;

/**
 * EMR refills its quotas slowly and shares them with the customer's own tools (general/latest/gr/emr): `spend` is told
 * of every request, pages and the SDK's retries among them. The client is this adapter's own from now on.
 */
export function emrClusters(client: EMRClient, spend: (operation: EmrOperation) => void): Clusters {
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        spend(commandName.replace(/Command$/, '') as EmrOperation);
        return await next(args);
      },
    { name: 'spend', step: 'finalizeRequest', priority: 'low' }, // inside the SDK's retry, whose priority is high
  );
  return {
    async list(states) {
      if (states.length === 0) return new Map(); // no filter would list every cluster that EMR remembers
      const clusters = await everyItem(
        'emr:ListClusters',
        paginateListClusters({ client }, { ClusterStates: [...states] }),
        ({ Clusters: list }) => list,
      );
      return new Map(
        clusters.map(({ Id, Status }) => [
          required(Id, 'Clusters[].Id') as ClusterId,
          required(Status?.State, `the state of ${Id}`),
        ]),
      );
    },

    async describe(id) {
      const { Cluster } = await aws('emr:DescribeCluster', () =>
        client.send(new DescribeClusterCommand({ ClusterId: id })),
      );
      return toCluster(id, required(Cluster, 'Cluster'));
    },

    async roles({ id, collection }) {
      return new Map(collection === 'INSTANCE_FLEET' ? await fleetRoles(client, id) : await groupRoles(client, id));
    },

    async nodes(id) {
      const instances = await everyItem(
        'emr:ListInstances',
        paginateListInstances({ client }, { ClusterId: id, InstanceStates: [...ACTIVE_NODES] }),
        ({ Instances }) => Instances,
      );
      return instances.flatMap(toNode);
    },
  };
}

async function groupRoles(client: EMRClient, id: ClusterId): Promise<readonly (readonly [string, Role])[]> {
  const groups = await everyItem(
    'emr:ListInstanceGroups',
    paginateListInstanceGroups({ client }, { ClusterId: id }),
    ({ InstanceGroups }) => InstanceGroups,
  );
  return groups.map(({ Id, InstanceGroupType }) => roleOf(Id, InstanceGroupType));
}

async function fleetRoles(client: EMRClient, id: ClusterId): Promise<readonly (readonly [string, Role])[]> {
  const fleets = await everyItem(
    'emr:ListInstanceFleets',
    paginateListInstanceFleets({ client }, { ClusterId: id }),
    ({ InstanceFleets }) => InstanceFleets,
  );
  return fleets.map(({ Id, InstanceFleetType }) => roleOf(Id, InstanceFleetType));
}

const roleOf = (id: string | undefined, type: Role | undefined): readonly [string, Role] => [
  required(id, 'the id of a group or fleet'),
  required(type, `the type of ${id}`),
];

function toCluster(id: ClusterId, cluster: SdkCluster): Cluster {
  // arn:<partition>:elasticmapreduce:<region>:<account>:cluster/<id>
  const [, , , region, accountId] = required(cluster.ClusterArn, 'Cluster.ClusterArn').split(':');
  return {
    id,
    name: cluster.Name ?? '',
    state: required(cluster.Status?.State, 'Cluster.Status.State'),
    releaseLabel: cluster.ReleaseLabel ?? '', // absent on the AMI versions before EMR 4
    collection: cluster.InstanceCollectionType ?? 'INSTANCE_GROUP', // the only kind before fleets came
    accountId: required(accountId, 'the account in Cluster.ClusterArn'),
    region: required(region, 'the region in Cluster.ClusterArn'),
    tags: toTags(cluster.Tags),
  };
}

const toTags = (tags: readonly Tag[] = []): Readonly<Record<string, string>> =>
  Object.fromEntries(tags.flatMap(({ Key, Value = '' }) => (Key === undefined ? [] : [[Key, Value] as const])));

/** A node that awaits its EC2 instance has no id yet: nothing can be done with it, and an event follows. */
function toNode(node: Instance): readonly EmrNode[] {
  if (node.Ec2InstanceId === undefined || node.Ec2InstanceId === '') return [];
  return [
    {
      id: node.Ec2InstanceId as InstanceId,
      state: required(node.Status?.State, 'Instances[].Status.State'),
      ...(node.PrivateIpAddress && { address: node.PrivateIpAddress }),
      ...(node.PrivateDnsName && { dnsName: node.PrivateDnsName }),
      instanceType: node.InstanceType ?? '',
      market: node.Market ?? 'ON_DEMAND',
      collectionId: required(node.InstanceGroupId ?? node.InstanceFleetId, 'the group or fleet of Instances[]'),
    },
  ];
}
