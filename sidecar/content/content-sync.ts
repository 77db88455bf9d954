import type { S3Reader } from '../../shared/aws/s3-reader.ts';
import type { ContentManifest } from '../../shared/core/content.ts';
import type { Price } from '../../shared/core/prices.ts';
import type { Log } from '../../shared/ports.ts';
import { failureReason, messageOf } from '../failure.ts';
import type { Complaints } from '../say-once.ts';
import type { CheckRules } from './check-rules.ts';
import { checkSet, readPrices } from './check-set.ts';
import { ContentError } from './content-error.ts';
import { type ContentFolder, type ContentSet, hashOf } from './content-folder.ts';
import type { ContentMetrics } from './content-metrics.ts';
import { fetchFile, MANIFEST_KEY, manifestOf, readManifest } from './fetch-file.ts';
import { createLoader } from './load-set.ts';
import type { Prometheus } from './prometheus.ts';
import { createPutOff } from './put-off.ts';

export interface ContentParts {
  readonly objects: Pick<S3Reader, 'read'>;
  readonly folder: ContentFolder;
  readonly checkRules: CheckRules;
  readonly prometheus: Prometheus;
  readonly metrics: ContentMetrics;
  readonly log: Log;
  readonly complaints: Pick<Complaints, 'failed' | 'works'>;
  readonly now: () => Date;
}

/** What the page shows. */
export interface ContentView {
  /** Of the set in use; undefined when there is none. */
  readonly hash: string | undefined;
  readonly files: readonly string[];
  readonly lastSuccess: Date | undefined;
  /** Why what is published is not in use. */
  readonly problem: string | undefined;
}

export interface Content {
  view(): ContentView;
  /** One look; never throws. */
  sync(): Promise<'same' | 'failed'>;
}

/**
 * manifest                Prometheus       → in use
 * none, never one         –                nothing
 * gone                    –                the set before
 * as loaded               –                that one, nothing is done
 * new, not a manifest     –                the set before, until another is published
 * new, a file is bad      –                the set before, until another is published
 * new, a file is missing  –                the set before; tried again, ever less often
 * new, promtool is late   –                the set before; tried again, ever less often
 * new                     down, not ready  the set before; looked at again
 * new                     takes it         the new one
 * new                     refuses          the set before, loaded again, until another is published
 * new                     refuses both     the set before; looked at again: its own configuration is broken
 */
export function createContentSync(parts: ContentParts): Content {
  const { objects, folder, prometheus, metrics, log, complaints, now } = parts;
  const loader = createLoader(parts);
  const attempt = createPutOff(() => metrics.putOff.inc());
  let loaded: ContentSet | undefined;
  let settled: { readonly etag: string; readonly refusal?: ContentError } | undefined;
  let view: ContentView = { hash: undefined, files: [], lastSuccess: undefined, problem: undefined };

  async function start(): Promise<ContentSet> {
    const { set, unsure } = await folder.prepare();
    if (unsure) loader.doubt();
    // Prices that an older version of us took and this one does not: the next look says so.
    const prices = await readPrices(set).catch(() => undefined);
    return inUse(prices === undefined ? { ...set, hash: undefined } : set, prices ?? []);
  }

  function inUse(set: ContentSet, prices: readonly Price[]): ContentSet {
    loaded = set;
    metrics.inUse(set, prices);
    view = { ...view, hash: set.hash, files: set.files.map(({ path }) => path) };
    return set;
  }

  async function look(before: ContentSet): Promise<void> {
    const object = await readManifest(objects);
    await loader.settle();
    if (object === undefined) {
      if (before.files.length === 0) return;
      throw new ContentError('manifest', `${MANIFEST_KEY} is gone: npm run content -- publish`, { retryable: true });
    }
    if (settled?.etag === object.etag) {
      if (settled.refusal !== undefined) throw settled.refusal;
      return;
    }
    settled = undefined;
    try {
      await takeOver(object, before);
      settled = { etag: object.etag };
    } catch (error) {
      if (error instanceof ContentError && !error.retryable) settled = { etag: object.etag, refusal: error };
      throw error;
    }
  }

  async function takeOver({ body, etag }: { readonly body: Buffer; readonly etag: string }, before: ContentSet) {
    const manifest = manifestOf(body);
    if (hashOf(manifest) === before.hash) return;
    await prometheus.ready();
    await attempt(etag, () => fetchAndLoad(manifest, before));
  }

  async function fetchAndLoad(manifest: ContentManifest, before: ContentSet): Promise<void> {
    const draft = await folder.begin(manifest, before);
    for (const file of draft.missing) await draft.add(file.path, await fetchFile(objects, file));
    const prices = await checkSet(draft.set, parts.checkRules);
    await loader.load(draft.set, before);
    inUse(draft.set, prices);
    log.info('content loaded', { set: hashOf(manifest), files: manifest.files.length, fetched: draft.missing.length });
  }

  function failed(error: unknown): void {
    metrics.refused.set(settled?.refusal === error ? 1 : 0);
    metrics.failures.inc({ reason: failureReason(error) });
    view = { ...view, problem: messageOf(error) };
    complaints.failed(MANIFEST_KEY, 'published content not in use, the last good one stays', error);
  }

  metrics.lastSuccess.set(now().getTime() / 1000);
  return {
    view: () => view,
    async sync() {
      try {
        await look(loaded ?? (await start()));
        await folder.prune();
      } catch (error) {
        failed(error);
        await folder.prune().catch(() => undefined); // The next look says it where it matters.
        return 'failed';
      }
      metrics.refused.set(0);
      metrics.lastSuccess.set(now().getTime() / 1000);
      view = { ...view, lastSuccess: now(), problem: undefined };
      complaints.works(MANIFEST_KEY, 'content is in use as it is published again');
      return 'same';
    },
  };
}
