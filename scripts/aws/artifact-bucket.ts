import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import {
  GetObjectCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { ConfigError } from '../../shared/core/errors.ts';
import type { Place } from '../place-options.ts';
import { inWords, unless } from './in-words.ts';

/** What lies under a key. */
export interface Stored {
  readonly size: number;
  readonly etag: string;
  /** Hexadecimal, where S3 has verified it: of an object that was uploaded with it, in one piece. */
  readonly sha256?: string;
}

interface Upload {
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
  readonly onProgress: (done: number) => void;
  /** Only over this one; without it, only where nothing is. */
  readonly over?: Stored | undefined;
}

/** The bucket's `artifacts/`. */
export interface ArtifactBucket {
  readonly name: string;
  /** Throws where the bucket cannot be used at all: HEAD cannot tell a missing bucket from a missing key. */
  check(): Promise<void>;
  head(key: string): Promise<Stored | undefined>;
  /** SHA-256 of what lies there. */
  read(key: string): Promise<string>;
  /** False: the condition did not hold, somebody else was quicker. */
  put(key: string, upload: Upload): Promise<boolean>;
}

const ignore = (): void => undefined;
/** The SDK warns that it does not send a stream again: we do. */
const QUIET = { debug: ignore, info: ignore, warn: ignore, error: ignore };

/**
 * Credentials as every AWS tool finds them. A bucket in another Region is refused: nodes get files from their own only, and
 * who followed the redirect would send again a body that is used up.
 */
export function artifactBucket(place: Place, name: string): ArtifactBucket {
  const client = new S3Client({ region: place.region, logger: QUIET });
  const of = (Key: string) => ({ Bucket: name, Key });
  return {
    name,
    async check() {
      const list = new ListObjectsV2Command({ Bucket: name, Prefix: 'artifacts/', MaxKeys: 1 });
      await inWords('s3:ListBucket', place, () => client.send(list));
    },
    async head(key) {
      const head = new HeadObjectCommand({ ...of(key), ChecksumMode: 'ENABLED' });
      const found = await inWords('s3:GetObject', place, () => unless([404], () => client.send(head)));
      return found && toStored(found);
    },
    async read(key) {
      return await inWords('s3:GetObject', place, async () => {
        const { Body } = await client.send(new GetObjectCommand(of(key)));
        const hash = createHash('sha256');
        if (Body instanceof Readable) for await (const chunk of Body) hash.update(chunk as Buffer);
        return hash.digest('hex');
      });
    },
    async put(key, { path, size, sha256, onProgress, over }) {
      let done = 0;
      const body = Readable.from(
        chunksOf(path, (length) => onProgress((done += length))),
        { objectMode: false },
      );
      const request = new AbortController();
      let unreadable: Error | undefined;
      // Of a body that fails the SDK hears nothing.
      body.once('error', (error) => {
        unreadable = error;
        request.abort();
      });
      const put = new PutObjectCommand({
        ...of(key),
        Body: body,
        ContentLength: size,
        // S3 refuses (BadDigest) bytes that are not these: AmazonS3/latest/userguide/checking-object-integrity-upload.html
        ChecksumSHA256: Buffer.from(sha256, 'hex').toString('base64'),
        ...(over === undefined ? { IfNoneMatch: '*' } : { IfMatch: over.etag }),
      });
      let isStored = false;
      const send = async () => {
        await client.send(put, { abortSignal: request.signal });
        isStored = true;
      };
      try {
        await inWords('s3:PutObject', place, () => unless([412, 409], send));
        return isStored;
      } catch (error) {
        if (unreadable === undefined) throw error;
        throw new ConfigError(`${path} cannot be read: ${unreadable.message}`, { cause: unreadable });
      } finally {
        // Refused before its last bytes: a request that never ends keeps its connection, and the command, from ending.
        if (!isStored) {
          request.abort();
          body.destroy();
        }
      }
    },
  };
}

/** Opened when it is asked for: of a large file S3 first says whether it wants it, and until then nothing may flow. */
async function* chunksOf(path: string, onChunk: (length: number) => void): AsyncGenerator<Buffer> {
  for await (const chunk of createReadStream(path)) {
    const bytes = chunk as Buffer;
    onChunk(bytes.length);
    yield bytes;
  }
}

/** The checksum of an upload in parts is one of the parts' checksums: not the file's. */
function toStored({ ContentLength = 0, ETag = '', ChecksumSHA256, ChecksumType }: HeadObjectCommandOutput): Stored {
  const isWhole = ChecksumSHA256 !== undefined && ChecksumType !== 'COMPOSITE';
  const sha256 = isWhole ? { sha256: Buffer.from(ChecksumSHA256, 'base64').toString('hex') } : {};
  return { size: ContentLength, etag: ETag, ...sha256 };
}
