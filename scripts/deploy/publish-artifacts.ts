import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError, UnavailableError } from '../../shared/core/errors.ts';
import type { ArtifactBucket, Stored } from '../aws/artifact-bucket.ts';
import { persistently, type DownloadOptions } from '../exporters/download.ts';
import type { Artifact } from '../exporters/exporters-lock.ts';
import { fault, type Progress } from '../exporters/fetch-artifact.ts';
import { lockedFiles, type LockedFile, type Verdict } from '../exporters/fetch-releases.ts';
import type { Release } from '../exporters/releases.ts';

export interface PublishOptions extends Pick<DownloadOptions, 'attempts' | 'pause'> {
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

export interface Published {
  readonly key: string;
  readonly done: 'uploaded' | 'there';
}

/**
 * Puts every locked file of the folder under `artifacts/<name>/<version>/<file>`, where it is not there yet. Safe to run
 * again, and by two at the same time: a key that holds other bytes is never written over, it is an error.
 *
 *   seen under the key                                  → done
 *   nothing                                             → uploaded, if still nothing is there
 *   the locked size and SHA-256, verified by S3         → there
 *   another size or SHA-256                             → error
 *   the locked bytes, SHA-256 unknown to S3 (by hand)   → read, compared, uploaded again with it over exactly that one
 */
export async function publishArtifacts(
  releases: readonly Release[],
  folder: string,
  bucket: ArtifactBucket,
  options: PublishOptions = {},
): Promise<readonly Published[]> {
  const published: Published[] = [];
  for (const file of lockedFiles(releases)) {
    const done = await persistently({ ...options }, () => publish(file, folder, bucket, options));
    published.push({ key: file.key, done });
  }
  return published;
}

async function publish(
  { artifact, key }: LockedFile,
  folder: string,
  bucket: ArtifactBucket,
  { onProgress }: PublishOptions,
): Promise<Published['done']> {
  const path = join(folder, key);
  const wrong = await fault(path, artifact);
  if (wrong !== undefined)
    throw new ConfigError(`${path} is not the locked file (${wrong}): npm run exporters -- fetch`);
  const stored = await bucket.head(key);
  if (stored !== undefined) {
    const other = await difference(bucket, key, stored, artifact);
    if (other !== undefined) throw otherBytes(bucket, key, other);
    if (stored.sha256 !== undefined) return 'there';
  }
  const { size } = await stat(path);
  const tell = (done: number) =>
    onProgress?.({ step: 'publish', file: artifact.file, at: bucket.name, done, total: size });
  tell(0);
  const isMine = await bucket.put(key, { path, size, sha256: artifact.sha256, onProgress: tell, over: stored });
  // Somebody else's, or our own whose answer was lost: the next look at the key says which.
  if (!isMine) throw new UnavailableError(`${key} in ${bucket.name} was written at the same time`);
  return 'uploaded';
}

/** What tells the object from the locked file. */
async function difference(
  bucket: ArtifactBucket,
  key: string,
  stored: Stored,
  { size, sha256 }: Artifact,
): Promise<string | undefined> {
  if (size !== undefined && stored.size !== size) return `${stored.size} bytes, expected ${size}`;
  const found = stored.sha256 ?? (await bucket.read(key));
  return found === sha256 ? undefined : `SHA-256 ${found}, expected ${sha256}`;
}

const otherBytes = ({ name }: ArtifactBucket, key: string, other: string): ConfigError =>
  new ConfigError(
    `${key} in ${name} is not the locked file (${other}) and is not written over. Find out who put it there; ` +
      `then aws s3 rm s3://${name}/${key} and publish again.`,
  );

/** Compares every locked file's object with its lock, by size and by the checksum that S3 verified. */
export async function verifyBucket(releases: readonly Release[], bucket: ArtifactBucket): Promise<readonly Verdict[]> {
  await bucket.check();
  return await Promise.all(
    lockedFiles(releases).map(async ({ artifact, key }) => {
      const stored = await bucket.head(key);
      const at = `s3://${bucket.name}/${key}`;
      if (stored === undefined) return { file: artifact.file, at, fault: 'is not there: npm run exporters -- publish' };
      return { file: artifact.file, at, fault: await difference(bucket, key, stored, artifact) };
    }),
  );
}
