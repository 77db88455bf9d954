import type { S3Reader } from '../shared/aws/s3-reader.ts';
import { UnavailableError } from '../shared/core/errors.ts';
import type { ClusterId } from '../shared/core/model.ts';
import { parseTargets } from '../shared/core/parse-targets.ts';
import type { Log } from '../shared/ports.ts';
import type { TargetGroup } from '../shared/core/targets.ts';
import { concurrently } from '../shared/core/concurrently.ts';
import { countTargets } from './count-targets.ts';
import { failureReason, messageOf } from './failure.ts';
import type { Known } from './known.ts';
import type { Metrics } from './metrics.ts';
import { type FetchAction, type Listed, MAX_FILE_BYTES, planFetches, type Settled } from './plan-sync.ts';
import type { Complaints } from './say-once.ts';
import { FolderError, type TargetFolder } from './target-folder.ts';

/** Bodies in memory at a time: each may have MAX_FILE_BYTES. */
const READERS = 4;
/** Reads that fail in one pass before the rest waits for the next one: each costs a request and up to 30 s. */
const MAX_FAILURES = 8;

export interface Parts {
  readonly objects: S3Reader;
  readonly folder: TargetFolder;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly complaints: Complaints;
  readonly known: Known;
}

export interface Sight {
  readonly listed: ReadonlyMap<ClusterId, Listed>;
  readonly onDisk: ReadonlySet<ClusterId>;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Takes over what is new or changed in `targets/`. What it cannot take over leaves the file on disk as it is. */
export function createFetch({ objects, folder, metrics, log, complaints, known }: Parts) {
  const settled = new Map<ClusterId, Settled>();
  const failing = new Set<ClusterId>();

  function refuse(id: ClusterId, etag: string, error: string): void {
    settled.set(id, { etag, refused: true });
    known.refused.set(id, error);
    metrics.fileFailures.inc({ reason: 'unreadable' });
    log.error('target file refused, the last good one stays', { clusterId: id, etag, error });
  }

  async function takeOver(id: ClusterId): Promise<void> {
    const object = await objects.read(`targets/${id}.json`, MAX_FILE_BYTES);
    if (object === undefined) return; // Deleted since it was listed: the next pass sees that.
    let groups: readonly TargetGroup[];
    try {
      groups = parseTargets(utf8.decode(object.body));
    } catch (error) {
      refuse(id, object.etag, messageOf(error));
      return;
    }
    const isWritten = await folder.replace(id, object.body);
    settled.set(id, { etag: object.etag, refused: false });
    known.refused.delete(id);
    known.targets.set(id, countTargets(groups));
    if (!isWritten) return;
    metrics.written.inc();
    log.info('target file written', { clusterId: id, groups: groups.length, bytes: object.body.length });
  }

  async function attempt(action: FetchAction, listed: ReadonlyMap<ClusterId, Listed>): Promise<void> {
    const { id } = action;
    const etag = listed.get(id)?.etag ?? '';
    failing.delete(id);
    if (action.kind === 'refuse') {
      refuse(id, etag, action.reason);
      return;
    }
    try {
      await takeOver(id);
      complaints.works(id, 'target file can be read again');
    } catch (error) {
      if (error instanceof FolderError) throw error;
      failing.add(id);
      metrics.fileFailures.inc({ reason: failureReason(error) });
      complaints.failed(id, 'target file not read, the last good one stays', error);
    }
  }

  /** Throws when something was left undone; answers how many files are refused as they are. */
  return async ({ listed, onDisk }: Sight): Promise<number> => {
    for (const id of failing) if (!listed.has(id)) complaints.forget(id);
    for (const past of [settled, failing, known.refused])
      for (const id of past.keys()) if (!listed.has(id)) past.delete(id);
    const actions = planFetches({ listed, onDisk, settled, failing });
    let failures = 0;
    await concurrently(READERS, actions, async (action) => {
      await attempt(action, listed);
      if (failing.has(action.id)) failures += 1;
      if (failures >= MAX_FAILURES)
        throw new UnavailableError(`${failures} target files could not be read, the rest waits`);
    });
    if (failures > 0) throw new UnavailableError(`${failures} target files could not be read`);
    return [...settled.values()].filter(({ refused }) => refused).length;
  };
}
