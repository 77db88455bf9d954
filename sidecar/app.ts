import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { s3Reader } from '../shared/aws/s3-reader.ts';
import { ConfigError } from '../shared/core/errors.ts';
import type { Log } from '../shared/ports.ts';
import { promtoolRules } from './content/check-rules.ts';
import { contentFolder } from './content/content-folder.ts';
import { createContentMetrics } from './content/content-metrics.ts';
import { createContentSync } from './content/content-sync.ts';
import { prometheusAt } from './content/prometheus.ts';
import { nothingKnown } from './known.ts';
import { createMetrics } from './metrics.ts';
import type { Options } from './options.ts';
import { type Page, pageOf } from './page/pages.ts';
import { createStatusReader } from './read-statuses.ts';
import { sayOnce } from './say-once.ts';
import { createSync } from './sync.ts';
import { observeOnly, targetFolder } from './target-folder.ts';

export interface Surroundings {
  readonly client: S3Client;
  readonly log: Log;
  /** Milliseconds that only go forward. */
  readonly monotonic: () => number;
  readonly now: () => Date;
}

/** Region, credentials and endpoint come from the environment, as with every AWS client. */
export const s3Client = (place: S3ClientConfig = {}): S3Client =>
  new S3Client({
    maxAttempts: 2, // The next pass is the real retry.
    responseChecksumValidation: 'WHEN_REQUIRED', // Its stream wrapper cannot be cut short; TLS and Content-Length guard the body.
    requestHandler: { connectionTimeout: 3000, requestTimeout: 10_000, throwOnRequestTimeout: true },
    ...place,
  });

/** The sidecar's composition root. */
export async function createApp(options: Options, surroundings: Surroundings) {
  const { bucket, directory, holdMs, dryRun, intervalMs } = options;
  const { client, log, monotonic, now } = surroundings;
  await client.config.region().catch((cause: unknown) => {
    throw new ConfigError('AWS_REGION: the region of the bucket expected', { cause });
  });
  const known = nothingKnown();
  const metrics = createMetrics(known);
  const complaints = sayOnce(log, now);
  const objects = s3Reader(client, bucket);
  const files = targetFolder(directory);
  const folder = dryRun ? observeOnly(files, (action, clusterId) => log.info('dry run', { action, clusterId })) : files;
  const content =
    options.content &&
    createContentSync({
      objects,
      folder: contentFolder(options.content.directory),
      checkRules: promtoolRules(options.content.promtool, options.content.path),
      prometheus: prometheusAt(options.content.prometheus),
      metrics: createContentMetrics(metrics.registry),
      log,
      complaints,
      now,
    });
  const settled = { bucket, holdMs, intervalMs, known, complaints: complaints.standing };
  return {
    content,
    metrics,
    folder,
    page: (path: string): Page =>
      pageOf(path, { ...settled, now: now(), uptime: monotonic(), content: content?.view() }),
    sync: createSync({ objects, folder, metrics, log, complaints, known }, { holdMs, monotonic, now }),
    readStatuses: createStatusReader({ objects, complaints, known, now }, metrics.statusFailures),
  };
}
