import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Log } from '../../shared/ports.ts';
import { createApp, s3Client } from '../../sidecar/app.ts';
import { readOptions } from '../../sidecar/options.ts';
import { required } from '../../shared/aws/aws-error.ts';
import { BUCKET, openS3 } from './sidecar-account.ts';

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sidecar-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Polls until there is an answer; with a deadline, so that a test cannot hang. */
export async function until<T>(look: () => T | undefined | Promise<T | undefined>, seconds = 60): Promise<T> {
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
    page: (path = '/') => app.page(path).body,
    content: () => required(app.content, 'content: --content was not given'),
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
