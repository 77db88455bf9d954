import { EC2Client, DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SSMClient, ListCommandsCommand } from '@aws-sdk/client-ssm';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { Agent } from 'node:https';
import type { LookupFunction } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { realClock } from '../../../sandbox/account/clock.ts';
import { createCredentials } from '../../../sandbox/account/credentials.ts';
import { type Call, openFace } from '../../../sandbox/account/face.ts';
import { createS3 } from '../../../sandbox/account/s3.ts';
import { s3Handler } from '../../../sandbox/account/s3-wire.ts';
import { createTls } from '../../../sandbox/account/tls.ts';
import type { WireHandler } from '../../../sandbox/account/wire.ts';
import { clientConfig, testFace } from './account-clients.ts';

const credentials = createCredentials(realClock()).issue();
const says =
  (body: string): WireHandler =>
  async () => ({ status: 200, headers: {}, body });

test('requests go to the service that X-Amz-Target, a form’s Action or neither names', async () => {
  const calls: Call[] = [];
  const handlers = { targets: { AmazonSSM: says('{"Commands":[]}') }, query: says('<r/>'), s3: says('stored') };
  const face = await testFace(handlers, (call) => calls.push(call));
  const config = clientConfig(face.url, credentials);
  await new SSMClient(config).send(new ListCommandsCommand({}));
  await new EC2Client(config).send(new DescribeInstancesCommand({}));
  await new S3Client(config).send(new GetObjectCommand({ Bucket: 'b', Key: 'k' }));
  expect(calls).toEqual([
    { service: 'AmazonSSM', operation: 'ListCommands', status: 200 },
    { service: 'EC2', operation: 'DescribeInstances', status: 200 },
    { service: 'S3', operation: 'GetObject', status: 200 },
  ]);
});

test('a service that nobody serves answers NotImplemented', async () => {
  const face = await testFace({ targets: {} });
  const list = new SSMClient(clientConfig(face.url, credentials)).send(new ListCommandsCommand({}));
  await expect(list).rejects.toMatchObject({ name: 'NotImplemented', $metadata: { httpStatusCode: 501 } });
});

test('a defect of a handler is a 500 that names it', async () => {
  const broken: WireHandler = () => Promise.reject(new TypeError('undefined is not a node'));
  const face = await testFace({ targets: { AmazonSSM: broken } });
  const list = new SSMClient(clientConfig(face.url, credentials)).send(new ListCommandsCommand({}));
  await expect(list).rejects.toMatchObject({
    name: 'InternalFailure',
    message: expect.stringContaining('not a node') as string,
  });
});

test('S3 over TLS: virtual-hosted by name, presigned URLs for that name, and no trust without the authority', async () => {
  const host = 's3.us-east-1.aws.test';
  const tls = await createTls(host);
  const clock = realClock();
  const s3 = createS3(clock);
  s3.createBucket('monitoring');
  const store = createCredentials(clock);
  const face = await openFace({ handlers: { targets: {}, s3: s3Handler(s3, store, clock) }, port: 0, tls });
  onTestFinished(() => face.close());
  // The name is known inside the sandbox's network only.
  const lookup: LookupFunction = (_name, _options, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]);
  const client = (ca: string | undefined) =>
    new S3Client({
      ...clientConfig(`https://${host}:${face.port}`, store.issue()),
      requestHandler: { httpsAgent: new Agent({ lookup, ...(ca !== undefined && { ca }) }) },
    });
  const place = { Bucket: 'monitoring', Key: 'targets/j-1.json' };
  await client(tls.ca).send(new PutObjectCommand({ ...place, Body: '[]' }));
  expect(Buffer.from(s3.get(place.Bucket, place.Key).body).toString()).toBe('[]');
  const url = await getSignedUrl(client(tls.ca), new GetObjectCommand(place));
  expect(new URL(url).hostname).toBe(`monitoring.${host}`);
  await expect(client(undefined).send(new GetObjectCommand(place))).rejects.toThrow(/certificate/);
});
