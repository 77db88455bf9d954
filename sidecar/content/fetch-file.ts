import type { S3Reader } from '../../shared/aws/s3-reader.ts';
import {
  CONTENT_PREFIX,
  type ContentFile,
  contentKey,
  type ContentManifest,
  MANIFEST,
  MAX_CONTENT_FILE,
  parseManifest,
} from '../../shared/core/content.ts';
import { messageOf } from '../failure.ts';
import { ContentError } from './content-error.ts';
import { sha256 } from './content-folder.ts';

/** 500 files by name take some 80 kB. */
const MAX_MANIFEST = 512 * 1024;
export const MANIFEST_KEY = `${CONTENT_PREFIX}${MANIFEST}`;

type Objects = Pick<S3Reader, 'read'>;

export const readManifest = (objects: Objects) => objects.read(MANIFEST_KEY, MAX_MANIFEST);

export function manifestOf(body: Buffer): ContentManifest {
  try {
    return parseManifest(body.toString());
  } catch (cause) {
    throw new ContentError('manifest', `${MANIFEST_KEY}: ${messageOf(cause)}`, { cause });
  }
}

/** The body, or it throws: somebody took a file away or changed one by hand. Publishing again brings it back. */
export async function fetchFile(objects: Objects, file: ContentFile): Promise<Buffer> {
  const { sha256: sum, size } = file;
  const key = contentKey(file);
  const object = await objects.read(key, MAX_CONTENT_FILE);
  if (object === undefined) throw notAsNamed(`${key} is not there`);
  if (object.body.length !== size) throw notAsNamed(`${key} has ${object.body.length} bytes; ${size} expected`);
  if (sha256(object.body) !== sum) throw notAsNamed(`${key} has another SHA-256 than ${MANIFEST_KEY} names`);
  return object.body;
}

const notAsNamed = (message: string) => new ContentError('files', message, { retryable: true });
