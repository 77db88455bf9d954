import { createHash } from 'node:crypto';
import { concurrently } from '../../shared/core/concurrently.ts';
import { CONTENT_PREFIX, contentKey, MANIFEST, renderManifest } from '../../shared/core/content.ts';
import { ConfigError } from '../../shared/core/errors.ts';
import type { ContentBucket } from '../aws/content-bucket.ts';
import { withRunbooks } from './check-rule-file.ts';
import type { SourceFile } from './content-file.ts';
import { withRunbookLinks } from './runbook-links.ts';

const UPLOADS_AT_ONCE = 8;

/**
 * Puts the files into the bucket, each under its own sum, then the manifest that names them: until that last write every
 * host has, and finds, the set before. Files that are named no more stay, unread.
 */
export async function publishContent(
  files: readonly SourceFile[],
  bucket: ContentBucket,
  runbookUrl: string,
): Promise<void> {
  const key = `${CONTENT_PREFIX}${MANIFEST}`;
  const before = await bucket.etag(key);
  const bodies = files.map(({ path, text }) => {
    const body = (path.endsWith('.json') ? withRunbookLinks : withRunbooks)(text, runbookUrl);
    const sha256 = createHash('sha256').update(body).digest('hex');
    return { path, sha256, size: Buffer.byteLength(body), body };
  });
  await concurrently(UPLOADS_AT_ONCE, bodies, (file) => bucket.put(contentKey(file), file.body));
  const manifest = renderManifest({ files: bodies });
  // Of two at once the second has not seen what the first changed.
  if (!(await bucket.putOver(key, manifest, before)))
    throw new ConfigError(`somebody else has published to ${bucket.name} at the same time: publish again`);
}
