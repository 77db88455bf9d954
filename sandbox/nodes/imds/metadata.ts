import { randomBytes } from 'node:crypto';
import { NODE_ROLE, nodeCredentials } from '../../account/node-credentials.ts';
import type { NodeIdentity } from '../world.ts';

export interface MetadataRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Which node asks, found by its address. */
  readonly node: NodeIdentity | undefined;
  readonly now: Date;
}

export interface MetadataAnswer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const MAX_TTL_SECONDS = 21_600; // IMDSv2: a session token lives 1 second to 6 hours
const CREDENTIALS_LIVE_MS = 6 * 3_600_000;
const TTL = 'x-aws-ec2-metadata-token-ttl-seconds';
const NOT_FOUND: MetadataAnswer = { status: 404, body: '' };

/** The instance metadata service, version 2 only: every GET needs the token that a PUT gave to the same node. */
export function metadataService(): (request: MetadataRequest) => MetadataAnswer {
  const tokens = new Map<string, { readonly address: string; readonly until: number }>();
  return ({ method, path, headers, node, now }) => {
    if (node === undefined) return NOT_FOUND;
    if (path === '/latest/api/token') {
      if (method !== 'PUT') return { status: 405, body: '' };
      const seconds = Number(headers[TTL]);
      if (!Number.isInteger(seconds) || seconds < 1 || seconds > MAX_TTL_SECONDS) return { status: 400, body: '' };
      const token = randomBytes(30).toString('base64url');
      tokens.set(token, { address: node.address, until: now.getTime() + seconds * 1000 });
      return { status: 200, body: token, headers: { 'X-Aws-Ec2-Metadata-Token-Ttl-Seconds': `${seconds}` } };
    }
    if (method !== 'GET') return { status: 405, body: '' };
    const held = tokens.get(String(headers['x-aws-ec2-metadata-token']));
    if (held === undefined || held.address !== node.address || held.until <= now.getTime())
      return { status: 401, body: '' };
    const body = documents(node, now).get(path);
    return body === undefined ? NOT_FOUND : { status: 200, body };
  };
}

function documents(node: NodeIdentity, now: Date): ReadonlyMap<string, string> {
  const { instanceId, address, hostname, region, availabilityZone, accountId, instanceType } = node;
  const identity = {
    accountId,
    availabilityZone,
    instanceId,
    instanceType,
    privateIp: address,
    region,
    version: '2017-09-30',
  };
  const roles = '/latest/meta-data/iam/security-credentials/';
  const [area = '', direction = '', count = ''] = region.split('-');
  const zoneId = `${area}${direction.replaceAll(/(north|south|east|west|central)/g, (word) => word[0] ?? '')}${count}-az1`;
  return new Map([
    ['/latest/meta-data/instance-id', instanceId],
    ['/latest/meta-data/instance-type', instanceType],
    ['/latest/meta-data/local-ipv4', address],
    ['/latest/meta-data/local-hostname', hostname],
    ['/latest/meta-data/placement/region', region],
    ['/latest/meta-data/placement/availability-zone', availabilityZone],
    ['/latest/meta-data/placement/availability-zone-id', zoneId],
    ['/latest/dynamic/instance-identity/document', JSON.stringify(identity)],
    [roles, NODE_ROLE],
    [`${roles}${NODE_ROLE}`, JSON.stringify(credentials(instanceId, now))],
  ]);
}

function credentials(instanceId: string, now: Date) {
  const { accessKeyId, secretAccessKey, sessionToken } = nodeCredentials(instanceId);
  return {
    Code: 'Success',
    Type: 'AWS-HMAC',
    LastUpdated: now.toISOString(),
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    Token: sessionToken,
    Expiration: new Date(now.getTime() + CREDENTIALS_LIVE_MS).toISOString(),
  };
}
