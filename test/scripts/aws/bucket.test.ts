import { expect, onTestFinished, test, vi } from 'vitest';
import { bucketProblems } from '../../../scripts/aws/bucket.ts';
import { awsStub } from '../../aws/aws-stub.ts';

/** What is told of a bucket that S3 refuses so, and how often S3 was asked. */
async function refused(status: number, headers: Readonly<Record<string, string>>) {
  const { client, asked } = await awsStub(() => ({ status, headers, body: '' }));
  const { accessKeyId, secretAccessKey } = client.credentials;
  const env = {
    AWS_ENDPOINT_URL: client.endpoint,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  };
  for (const [variable, value] of Object.entries(env)) vi.stubEnv(variable, value);
  onTestFinished(() => void vi.unstubAllEnvs());
  const place = { stage: 'dev', region: 'us-east-1' };
  const told = await bucketProblems(place, { bucket: 'bucket', accountId: '123456789012' }).catch(
    (error: unknown) => error,
  );
  return { told, asked: asked.length };
}

test.each([
  ['301, as for a Region of every account', 301],
  ['400, as for one to opt in to', 400],
])('a bucket of another Region (%s) is told with it, and not asked for there', async (_name, status) => {
  const words = 'the bucket is in eu-south-1, not in us-east-1: name its --region, or another bucket';
  expect(await refused(status, { 'x-amz-bucket-region': 'eu-south-1' })).toEqual({ told: [words], asked: 1 });
});

test.each([
  ['where it is not said', {}],
  ['of this Region', { 'x-amz-bucket-region': 'us-east-1' }],
])('a 400 of a bucket %s is no word on Regions', async (_name, headers) => {
  const { told } = await refused(400, headers);
  expect(told).toMatchObject({ name: 'ConfigError', message: expect.stringMatching(/^s3:ListBucket: /) as string });
});

test.each([
  [404, 'there is no such bucket: '],
  [403, 'it is not of account 123456789012, '],
])('a %i is told as what it means', async (status, words) => {
  const { told } = await refused(status, { 'x-amz-bucket-region': 'us-east-1' });
  expect(told).toEqual([expect.stringContaining(words)]);
});
