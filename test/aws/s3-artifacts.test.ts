import { S3Client } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { s3Artifacts } from '../../shared/aws/s3-artifacts.ts';
import type { ExporterSettings } from '../../shared/core/settings.ts';
import { awsStub } from './aws-stub.ts';

const node: ExporterSettings = {
  name: 'node',
  version: '1.12.1',
  revision: 'r',
  roles: ['MASTER'],
  parameters: {},
  artifacts: {
    UrlAmd64: 'artifacts/node/1.12.1/node_exporter-1.12.1.linux-amd64.tar.gz',
    UrlArm64: 'artifacts/node/1.12.1/node_exporter-1.12.1.linux-arm64.tar.gz',
  },
};
const SESSION = { accessKeyId: 'ASIA', secretAccessKey: 's', sessionToken: 'FwoGZXIvYXdzEBAaDG/+=='.repeat(40) };

const hasEverything = { handle: () => Promise.resolve({ response: { statusCode: 200, headers: {} } }) };

/** A bucket that holds the files whose names end in one of `suffixes`. */
async function bucketWith(suffixes: Set<string>) {
  const isThere = (path: string) => [...suffixes].some((suffix) => path.endsWith(suffix));
  const stub = await awsStub(({ request }) => ({ status: isThere(request.path) ? 200 : 404, headers: {}, body: '' }));
  const client = new S3Client({ ...stub.client, forcePathStyle: true });
  return { ...stub, artifacts: s3Artifacts(client, 'bucket', [node]) };
}

test('nodes wait while one file is missing, and go on as soon as it is there', async () => {
  const suffixes = new Set(['amd64.tar.gz']);
  const { artifacts } = await bucketWith(suffixes);
  expect(await artifacts.urls('node')).toBeUndefined();
  suffixes.add('arm64.tar.gz');
  expect(Object.keys((await artifacts.urls('node')) ?? {})).toEqual(['UrlAmd64', 'UrlArm64']);
});

test('a file once seen is not looked for again, a URL is signed anew', async () => {
  const { artifacts, operations } = await bucketWith(new Set(['.tar.gz']));
  await artifacts.urls('node');
  await artifacts.urls('node');
  expect(operations().map((operation) => operation.split(' ')[0])).toEqual(['HEAD', 'HEAD']);
});

test('URLs are for the regional virtual host, an hour, and fit the documents’ pattern', async () => {
  const client = new S3Client({ region: 'eu-west-1', credentials: SESSION, requestHandler: hasEverything as never });
  const urls = await s3Artifacts(client, 'my-bucket', [node]).urls('node');
  expect(Object.values(urls ?? {})).toHaveLength(2);
  for (const url of Object.values(urls ?? {})) {
    expect(url).toMatch(/^https:\/\/my-bucket\.s3\.eu-west-1\.amazonaws\.com\/artifacts\/node\//);
    expect(url).toMatch(/^https:\/\/[A-Za-z0-9._~:/?&=%-]+$/);
    expect(new URL(url).searchParams.get('X-Amz-Expires')).toBe('3600');
  }
});

test('an exporter that is not in the settings is a mistake, not a missing file', async () => {
  const { artifacts } = await bucketWith(new Set());
  await expect(artifacts.urls('jmx')).rejects.toMatchObject({ name: 'ConfigError' });
});
