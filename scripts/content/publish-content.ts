import { createHash } from 'node:crypto';
import { concurrently } from '../../shared/core/concurrently.ts';
import { CONTENT_PREFIX, MANIFEST, renderManifest } from '../../shared/core/content.ts';
import { ConfigError } from '../../shared/core/errors.ts';
import type { ContentBucket } from '../aws/content-bucket.ts';
import { withRunbooks } from './check-rule-file.ts';
import type { SourceFile } from './content-file.ts';

const UPLOADS_AT_ONCE = 8;

/**
 * Puts the files into the bucket, then the manifest that names them: a host believes a manifest only when all of its
 * files are as it says, so until the last write it keeps what it has. Files that are named no more stay, unread.
 */
export async function publishContent(
  files: readonly SourceFile[],
  bucket: ContentBucket,
  runbookUrl: string,
): Promise<void> {
  const key = `${CONTENT_PREFIX}${MANIFEST}`;
  const before = await bucket.etag(key);
  const bodies = files.map(({ path, text }) => ({ path, body: withRunbooks(text, runbookUrl) }));
  await concurrently(UPLOADS_AT_ONCE, bodies, ({ path, body }) => bucket.put(`${CONTENT_PREFIX}${path}`, body));
  const manifest = renderManifest({
    files: bodies.map(({ path, body }) => ({
      path,
      sha256: createHash('sha256').update(body).digest('hex'),
      size: Buffer.byteLength(body),
    })),
  });
  // Of two at once, one set has files of the other under its names: the hosts would wait for a third.
  if (!(await bucket.putOver(key, manifest, before)))
    throw new ConfigError(`somebody else has published to ${bucket.name} at the same time: publish again`);
}
