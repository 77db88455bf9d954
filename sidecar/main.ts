import { setTimeout as pause } from 'node:timers/promises';
import { ConfigError } from '../shared/core/errors.ts';
import type { Log } from '../shared/ports.ts';
import { createApp, s3Client } from './app.ts';
import { lockFolder } from './lock-folder.ts';
import { HELP, type Options, readOptions } from './options.ts';
import { serve } from './serve.ts';

const STATUS_INTERVAL_MS = 60_000;
const CONTENT_INTERVAL_MS = 30_000;
/** A pass in progress may end by itself; a killed one loses nothing, for files are replaced by renaming. */
const GRACE_MS = 1000;

/** One JSON line each; the journal adds the time. */
const say = (level: string) => (message: string, fields: Readonly<Record<string, unknown>>) =>
  console.log(JSON.stringify({ level, message, ...fields }));
const log: Log = { info: say('info'), warn: say('warn'), error: say('error') };

async function every(ms: number, stop: AbortSignal, work: () => Promise<unknown>): Promise<void> {
  while (!stop.aborted) {
    await work();
    await pause(ms, undefined, { signal: stop }).catch(() => undefined);
  }
}

async function run(options: Options): Promise<number> {
  const app = await createApp(options, {
    client: s3Client(),
    log,
    monotonic: () => performance.now(),
    now: () => new Date(),
  });
  if (!options.dryRun) await lockFolder(options.directory, '--directory');
  if (options.content !== undefined) await lockFolder(options.content.directory, '--content');
  await app.folder.prepare();
  if (options.once) {
    const outcomes = [await app.sync(options.acceptVanished), (await app.content?.sync()) ?? 'same'];
    return outcomes.every((outcome) => outcome === 'same') ? 0 : 1;
  }
  return await keepUp(app, options);
}

async function keepUp(
  app: Awaited<ReturnType<typeof createApp>>,
  { listen, intervalMs, acceptVanished }: Options,
): Promise<number> {
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());
  let isAccepted = acceptVanished;
  process.on('SIGUSR2', () => (isAccepted = true));
  let isReady = false;
  const server = await serve(listen, { registry: app.metrics.registry, isReady: () => isReady, page: app.page });
  log.info('sidecar started', { address: server.address(), pid: process.pid });
  const syncs = every(intervalMs, stop.signal, async () => {
    const accepted = isAccepted;
    isAccepted = false;
    isReady = (await app.sync(accepted)) !== 'failed' || isReady;
  });
  const statuses = every(STATUS_INTERVAL_MS, stop.signal, app.readStatuses);
  const { content } = app;
  const contents = content && every(CONTENT_INTERVAL_MS, stop.signal, () => content.sync());
  await new Promise((resolve) => stop.signal.addEventListener('abort', resolve, { once: true }));
  await Promise.race([Promise.all([syncs, statuses, contents]), pause(GRACE_MS)]);
  log.info('sidecar stopped', {});
  return 0;
}

try {
  const options = readOptions(process.argv.slice(2), process.env);
  if (options.help) console.log(HELP);
  process.exit(options.help ? 0 : await run(options));
} catch (error) {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exit(error instanceof ConfigError ? 2 : 1);
}
