import type { ClusterId } from '../shared/core/model.ts';
import { countOnDisk } from './count-targets.ts';
import { createDrop, type DropOptions } from './drop-vanished.ts';
import { createFetch, type Parts, type Sight } from './fetch-changed.ts';
import type { Listed } from './plan-sync.ts';
import { attempts } from './say-once.ts';
import { clusterOf } from './target-folder.ts';

const PREFIX = 'targets/';

/**
 * same     the files on disk are what S3 says
 * refused  they are, but for some that S3 has in a form that cannot be used
 * failed   S3 or the disk did not let us
 */
type Outcome = 'same' | 'refused' | 'failed';

/** One pass; `accepted`: files that vanished from S3 may go. Never throws. */
export type Sync = (accepted: boolean) => Promise<Outcome>;

/** Looks at S3 and at the disk, takes over what changed, drops what is over. Until S3 has answered nothing is touched. */
export function createSync(parts: Parts, options: DropOptions & { readonly now: () => Date }): Sync {
  const { objects, folder, metrics, log, complaints, known } = parts;
  const fetchChanged = createFetch(parts);
  const dropVanished = createDrop(parts, options);
  const attempt = attempts(complaints, metrics.syncFailures, 'sync failed, the files stay as they are');
  let ignored = '[]';

  async function look(): Promise<Sight> {
    const listed = new Map<ClusterId, Listed>();
    const others: string[] = [];
    for (const { key, etag, size } of await objects.list(PREFIX)) {
      const id = clusterOf(key.slice(PREFIX.length));
      if (id === undefined) others.push(key);
      else listed.set(id, { etag, size });
    }
    metrics.foreign.set(others.length);
    const sample = JSON.stringify(others.slice(0, 5));
    if (others.length > 0 && sample !== ignored)
      log.warn('keys ignored, not targets/<cluster id>.json', { count: others.length, sample });
    ignored = sample;
    return { listed, onDisk: await folder.list() };
  }

  return async (accepted) => {
    const start = options.monotonic();
    const sight = await attempt('list targets', look);
    // Both have their turn: neither a full disk nor a denied ended/ stops the other.
    const [refused, dropped] =
      sight === undefined
        ? []
        : await Promise.all([
            attempt('take over targets', () => fetchChanged(sight)),
            attempt('drop vanished targets', async () => {
              await dropVanished(sight, accepted);
              return true;
            }),
          ]);
    await attempt('count files', async () => metrics.files.set(await countOnDisk(folder, known.targets)));
    const end = options.now();
    known.last.set('pass', end);
    metrics.syncs.inc();
    metrics.syncSeconds.set((options.monotonic() - start) / 1000);
    if (refused === undefined || dropped === undefined) return 'failed';
    metrics.refused.set(refused);
    metrics.lastSync.set(end.getTime() / 1000);
    known.last.set('good pass', end);
    return refused === 0 ? 'same' : 'refused';
  };
}
