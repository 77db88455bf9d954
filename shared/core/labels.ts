import type { Cluster, ExporterName, InstanceId } from './model.ts';
import type { NodeRecord } from './record.ts';

/** Labels that we set ourselves: a tag mapping may not name them, nor anything that begins with `__`. */
export const OWN_LABELS = [
  'cluster_id',
  'cluster_name',
  'cluster_role',
  'instance',
  'node_name',
  'instance_type',
  'market',
  'availability_zone',
  'release_label',
  'account_id',
  'region',
  'job',
] as const;

/** What the labels of a cluster are made from. */
export type Named = Pick<Cluster, 'id' | 'name' | 'releaseLabel' | 'accountId' | 'region' | 'tags'>;

/** The labels that all targets of a cluster share; `mapping` is label ← tag, an absent tag sets no label. */
export function clusterLabels(cluster: Named, mapping: Readonly<Record<string, string>>): Record<string, string> {
  const mapped = Object.entries(mapping).flatMap(([label, tag]) => {
    const value = cluster.tags[tag];
    return value === undefined || value === '' ? [] : [[label, value] as const];
  });
  return {
    ...Object.fromEntries(mapped),
    cluster_id: cluster.id,
    cluster_name: cluster.name,
    release_label: cluster.releaseLabel,
    account_id: cluster.accountId,
    region: cluster.region,
  };
}

/** The labels of one node's exporter beside its cluster's; `node_name` is the private DNS name, which YARN's logs use. */
export const endpointLabels = (id: InstanceId, node: NodeRecord, exporter: ExporterName): Record<string, string> => ({
  cluster_role: node.role,
  instance: id,
  ...(node.dnsName === undefined ? {} : { node_name: node.dnsName }),
  instance_type: node.instanceType,
  market: node.market,
  ...(node.zone === undefined ? {} : { availability_zone: node.zone }),
  job: exporter,
});
