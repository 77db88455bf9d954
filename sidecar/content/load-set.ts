import type { Log } from '../../shared/ports.ts';
import { ContentError } from './content-error.ts';
import type { ContentFolder, ContentSet } from './content-folder.ts';
import type { ContentMetrics } from './content-metrics.ts';
import type { Prometheus } from './prometheus.ts';

interface LoaderParts {
  readonly folder: ContentFolder;
  readonly prometheus: Prometheus;
  readonly metrics: ContentMetrics;
  readonly log: Log;
}

/** Has Prometheus take over a set, or goes back to the one before. */
export function createLoader({ folder, prometheus, metrics, log }: LoaderParts) {
  /** It may have read another set than the last good one. */
  let isUnsure = false;

  async function reload(): Promise<void> {
    try {
      await prometheus.reload();
      metrics.loads.inc({ result: 'loaded' });
    } catch (error) {
      metrics.loads.inc({ result: isRefusal(error) ? 'refused' : 'failed' });
      throw error;
    }
  }

  async function reloadGood(): Promise<void> {
    await reload().catch(asBroken);
    isUnsure = false;
  }

  return {
    isUnsure: (): boolean => isUnsure,
    doubt: (): void => void (isUnsure = true),
    /** Throws until Prometheus has read the last good set, if it may have read another. */
    async settle(): Promise<void> {
      if (!isUnsure) return;
      await prometheus.ready();
      await reloadGood();
    },
    async load(set: ContentSet, before: ContentSet): Promise<void> {
      isUnsure = true;
      await folder.use(set);
      try {
        await reload();
      } catch (error) {
        await folder.use(before);
        if (!isRefusal(error)) throw error;
        await reloadGood();
        log.warn('Prometheus refused new content, the last good one is loaded again', { set: before.hash ?? 'none' });
        throw error;
      }
      await folder.confirm(set);
      isUnsure = false;
    },
  };
}

const isRefusal = (error: unknown): error is ContentError => error instanceof ContentError && !error.retryable;

/** It is not the new set that Prometheus minds: a later look finds its configuration mended. */
function asBroken(cause: unknown): never {
  if (!isRefusal(cause)) throw cause;
  const words =
    'Prometheus refuses its configuration with the last good content, too (promtool check config says more)';
  throw new ContentError('prometheus', `${words}: ${cause.message}`, { cause, retryable: true });
}
