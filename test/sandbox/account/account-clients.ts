import { S3Client } from '@aws-sdk/client-s3';
import { onTestFinished } from 'vitest';
import { type VirtualClock, virtualClock } from '../../../sandbox/account/clock.ts';
import { createCredentials, type Credentials, type CredentialStore } from '../../../sandbox/account/credentials.ts';
import { type Call, type Face, type Handlers, openFace } from '../../../sandbox/account/face.ts';
import { createS3, type S3 } from '../../../sandbox/account/s3.ts';
import { s3Handler } from '../../../sandbox/account/s3-wire.ts';

/** What every real SDK client of these tests is made with; no retries, so that one answer is one assertion. */
export const clientConfig = (endpoint: string, credentials: Credentials) => ({
  endpoint,
  region: 'us-east-1',
  credentials,
  maxAttempts: 1,
});

/** A face that closes with the test. */
export async function testFace(handlers: Handlers, onCall?: (call: Call) => void): Promise<Face> {
  const face = await openFace({ handlers, port: 0, ...(onCall && { onCall }) });
  onTestFinished(() => face.close());
  return face;
}

interface S3World {
  readonly s3: S3;
  readonly clock: VirtualClock;
  readonly store: CredentialStore;
  readonly credentials: Credentials;
  readonly calls: readonly Call[];
  readonly face: Face;
  readonly client: S3Client;
}

/** The bucket `monitoring` behind a face. The clock starts at the real time, for the SDK signs with that. */
export async function s3World(): Promise<S3World> {
  const clock = virtualClock(new Date());
  const s3 = createS3(clock);
  s3.createBucket('monitoring');
  const store = createCredentials(clock);
  const credentials = store.issue();
  const calls: Call[] = [];
  const face = await testFace({ targets: {}, s3: s3Handler(s3, store, clock) }, (call) => calls.push(call));
  const client = new S3Client({ ...clientConfig(face.url, credentials), forcePathStyle: true });
  return { s3, clock, store, credentials, calls, face, client };
}
