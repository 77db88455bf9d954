import { clusterLabels } from '../shared/core/labels.ts';
import type { ClusterId } from '../shared/core/model.ts';
import { type ClusterRecord, type NodeRecord, RECORD_SCHEMA } from '../shared/core/record.ts';
import type { Settings } from '../shared/core/settings.ts';
import { ACCOUNT_ID, LAUNCHED_AT, type Member, tagsOf } from './big-fleet.ts';

/** Records of clusters on which everything that these settings want is done. */
export function bigRecords(members: readonly Member[], settings: Settings): readonly ClusterRecord[] {
  const at = LAUNCHED_AT.toISOString();
  const toNode = ({ address }: Member, n: number): NodeRecord => {
    const role = n === 0 ? 'MASTER' : 'CORE';
    const wanted = settings.exporters.filter(({ roles }) => roles.includes(role));
    return {
      state: 'RUNNING',
      firstSeen: at,
      address,
      dnsName: `ip-${address.replaceAll('.', '-')}.ec2.internal`,
      role,
      instanceType: 'm5.xlarge',
      market: 'ON_DEMAND',
      zone: 'us-east-1a',
      arch: 'amd64',
      exporters: Object.fromEntries(
        wanted.map(({ name, version, revision }) => [
          name,
          { installed: { version, revision, endpoints: [{ port: 9100, labels: {} }], at } },
        ]),
      ),
    };
  };
  const toRecord = (id: ClusterId, nodes: readonly Member[]): ClusterRecord => {
    const named = { id, name: `etl-nightly-${id}`, releaseLabel: 'emr-7.5.0', tags: tagsOf(id) };
    return {
      schema: RECORD_SCHEMA,
      writer: 'bench',
      sequence: 4,
      configHash: settings.hash,
      tags: named.tags,
      clusterId: id,
      name: named.name,
      selected: true,
      releaseLabel: named.releaseLabel,
      state: 'RUNNING',
      labels: clusterLabels({ ...named, accountId: ACCOUNT_ID, region: 'us-east-1' }, settings.labels),
      roles: { 'ig-1EXAMPLEMASTER': 'MASTER', 'ig-2EXAMPLECORES': 'CORE' },
      observedAt: at,
      nodes: Object.fromEntries(nodes.map((node, n) => [node.id, toNode(node, n)])),
    };
  };
  return [...Map.groupBy(members, ({ clusterId }) => clusterId)].map(([id, nodes]) => toRecord(id, nodes));
}
