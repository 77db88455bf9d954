import { realClock } from '../../sandbox/account/clock.ts';
import { createCredentials } from '../../sandbox/account/credentials.ts';
import { openFace } from '../../sandbox/account/face.ts';
import { s3Handler } from '../../sandbox/account/s3-wire.ts';
import { createS3 } from '../../sandbox/account/s3.ts';

export const BUCKET = 'monitoring';

/** A target file of `nodes` nodes in the shape that our functions write. */
export const targetFile = (nodes: number, version = ''): string =>
  `[\n${Array.from({ length: nodes }, (_, index) =>
    JSON.stringify({ labels: { job: 'node', instance: `i-${index}`, version }, targets: [`10.0.0.${index + 1}:9100`] }),
  ).join(',\n')}\n]\n`;

/** The simulated S3 on loopback. */
export async function openS3(host = '127.0.0.1') {
  const clock = realClock();
  const credentials = createCredentials(clock);
  const s3 = createS3(clock);
  s3.createBucket(BUCKET);
  const calls: string[] = [];
  const face = await openFace({
    handlers: { targets: {}, s3: s3Handler(s3, credentials, clock) },
    port: 0,
    host,
    onCall: ({ operation }) => void calls.push(operation),
  });
  const { accessKeyId, secretAccessKey, sessionToken } = credentials.issue();
  return {
    s3,
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
