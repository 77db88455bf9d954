import { createHash } from 'node:crypto';
import { HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { Place } from '../place-options.ts';
import { inWords, unless } from './in-words.ts';

/** A bucket's `content/`. */
export interface ContentBucket {
  readonly name: string;
  /** Undefined: nothing is there. */
  etag(key: string): Promise<string | undefined>;
  put(key: string, body: string): Promise<void>;
  /** Only over what has that ETag (undefined: where nothing is); false: it was written meanwhile. */
  putOver(key: string, body: string, etag: string | undefined): Promise<boolean>;
}

const TYPES: Readonly<Record<string, string>> = { json: 'application/json', csv: 'text/csv' };

/** Credentials as every AWS tool finds them. */
export function contentBucket(place: Place, name: string): ContentBucket {
  const client = new S3Client({ region: place.region, followRegionRedirects: true });
  const put = (key: string, body: string, condition: { readonly IfMatch?: string; readonly IfNoneMatch?: string }) =>
    client.send(
      new PutObjectCommand({
        Bucket: name,
        Key: key,
        Body: body,
        ContentType: TYPES[key.replace(/.*\./, '')] ?? 'application/yaml',
        ChecksumSHA256: createHash('sha256').update(body).digest('base64'),
        ...condition,
      }),
    );
  return {
    name,
    etag: (key) =>
      inWords('s3:GetObject', place, async () => {
        const head = new HeadObjectCommand({ Bucket: name, Key: key });
        return (await unless([404], () => client.send(head)))?.ETag;
      }),
    put: (key, body) => inWords('s3:PutObject', place, async () => void (await put(key, body, {}))),
    putOver: (key, body, etag) =>
      inWords('s3:PutObject', place, async () => {
        const condition = etag === undefined ? { IfNoneMatch: '*' } : { IfMatch: etag };
        return (await unless([412, 409], () => put(key, body, condition))) !== undefined;
      }),
  };
}
