import type { ClusterId, InstanceId } from '../../shared/core/model.ts';
import type { Expected } from './invariants/targets-are-nodes.ts';
import { LOOK_AGE } from './invariants/orders-find-running-nodes.ts';
import { isWanted, type Truth } from './truth.ts';

const PORTS: Readonly<Record<string, number>> = { node: 9100, graphite: 9108 };

/** What a target must look like; the label mapping may be that of any deployment. */
export const expectedOf =
  (clusterId: ClusterId, { nodes, cluster, hosts, settingsSince }: Truth) =>
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
    const labels = settingsSince(0).map((settings) => ({ ...mapped(of.tags, settings.labels), ...own }));
    return { address: `${instance.address}:${PORTS[job] ?? 0}`, labels };
  };

const mapped = (tags: Readonly<Record<string, string>>, mapping: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(mapping).flatMap(([label, tag]) => (tags[tag] === undefined ? [] : [[label, tags[tag]]])),
  );

/** Is there positive evidence that this endpoint has to go? Settings may be those of a look that is 90 s old. */
export const mayLeave =
  (clusterId: ClusterId, { nodes, cluster, settingsSince }: Truth, now: number) =>
  (id: InstanceId, job: string): boolean => {
    const node = nodes.get(id);
    const of = cluster(clusterId);
    if (node === undefined || of === undefined) return true;
    if (node.goneAt !== undefined || of.state.startsWith('TERMINATED')) return true;
    return settingsSince(now - LOOK_AGE).some((settings) => !isWanted(job, node.role, of.tags, settings));
  };
