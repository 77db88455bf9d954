import { realClock } from '../../sandbox/account/clock.ts';
import { createCredentials } from '../../sandbox/account/credentials.ts';
import { createGate } from '../../sandbox/account/gate.ts';
import { EC2_MAY_ASSUME } from '../../sandbox/account/node-role.ts';
import { sessionOf } from '../../sandbox/account/principals.ts';
import { openFace } from '../../sandbox/account/face.ts';
import { s3Handler } from '../../sandbox/account/s3-wire.ts';
import { createS3 } from '../../sandbox/account/s3.ts';
import { deployedRoles } from '../fakes/deployed-roles.ts';

export const BUCKET = 'monitoring';

/** A target file of `nodes` nodes in the shape that our functions write. */
export const targetFile = (nodes: number, version = ''): string =>
  `[\n${Array.from({ length: nodes }, (_, index) =>
    JSON.stringify({ labels: { job: 'node', instance: `i-${index}`, version }, targets: [`10.0.0.${index + 1}:9100`] }),
  ).join(',\n')}\n]\n`;

/** The simulated S3 on loopback, for a sidecar that may do what SidecarPolicy allows. */
export async function openS3(host = '127.0.0.1') {
  const clock = realClock();
  const credentials = createCredentials(clock);
  const s3 = createS3(clock);
  s3.createBucket(BUCKET);
  const calls: string[] = [];
  const place = { accountId: '123456789012', region: 'us-east-1' };
  const permissions = deployedRoles({ ...place, bucket: BUCKET });
  const role = 'arn:aws:iam::123456789012:role/PrometheusHost';
  permissions.putRole(role, { trust: EC2_MAY_ASSUME, managed: ['arn:aws:iam::123456789012:policy/SidecarPolicy'] });
  const hasObject = (bucket: string, key: string) => !s3.hasBucket(bucket) || s3.find(bucket, key) !== undefined;
  const survey = { ...place, tagsOf: () => ({}), hasObject };
  const gate = createGate({ permissions, credentials, clock, place: survey });
  const face = await openFace({
    handlers: { gate, targets: {}, s3: s3Handler(s3, credentials, clock) },
    port: 0,
    host,
    onCall: ({ operation }) => void calls.push(operation),
  });
  const { accessKeyId, secretAccessKey, sessionToken } = credentials.issue(sessionOf(role, 'sidecar'));
  return {
    s3,
    permissions,
    role,
    face,
    calls,
    credentials: { accessKeyId, secretAccessKey, sessionToken },
    /** What a process needs to find it. */
    env: {
      PATH: process.env['PATH'] ?? '',
      AWS_ENDPOINT_URL_S3: face.url,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
      PROMETHEUS_ON_EMR_BUCKET: BUCKET,
    },
    put: (key: string, body: string | Uint8Array) => s3.put(BUCKET, key, { body }),
    remove: (key: string) => s3.remove(BUCKET, key),
  };
}
