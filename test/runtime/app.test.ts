import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { createApp } from '../../shared/app.ts';
import { awsStub, json, s3Error } from '../aws/aws-stub.ts';
import { settings } from '../core/sample-record.ts';

const env = {
  AWS_REGION: 'us-east-1',
  BUCKET: 'bucket',
  DOORBELL_QUEUE_URL: 'http://127.0.0.1/123456789012/doorbells',
  DOCUMENT_NODE_INSTALL: 'node-install',
  DOCUMENT_NODE_UNINSTALL: 'node-uninstall',
  RETIRE: 'false',
};

/** The composition root as it ships: bundled, with settings.json beside it. */
async function bundledApp() {
  const folder = await mkdtemp(join(tmpdir(), 'app-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await build({
    entryPoints: ['shared/app.ts'],
    bundle: true,
    format: 'esm',
    platform: 'node',
    mainFields: ['module', 'main'],
    outfile: join(folder, 'index.mjs'),
    logLevel: 'error',
  });
  await writeFile(join(folder, 'settings.json'), JSON.stringify(settings));
  const bundle = (await import(pathToFileURL(join(folder, 'index.mjs')).href)) as { createApp: typeof createApp };
  return bundle.createApp(env, 'on-event');
}

test('the app of a container has settings, one writer mark, a budget that its calls spend, and clients that retry adaptively', async () => {
  const stub = await awsStub(({ request, operation }) => {
    if (request.headers['x-amz-target'] === undefined) return s3Error('NoSuchKey', 404);
    return json(operation === 'ListClusters' ? { Clusters: [] } : { InstanceInformationList: [] });
  });
  vi.stubEnv('AWS_ENDPOINT_URL', stub.client.endpoint);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  onTestFinished(() => void vi.unstubAllEnvs());
  const app = await bundledApp();
  expect(app.settings).toEqual(settings);
  expect(app.documents).toEqual({ node: { install: 'node-install', remove: 'node-uninstall' } });
  expect(new Set([app.writer, app.newOrderId(), app.newOrderId()]).size).toBe(3);
  expect(app.budget.wait(['ListClusters', 'DescribeCluster'])).toBe(0);
  const calls: unknown[] = [];
  vi.spyOn(app.meter, 'count').mockImplementation((_metric, _value, dimensions) => void calls.push(dimensions));
  await app.clusters.list(['STARTING']);
  expect(app.budget.wait(['ListClusters'])).toBeGreaterThan(0);
  expect(app.budget.wait(['DescribeCluster'])).toBe(0);
  await app.commands.online(['i-01234567']);
  await app.records.isEnded('j-1');
  expect(calls).toEqual([
    { operation: 'emr:ListClusters', outcome: 'ok' },
    { operation: 'ssm:DescribeInstanceInformation', outcome: 'ok' },
    { operation: 's3:HeadObject', outcome: 'refused' },
  ]);
  const agents = stub.asked.map(({ request }) => request.headers['user-agent']);
  // The SDK's mark of the adaptive mode among its features: m/…F….
  expect(agents.map((agent) => / m\/(?:\w,)*F\b/.test(agent ?? ''))).toEqual([true, true, true]);
});
