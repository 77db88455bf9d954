import { join } from 'node:path';
import { ConfigError } from '../../shared/core/errors.ts';
import { artifactKey, type Artifact } from './exporters-lock.ts';
import { ENV_FOLDER, ENV_MIRROR, fault, fetchArtifact, type FetchOptions } from './fetch-artifact.ts';
import { lockName, type Release } from './releases.ts';

/** Where the releases' files are kept between runs, laid out as in the bucket. */
export const releasesFolder = (cache: string): string => join(cache, 'releases');

/** One file that is locked. */
export interface LockedFile {
  readonly release: Release;
  readonly artifact: Artifact;
  /** In the bucket, and below the folder. */
  readonly key: string;
}

export const lockedFiles = (releases: readonly Release[]): readonly LockedFile[] =>
  releases.flatMap((release) =>
    Object.values(release.locked.artifacts).map((artifact) => ({
      release,
      artifact,
      key: artifactKey(release.name, release.locked, artifact),
    })),
  );

/** Brings every locked file into the folder; what is there and right is left alone. Throws once all were tried. */
export async function fetchAll(releases: readonly Release[], folder: string, options: FetchOptions): Promise<void> {
  const missing: string[] = [];
  for (const { release, artifact, key } of lockedFiles(releases)) {
    const reason = await fetchArtifact(join(folder, key), release, artifact, options);
    if (reason !== undefined) missing.push(`${artifact.file} (${lockName(release)}) cannot be had: ${reason}`);
  }
  if (missing.length === 0) return;
  throw new ConfigError(
    `${missing.join('\n')}\nName a mirror of github.com in ${ENV_MIRROR}, or put the files into a folder and name that in ${ENV_FOLDER}.`,
  );
}

export interface Verdict {
  readonly file: string;
  /** Folder or bucket. */
  readonly at: string;
  /** What is wrong with it. */
  readonly fault?: string | undefined;
}

/** Compares every locked file in the folder with its lock. */
export async function verifyFolder(releases: readonly Release[], folder: string): Promise<readonly Verdict[]> {
  return await Promise.all(
    lockedFiles(releases).map(async ({ artifact, key }) => ({
      file: artifact.file,
      at: folder,
      fault: await fault(join(folder, key), artifact),
    })),
  );
}
