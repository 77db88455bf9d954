import { GetObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import type { Readable } from 'node:stream';
import { UnavailableError, UnreadableError } from '../core/errors.ts';
import { aws, awsCode, required } from './aws-error.ts';

/** One listing, or one object: what is slower is as good as down. */
const WHOLE_ANSWER_MS = 30_000;

export interface ListedObject {
  readonly key: string;
  readonly etag: string;
  readonly size: number;
}

/** Bounded reads for a long-running mirror of one bucket: in memory by size, in time as a whole. */
export interface S3Reader {
  /** All objects below a prefix, or it throws. */
  list(prefix: string): Promise<readonly ListedObject[]>;
  /** Undefined when there is no such key; UnreadableError when its body is longer than `limit` bytes. */
  read(key: string, limit: number): Promise<{ readonly etag: string; readonly body: Buffer } | undefined>;
}

export const s3Reader = (client: S3Client, Bucket: string, answerMs = WHOLE_ANSWER_MS): S3Reader => ({
  list: (Prefix) =>
    inTime(answerMs, `s3:ListObjectsV2 ${Bucket}/${Prefix}`, async (abortSignal) => {
      const objects: ListedObject[] = [];
      for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket, Prefix }, { abortSignal }))
        for (const { Key, ETag, Size } of Contents)
          objects.push({ key: required(Key, 'a key'), etag: required(ETag, `the ETag of ${Key}`), size: Size ?? 0 });
      return objects;
    }),

  read: (Key, limit) =>
    inTime(answerMs, `s3:GetObject ${Bucket}/${Key}`, async (abortSignal) => {
      try {
        const { Body, ETag } = await client.send(new GetObjectCommand({ Bucket, Key }), { abortSignal });
        const body = await collect(required(Body, `the body of ${Key}`) as Readable, limit);
        return { etag: required(ETag, `the ETag of ${Key}`), body };
      } catch (error) {
        if (awsCode(error) === 'NoSuchKey') return undefined;
        throw error;
      }
    }),
});

/** Stops at `limit`, whatever Content-Length promises. */
async function collect(body: Readable, limit: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > limit) throw new UnreadableError(`longer than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** One deadline for the whole answer: the SDK's own time-outs end where the body begins. */
async function inTime<T>(ms: number, operation: string, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const deadline = new AbortController();
  const late = new UnavailableError(`${operation}: no whole answer within ${ms / 1000} s`);
  const timer = setTimeout(() => deadline.abort(late), ms);
  try {
    return await aws(operation, () => call(deadline.signal));
  } catch (error) {
    throw deadline.signal.aborted ? late : error;
  } finally {
    clearTimeout(timer);
  }
}
