import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { realClock } from '../../sandbox/account/clock.ts';
import { createCredentials } from '../../sandbox/account/credentials.ts';
import { openFace } from '../../sandbox/account/face.ts';
import { s3Handler } from '../../sandbox/account/s3-wire.ts';
import { createS3 } from '../../sandbox/account/s3.ts';
import type { Log } from '../../shared/ports.ts';
import { createApp, s3Client } from '../../sidecar/app.ts';
import { readOptions } from '../../sidecar/options.ts';

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

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sidecar-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Polls until there is an answer; with a deadline, so that a test cannot hang. */
export async function until<T>(look: () => T | undefined | Promise<T | undefined>, seconds = 4): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`waited ${seconds} s in vain`);
    await new Promise((resolve) => void setTimeout(resolve, 20));
  }
}

/** A sidecar in this process, on a real disk, before the simulated S3; its clock is the test's. */
export async function sidecarWorld(...flags: readonly string[]) {
  const account = await openS3();
  onTestFinished(() => account.face.close());
  const lines: { level: string; message: string; fields: Readonly<Record<string, unknown>> }[] = [];
  const to = (level: string) => (message: string, fields: Readonly<Record<string, unknown>>) =>
    void lines.push({ level, message, fields });
  const log: Log = { info: to('info'), warn: to('warn'), error: to('error') };
  let uptime = 0;
  const options = readOptions(['--bucket', BUCKET, '--directory', await temporaryFolder(), ...flags], {});
  const home = options.directory;
  const start = async () => {
    const client = s3Client({ endpoint: account.face.url, region: 'us-east-1', credentials: account.credentials });
    const app = await createApp(options, { client, log, monotonic: () => uptime, now: () => new Date() });
    await app.folder.prepare();
    return app;
  };
  let app = await start();
  return {
    ...account,
    home,
    lines,
    sync: (accepted = false) => app.sync(accepted),
    readStatuses: () => app.readStatuses(),
    /** As if the process had been killed and started again. */
    restart: async () => void (app = await start()),
    pass: (ms: number) => void (uptime += ms),
    /** Names and contents in the folder that Prometheus watches. */
    files: async () => {
      const names = await readdir(join(home, 'targets'));
      const texts = await Promise.all(names.map((name) => readFile(join(home, 'targets', name), 'utf8')));
      return Object.fromEntries(names.map((name, index) => [name, texts[index]]));
    },
    /** `name{labels} value` lines of our metrics that begin with `prefix`. */
    metrics: async (prefix: string) =>
      (await app.metrics.registry.metrics()).split('\n').filter((line) => line.startsWith(prefix)),
  };
}
