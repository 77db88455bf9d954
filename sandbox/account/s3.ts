import { hash } from 'node:crypto';
import type { Clock } from './clock.ts';
import { createFaults, type Faults } from './faults.ts';
import { WireFault } from './wire.ts';

/** The current version of one key. */
export interface S3Object {
  readonly key: string;
  readonly body: Uint8Array;
  /** With its quotes, as S3 returns it. */
  readonly etag: string;
  readonly versionId: string;
  readonly lastModified: Date;
  /** User metadata, `x-amz-meta-` stripped. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Content-Type and the checksum headers of the upload. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface Condition {
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
}

interface Put extends Condition {
  readonly body: Uint8Array | string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

interface ListQuery {
  readonly prefix?: string;
  readonly delimiter?: string;
  /** Only what sorts after this key (or common prefix). */
  readonly after?: string;
  readonly limit?: number;
}

export interface Listing {
  readonly objects: readonly S3Object[];
  readonly prefixes: readonly string[];
  /** The last entry, when there are more. */
  readonly next?: string;
}

/** Errors are WireFaults with S3's codes. Keys of an unknown bucket answer NoSuchBucket. */
export interface S3 {
  createBucket(name: string): void;
  put(bucket: string, key: string, put: Put): S3Object;
  get(bucket: string, key: string): S3Object;
  /** `get` that answers undefined where there is none. */
  find(bucket: string, key: string): S3Object | undefined;
  /** A versioned bucket answers the id of the delete marker. */
  remove(bucket: string, key: string, condition?: Condition): string;
  list(bucket: string, query: ListQuery): Listing;
  readonly faults: Faults;
}

/** ListObjectsV2 returns up to 1,000 keys: docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
const PAGE = 1000;

interface Bucket {
  /** `undefined` under a key is a delete marker. */
  readonly objects: Map<string, S3Object | undefined>;
  /** All keys ever used, in order; undefined since one more was used. */
  sorted: readonly string[] | undefined;
}

/**
 * Versioned buckets. Only current versions can be read: older ones are never asked for by key here, and a long run
 * must not keep their bodies.
 */
export function createS3(clock: Clock, faults: Faults = createFaults()): S3 {
  const buckets = new Map<string, Bucket>();
  let version = 0;
  const nextVersion = (): string => `v${String((version += 1)).padStart(8, '0')}`;
  const bucketOf = (name: string): Bucket => {
    const found = buckets.get(name);
    if (found === undefined) throw new WireFault('NoSuchBucket', 'The specified bucket does not exist', 404);
    return found;
  };
  const find = (bucket: string, key: string): S3Object | undefined => bucketOf(bucket).objects.get(key);
  function enter(bucket: Bucket, key: string, object: S3Object | undefined): void {
    if (!bucket.objects.has(key)) bucket.sorted = undefined;
    bucket.objects.set(key, object);
  }
  return {
    faults,
    createBucket(name) {
      if (!buckets.has(name)) buckets.set(name, { objects: new Map(), sorted: undefined });
    },
    put(bucket, key, { body, metadata = {}, headers = {}, ...condition }) {
      checkWrite(find(bucket, key), condition);
      const bytes = typeof body === 'string' ? Buffer.from(body) : body;
      const object: S3Object = {
        key,
        body: bytes,
        // The MD5 of the body for objects put in one piece with SSE-S3: docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
        etag: `"${hash('md5', bytes)}"`,
        versionId: nextVersion(),
        lastModified: clock.now(),
        metadata,
        headers,
      };
      enter(bucketOf(bucket), key, object);
      return object;
    },
    get(bucket, key) {
      const object = find(bucket, key);
      if (object === undefined) throw noSuchKey();
      return object;
    },
    find,
    remove(bucket, key, condition = {}) {
      checkRemove(find(bucket, key), condition.ifMatch);
      enter(bucketOf(bucket), key, undefined);
      return nextVersion();
    },
    list(bucket, query) {
      const all = bucketOf(bucket);
      all.sorted ??= [...all.objects.keys()].sort(compareKeys);
      const wanted = all.sorted.filter((key) => key.startsWith(query.prefix ?? ''));
      return page(
        wanted.flatMap((key) => all.objects.get(key) ?? []),
        query,
      );
    },
  };
}

const noSuchKey = (): WireFault => new WireFault('NoSuchKey', 'The specified key does not exist.', 404);
const preconditionFailed = (): WireFault =>
  new WireFault('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412);

/**
 *   header             key absent or delete marker   key there
 *   If-None-Match: *   written                       412
 *   If-Match: etag     404                           written if it matches, else 412
 * docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
function checkWrite(current: S3Object | undefined, { ifMatch, ifNoneMatch }: Condition): void {
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*') {
    throw new WireFault('NotImplemented', 'A write accepts If-None-Match with the value * only.', 501);
  }
  if (ifNoneMatch === '*' && current !== undefined) throw preconditionFailed();
  if (ifMatch === undefined) return;
  if (current === undefined) throw noSuchKey();
  if (!sameEtag(ifMatch, current)) throw preconditionFailed();
}

/** As for writes, and `If-Match: *` on a missing key is 412: docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html */
function checkRemove(current: S3Object | undefined, ifMatch: string | undefined): void {
  if (ifMatch === undefined) return;
  if (current === undefined) throw ifMatch === '*' ? preconditionFailed() : noSuchKey();
  if (ifMatch !== '*' && !sameEtag(ifMatch, current)) throw preconditionFailed();
}

/** The guides' examples send the ETag with and without its quotes. */
export const sameEtag = (header: string, { etag }: S3Object): boolean => header === etag || `"${header}"` === etag;

/** UTF-8 byte order, which is JavaScript's order of strings as long as no key has surrogates. */
const compareKeys = (a: string, b: string): number => {
  if (/[\uD800-\uDFFF]/.test(a + b)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : Number(a > b);
};

function page(sorted: readonly S3Object[], { prefix = '', delimiter, after, limit = PAGE }: ListQuery): Listing {
  const objects: S3Object[] = [];
  const prefixes: string[] = [];
  let last: string | undefined;
  for (const object of sorted) {
    const group = groupOf(object.key, prefix, delimiter);
    const entry = group ?? object.key;
    if (entry === last || (after !== undefined && compareKeys(entry, after) <= 0)) continue;
    if (objects.length + prefixes.length === Math.min(limit, PAGE)) {
      return { objects, prefixes, ...(last !== undefined && { next: last }) };
    }
    if (group === undefined) objects.push(object);
    else prefixes.push(group);
    last = entry;
  }
  return { objects, prefixes };
}

function groupOf(key: string, prefix: string, delimiter: string | undefined): string | undefined {
  const cut = delimiter === undefined ? -1 : key.indexOf(delimiter, prefix.length);
  return cut === -1 ? undefined : key.slice(0, cut + (delimiter?.length ?? 0));
}
