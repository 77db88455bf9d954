import { createHash } from 'node:crypto';
import { reservation } from '../sandbox/account/ec2-answers.ts';
import { xml } from '../sandbox/account/query-xml.ts';
import type { ClusterId, InstanceId } from '../shared/core/model.ts';

export const ACCOUNT_ID = '111122223333';
export const CLUSTER_TAG = 'aws:elasticmapreduce:job-flow-id';
export const CLUSTERS = 500;
export const NODES_EACH = 20;
/** An instance is 5 to 8 kB of XML: what is measured here has at least this much. */
const LEAST_BYTES = 6000;
export const LAUNCHED_AT = new Date('2026-11-22T06:00:00Z');

export interface Member {
  readonly id: InstanceId;
  readonly clusterId: ClusterId;
  readonly address: string;
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

/** As EMR gives them: a cluster's own ones, and two keys of the system's. */
export const tagsOf = (clusterId: ClusterId): Readonly<Record<string, string>> => ({
  Name: `etl-nightly-${clusterId}`,
  Project: 'Etl',
  Service: 'Warehouse',
  Environment: 'production',
  CostCenter: '4711',
  Owner: 'data-platform@example.com',
  'for-use-with-amazon-emr-managed-policies': 'true',
});

/** `count` clusters of 20 nodes; the same ones each time. */
export function bigFleet(count = CLUSTERS, seed = ''): readonly Member[] {
  return Array.from({ length: count * NODES_EACH }, (_, n) => {
    const cluster = Math.floor(n / NODES_EACH);
    return {
      id: `i-${digest(`${seed}node ${n}`).slice(0, 17)}`,
      clusterId: `j-${digest(`${seed}cluster ${cluster}`).slice(0, 13).toUpperCase()}`,
      address: `10.${Math.floor(n / 65_536)}.${Math.floor(n / 256) % 256}.${n % 256}`,
    };
  });
}

/** One `<item>` of a DescribeInstances answer, a line per element as EC2 writes it. */
export function instanceXml({ id, clusterId, address }: Member, state: 'running' | 'terminated'): string {
  const instance = {
    id,
    state,
    arch: 'amd64',
    zone: 'us-east-1a',
    address,
    dnsName: `ip-${address.replaceAll('.', '-')}.ec2.internal`,
    reservationId: `r-${id.slice(2)}`,
    launchedAt: LAUNCHED_AT,
    instanceType: 'm5.xlarge',
    market: 'ON_DEMAND',
    tags: { [CLUSTER_TAG]: clusterId, 'aws:elasticmapreduce:instance-group-role': 'CORE', ...tagsOf(clusterId) },
    ...(state === 'terminated' && { terminatedAt: LAUNCHED_AT }),
  } as const;
  const text = xml([reservation(instance, ACCOUNT_ID)]).replaceAll('><', '>\n        <');
  if (state === 'running' && text.length < LEAST_BYTES) throw new Error(`an instance of ${text.length} bytes only`);
  return text;
}

/** One `<item>` of a DescribeTags answer. */
export const tagXml = (id: InstanceId, key: string, value: string): string =>
  xml([{ resourceId: id, resourceType: 'instance', key, value }]).replaceAll('><', '>\n        <');
