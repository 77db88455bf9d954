import { isDeepStrictEqual } from 'node:util';
import { ConfigError } from '../../shared/core/errors.ts';
import type { Artifact, LockedExporter } from './exporters-lock.ts';
import { officialChecksums, officialSize, type ListOptions, type Official } from './official-checksums.ts';
import { lockName, unlockedOf, writeRelease, type Release } from './releases.ts';

interface NewlyLocked {
  readonly name: string;
  readonly file: string;
  readonly sha256: string;
  readonly path: string;
}

export interface StillUnlocked {
  readonly name: string;
  /** What it is: amd64, agent, … */
  readonly key: string;
  readonly file: string;
  readonly reason: string;
  readonly path: string;
}

export interface LockReport {
  /** As they are now. */
  readonly releases: readonly Release[];
  readonly locked: readonly NewlyLocked[];
  readonly unlocked: readonly StillUnlocked[];
  /** Locked, but the official list could not be had this time. */
  readonly uncompared: readonly StillUnlocked[];
}

const NOTHING = { locked: [], unlocked: [], uncompared: [] };

/**
 * Locks what has no checksum yet, by the official lists. A list that contradicts a locked checksum is an error, and
 * then nothing is written. Releases that are locked altogether ask nobody, unless `compare` says so.
 */
export async function lockMissing(
  releases: readonly Release[],
  options: ListOptions & { readonly compare?: boolean },
): Promise<LockReport> {
  const reports: LockReport[] = [];
  for (const release of releases) {
    const isWhole = unlockedOf(release.locked).length === 0;
    reports.push(
      isWhole && options.compare !== true ? { releases: [release], ...NOTHING } : await lockRelease(release, options),
    );
  }
  const report = {
    releases: reports.flatMap((one) => one.releases),
    locked: reports.flatMap((one) => one.locked),
    unlocked: reports.flatMap((one) => one.unlocked),
    uncompared: reports.flatMap((one) => one.uncompared),
  };
  const changed = report.releases.filter((release) => !releases.includes(release));
  await Promise.all(changed.map(writeRelease));
  return report;
}

/** The same release in another version, locked by the official lists. Nothing is written without one. */
export async function lockVersion(release: Release, version: string, options: ListOptions): Promise<LockReport> {
  const next = { ...release, locked: inVersion(release.locked, version) };
  const report = await lockRelease(next, options);
  const [now] = report.releases;
  if (now === undefined || report.locked.length === 0) {
    const reasons = report.unlocked.map(({ reason }) => reason);
    throw new ConfigError(
      `${release.name} ${version} has no official checksum, ${lockName(release)} stays at ${release.locked.version}: ` +
        `${reasons.join('; ')}. The versions that there are: https://${release.locked.module}/releases`,
    );
  }
  await writeRelease(now);
  return report;
}

function inVersion(locked: LockedExporter, version: string): LockedExporter {
  const { artifacts, unlocked, tag, ...rest } = locked;
  const renamed = (text: string): string => text.replaceAll(locked.version, version);
  const files = [
    ...Object.entries(artifacts).map(([key, { file }]) => [key, file] as const),
    ...Object.entries(unlocked ?? {}),
  ];
  return {
    ...rest,
    version,
    ...(tag !== undefined && { tag: renamed(tag) }),
    artifacts: {},
    unlocked: Object.fromEntries(files.map(([key, file]) => [key, renamed(file)])),
  };
}

/** One file, with its checksum where one is known, and why the official list does not say it. */
interface Looked {
  readonly key: string;
  readonly file: string;
  readonly artifact?: Artifact;
  readonly reason?: string;
}

async function lockRelease(release: Release, options: ListOptions): Promise<LockReport> {
  const { name, path, locked } = release;
  const missing = unlockedOf(locked);
  const files = [...Object.entries(locked.artifacts).map(([key, { file }]) => [key, file] as const), ...missing];
  const asked = files.map(([, file]) => file);
  const official = await officialChecksums(locked, asked, options);
  const looked: Looked[] = [];
  for (const [key, file] of files) looked.push(await look(release, key, file, official.get(file), options));
  const artifacts = Object.fromEntries(looked.flatMap(({ key, artifact }) => (artifact ? [[key, artifact]] : [])));
  const reasons = looked.flatMap(({ key, file, reason }) =>
    reason === undefined ? [] : [{ name, key, file, reason, path }],
  );
  const isKnown = ({ key }: { readonly key: string }): boolean => key in locked.artifacts;
  const isSame = isDeepStrictEqual(artifacts, locked.artifacts);
  return {
    releases: [isSame ? release : { ...release, locked: { ...locked, artifacts } }],
    locked: looked.flatMap((one) => (one.artifact && !isKnown(one) ? [{ name, path, ...one.artifact }] : [])),
    unlocked: reasons.filter((one) => !isKnown(one)),
    uncompared: reasons.filter(isKnown),
  };
}

async function look(
  release: Release,
  key: string,
  file: string,
  says: Official | undefined,
  options: ListOptions,
): Promise<Looked> {
  const known = release.locked.artifacts[key];
  if (says === undefined || 'reason' in says) {
    return { key, file, reason: says?.reason ?? 'it was not asked for', ...(known && { artifact: known }) };
  }
  const { sha256 } = says;
  if (known !== undefined && known.sha256 !== sha256) throw changed(release, known, sha256);
  const size = known?.size ?? (await officialSize(release.locked, file, options));
  return { key, file, artifact: { file, ...(size !== undefined && { size }), sha256 } };
}

const changed = (release: Release, { file, sha256 }: Artifact, official: string): ConfigError =>
  new ConfigError(
    `${file} was changed since it was locked: ${lockName(release)} says SHA-256 ${sha256}, the official list ${official}. ` +
      'Nothing was written. Find out why before you trust either; to lock the new file, move its name to "unlocked".',
  );
