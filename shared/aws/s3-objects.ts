import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  paginateListObjectsV2,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import { ConflictError, UnavailableError } from '../core/errors.ts';
import { isClusterId } from '../core/event.ts';
import type { ClusterId } from '../core/model.ts';
import { aws, awsCode, httpStatus, required, toAppError } from './aws-error.ts';

interface S3Object {
  readonly body: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** Opaque, quotes included. */
  readonly etag: string;
}

type Draft = Omit<S3Object, 'etag'>;

/** Conditional reads and writes of small text objects in one bucket. */
export interface S3Objects {
  get(key: string): Promise<S3Object | undefined>;
  exists(key: string): Promise<boolean>;
  /** `etag`: of the version to replace; undefined: the key may not exist. Throws ConflictError. Answers the new ETag. */
  put(key: string, draft: Draft, etag: string | undefined): Promise<string>;
  /** Throws ConflictError when the key holds another version; that it is gone already is what was wanted. */
  delete(key: string, etag: string): Promise<void>;
  /** Every key under the prefix, with its ETag. */
  list(prefix: string): Promise<ReadonlyMap<string, string>>;
}

/** A missing bucket is 404 too, and no person's absent object. */
const isMissing = (error: unknown): boolean => httpStatus(error) === 404 && awsCode(error) !== 'NoSuchBucket';

/** 412: the condition failed; 409: another write at the same time; 404: If-Match on a key that is gone. */
const isLostRace = (error: unknown): boolean => [412, 409].includes(httpStatus(error)) || isMissing(error);

export function s3Objects(client: S3Client, Bucket: string): S3Objects {
  const get = async (Key: string): Promise<S3Object | undefined> => {
    try {
      const { Body, ETag, Metadata = {} } = await client.send(new GetObjectCommand({ Bucket, Key }));
      const body = await required(Body, `the body of ${Key}`).transformToString();
      return { body, metadata: Metadata, etag: required(ETag, `the ETag of ${Key}`) };
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw toAppError(`s3:GetObject ${Key}`, error);
    }
  };

  return {
    get,

    async exists(Key) {
      try {
        await client.send(new HeadObjectCommand({ Bucket, Key }));
        return true;
      } catch (error) {
        if (isMissing(error)) return false;
        throw toAppError(`s3:HeadObject ${Key}`, error);
      }
    },

    async put(Key, draft, etag) {
      const condition = etag === undefined ? { IfNoneMatch: '*' } : { IfMatch: etag };
      try {
        const { ETag } = await client.send(
          new PutObjectCommand({
            Bucket,
            Key,
            Body: draft.body,
            Metadata: { ...draft.metadata },
            ContentType: 'application/json',
            ...condition,
          }),
        );
        return required(ETag, `the ETag of ${Key}`);
      } catch (error) {
        if (!isLostRace(error)) throw toAppError(`s3:PutObject ${Key}`, error);
        // A PUT whose answer was lost is repeated by the SDK, and then loses against itself.
        const stored = await get(Key);
        if (stored && isSame(stored, draft)) return stored.etag;
        throw new ConflictError(`${Key} changed since it was read`, { cause: error });
      }
    },

    async delete(Key, etag) {
      try {
        await client.send(new DeleteObjectCommand({ Bucket, Key, IfMatch: etag }));
      } catch (error) {
        if (!isLostRace(error)) throw toAppError(`s3:DeleteObject ${Key}`, error);
        if (await get(Key)) throw new ConflictError(`${Key} changed since it was read`, { cause: error });
      }
    },

    async list(Prefix) {
      return await aws('s3:ListObjectsV2', async () => {
        const found = new Map<string, string>();
        for await (const page of paginateListObjectsV2({ client }, { Bucket, Prefix })) {
          // An empty page has no Contents, so its count must say that it is empty.
          const { Contents = [], KeyCount } = page;
          if (Contents.length !== KeyCount)
            throw new UnavailableError(`${Contents.length} keys of ${KeyCount} under ${Prefix}`);
          for (const { Key, ETag } of Contents)
            found.set(required(Key, 'Contents[].Key'), required(ETag, `the ETag of ${Key}`));
        }
        return found;
      });
    },
  };
}

/** The body of a record names its writer, so only our own write is the same in every byte. */
const isSame = (stored: Draft, draft: Draft): boolean =>
  stored.body === draft.body &&
  Object.entries(draft.metadata).every(([name, value]) => stored.metadata[name] === value);

/** `<prefix>j-….json` → cluster id; what else lies under the prefix is not ours. */
export function byClusterId(prefix: string, keys: ReadonlyMap<string, string>): ReadonlyMap<ClusterId, string> {
  return new Map(
    [...keys].flatMap(([key, etag]) => {
      const id = key.slice(prefix.length).replace(/\.json$/, '');
      return key.endsWith('.json') && isClusterId(id) ? [[id, etag] as const] : [];
    }),
  );
}
