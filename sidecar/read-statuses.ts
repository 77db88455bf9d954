import type { ListedObject, S3Reader } from '../shared/aws/s3-reader.ts';
import type { ClusterId } from '../shared/core/model.ts';
import type { Known, ListedStatus } from './known.ts';
import type { Metrics } from './metrics.ts';
import { parseStatus } from './parse-status.ts';
import { attempts, type Complaints } from './say-once.ts';
import { clusterOf } from './target-folder.ts';

const PREFIX = 'clusters/';
/** A record is some 1 kB a node and exporter. */
const MAX_RECORD_BYTES = 8 * 1024 * 1024;

export interface StatusParts {
  readonly objects: S3Reader;
  readonly complaints: Complaints;
  /** Filled here. */
  readonly known: Pick<Known, 'statuses' | 'last'>;
  readonly now: () => Date;
}

/** Reads the records that changed. What cannot be read keeps its last status, is counted, and is read again next time. */
export function createStatusReader(
  { objects, complaints, known: { statuses, last }, now }: StatusParts,
  failures: Metrics['statusFailures'],
) {
  const attempt = attempts(complaints, failures, 'cluster status not read, the last one stays');

  async function readChanged(): Promise<void> {
    const listed = new Map<ClusterId, ListedObject>();
    for (const object of await objects.list(PREFIX)) {
      const id = clusterOf(object.key.slice(PREFIX.length));
      if (id !== undefined) listed.set(id, object);
    }
    forgetAllBut(listed);
    for (const [id, { key, etag }] of listed) {
      if (statuses.get(id)?.etag === etag) continue;
      // One at a time: nobody waits for a status, and a parsed record is many times its size.
      const status = await attempt(key, () => readOne(key));
      if (status !== undefined) statuses.set(id, status);
    }
    last.set('look', now());
  }

  function forgetAllBut(listed: ReadonlyMap<ClusterId, ListedObject>): void {
    for (const id of statuses.keys()) if (!listed.has(id)) statuses.delete(id);
    const keys = new Set([PREFIX, ...[...listed.values()].map(({ key }) => key)]);
    const ours = [...complaints.standing.keys()].filter((subject) => subject.startsWith(PREFIX));
    for (const subject of ours) if (!keys.has(subject)) complaints.forget(subject);
  }

  async function readOne(key: string): Promise<ListedStatus | undefined> {
    const object = await objects.read(key, MAX_RECORD_BYTES);
    return object && { etag: object.etag, ...parseStatus(object.body.toString()) };
  }

  return () => attempt(PREFIX, readChanged);
}
