import { hash } from 'node:crypto';
import type { Clock } from './clock.ts';
import { createFaults, type Faults } from './faults.ts';
import { checkRemove, checkWrite, type Condition, noSuchKey } from './s3-conditions.ts';
import { compareKeys, type Listing, type ListQuery, page } from './s3-list.ts';
import { addOld, marker, type S3Object, type Version, type Versions, versionsOf, withoutBody } from './s3-versions.ts';
import { notImplemented, WireFault } from './wire.ts';

interface Put extends Condition {
  readonly body: Uint8Array | string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** As a template or a person has set up a bucket. */
interface BucketSettings {
  readonly versioned: boolean;
  /** SSEAlgorithm. */
  readonly encryption: string;
  /** All four of PublicAccessBlock, or none. */
  readonly isPrivate: boolean;
  /** Of another region, or another account's; undefined: this one. */
  readonly region?: string;
  readonly owner?: string;
  /** Those that AWS gives itself (aws:…) among them. */
  readonly tags?: Readonly<Record<string, string>>;
}

/** Errors are WireFaults with S3's codes. Keys of an unknown bucket answer NoSuchBucket. */
export interface S3 {
  /** Of a bucket that is there, it changes the settings. By default it is private, versioned and encrypted. */
  createBucket(name: string, settings?: Partial<BucketSettings>): void;
  /** Refused while an object, a version or a marker is left. */
  deleteBucket(name: string): void;
  settings(bucket: string): BucketSettings;
  hasBucket(name: string): boolean;
  put(bucket: string, key: string, put: Put): S3Object;
  get(bucket: string, key: string): S3Object;
  /** `get` that answers undefined where there is none. */
  find(bucket: string, key: string): S3Object | undefined;
  /** A versioned bucket answers the id of the delete marker. */
  remove(bucket: string, key: string, condition?: Condition): string;
  list(bucket: string, query: ListQuery): Listing;
  /** By key, then newest first. */
  versions(bucket: string, prefix: string): readonly Version[];
  removeVersion(bucket: string, key: string, versionId: string): void;
  readonly faults: Faults;
}

interface Bucket {
  settings: BucketSettings;
  /** `undefined` under a key is a delete marker. */
  readonly objects: Map<string, S3Object | undefined>;
  readonly old: Versions;
  /** All keys ever used, in order; undefined since one more was used. */
  sorted: readonly string[] | undefined;
}

/** Only current versions can be read: older ones are never asked for by key here, and a long run must not keep their bodies. */
export function createS3(clock: Clock, faults: Faults = createFaults()): S3 {
  const buckets = new Map<string, Bucket>();
  let drawn = 0;
  const nextVersion = (): string => `v${String((drawn += 1)).padStart(8, '0')}`;
  const bucketOf = (name: string): Bucket => {
    const found = buckets.get(name);
    if (found === undefined) throw new WireFault('NoSuchBucket', 'The specified bucket does not exist', 404);
    return found;
  };
  function find(bucket: string, key: string): S3Object | undefined {
    const { objects, old } = bucketOf(bucket);
    const object = objects.get(key);
    if (object === undefined && old.get(key)?.at(-1)?.isMarker === false)
      throw notImplemented('the body of an old version');
    return object;
  }
  function enter(bucket: Bucket, key: string, object: S3Object | undefined): void {
    if (!bucket.objects.has(key)) bucket.sorted = undefined;
    const before = bucket.objects.get(key);
    if (before !== undefined && bucket.settings.versioned) addOld(bucket.old, withoutBody(before));
    bucket.objects.set(key, object);
  }
  function forget(bucket: Bucket, key: string): void {
    bucket.objects.delete(key);
    bucket.old.delete(key);
    bucket.sorted = undefined;
  }
  return {
    faults,
    createBucket(name, given = {}) {
      const settings = { versioned: true, encryption: 'AES256', isPrivate: true, ...given };
      const bucket = buckets.get(name);
      if (bucket !== undefined) bucket.settings = settings;
      else buckets.set(name, { settings, objects: new Map(), old: new Map(), sorted: undefined });
    },
    deleteBucket(name) {
      if (bucketOf(name).objects.size > 0) {
        throw new WireFault('BucketNotEmpty', 'The bucket you tried to delete is not empty', 409);
      }
      buckets.delete(name);
    },
    settings: (bucket) => bucketOf(bucket).settings,
    hasBucket: (name) => buckets.has(name),
    put(bucket, key, { body, metadata = {}, headers = {}, ...condition }) {
      checkWrite(find(bucket, key), condition);
      const bytes = typeof body === 'string' ? Buffer.from(body) : body;
      const object: S3Object = {
        key,
        body: bytes,
        // The MD5 of the body for objects put in one piece with SSE-S3: docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
        etag: `"${hash('md5', bytes)}"`,
        versionId: bucketOf(bucket).settings.versioned ? nextVersion() : 'null',
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
    remove(name, key, condition = {}) {
      checkRemove(find(name, key), condition.ifMatch);
      const bucket = bucketOf(name);
      if (!bucket.settings.versioned) {
        forget(bucket, key);
        return 'null';
      }
      enter(bucket, key, undefined);
      const id = nextVersion();
      addOld(bucket.old, marker(key, id, clock.now()));
      return id;
    },
    versions(bucket, prefix) {
      const { objects, old } = bucketOf(bucket);
      const keys = [...objects.keys()].filter((key) => key.startsWith(prefix)).sort(compareKeys);
      return keys.flatMap((key) => versionsOf(objects.get(key), old.get(key) ?? []));
    },
    removeVersion(name, key, versionId) {
      const bucket = bucketOf(name);
      const { objects, old } = bucket;
      if (objects.get(key)?.versionId === versionId) objects.set(key, undefined);
      old.set(
        key,
        (old.get(key) ?? []).filter((version) => version.versionId !== versionId),
      );
      if (objects.get(key) === undefined && old.get(key)?.length === 0) forget(bucket, key);
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
