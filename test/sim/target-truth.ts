import type { ClusterId, InstanceId } from '../../shared/core/model.ts';
import type { Expected } from './invariants/targets-are-nodes.ts';
import { type Truth, wasWanted } from './truth.ts';

const PORTS: Readonly<Record<string, number>> = { node: 9100, graphite: 9108 };

/** What a target must look like; label mapping and tags may be those of any time. */
export const expectedOf =
  (clusterId: ClusterId, { nodes, cluster, hosts, settingsSince, tagsSince }: Truth) =>
  (id: InstanceId, job: string): Expected | undefined => {
    const node = nodes.get(id);
    const of = cluster(clusterId);
    if (node?.clusterId !== clusterId || of === undefined || hosts.history(id, job).length === 0) return undefined;
    const { instance, role } = node;
    const own = {
      cluster_id: clusterId,
      cluster_name: of.name,
      cluster_role: role,
      instance: id,
      node_name: instance.dnsName,
      instance_type: instance.instanceType,
      market: instance.market,
      availability_zone: instance.zone,
      release_label: 'emr-7.5.0',
      account_id: '111122223333',
      region: 'us-east-1',
      job,
    };
    const tags = tagsSince(clusterId, 0);
    // EC2 may not know a new instance yet: its zone comes later.
    const { availability_zone: _, ...unplaced } = own;
    const labels = settingsSince(0).flatMap((settings) =>
      tags.flatMap((one) =>
        [own, unplaced].map((labelsOfNode) => ({ ...mapped(one, settings.labels), ...labelsOfNode })),
      ),
    );
    return { address: `${instance.address}:${PORTS[job] ?? 0}`, labels };
  };

const mapped = (tags: Readonly<Record<string, string>>, mapping: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(mapping).flatMap(([label, tag]) => (tags[tag] === undefined ? [] : [[label, tags[tag]]])),
  );

/** Is there positive evidence that this endpoint has to go? */
export const mayLeave =
  (clusterId: ClusterId, truth: Truth) =>
  (id: InstanceId, job: string): boolean => {
    const node = truth.nodes.get(id);
    const state = truth.cluster(clusterId)?.state;
    if (node === undefined || state === undefined) return true;
    return node.goneAt !== undefined || state.startsWith('TERMINATED') || wasWanted(job, node, false, truth);
  };
