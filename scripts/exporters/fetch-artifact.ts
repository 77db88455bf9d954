import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ConfigError } from '../../shared/core/errors.ts';
import { download, hasPassword, inWords, isFull, sizeOf, type DownloadOptions } from './download.ts';
import { artifactKey, releaseTag, type Artifact, type LockedExporter } from './exporters-lock.ts';
import { NPM, npmPackage } from './npm-package.ts';
import { claimPart } from './part-file.ts';

type Env = Readonly<Record<string, string | undefined>>;

export const ENV_FOLDER = 'PROMETHEUS_ON_EMR_ARTIFACTS';
export const ENV_MIRROR = 'PROMETHEUS_ON_EMR_MIRROR';
export const RELEASE_PAGE = 'https://github.com';

/** How far a transfer is; `done` is 0 when it is asked for. */
export interface Progress {
  readonly step: 'fetch' | 'publish';
  readonly file: string;
  /** The source, or the bucket. */
  readonly at: string;
  readonly done: number;
  readonly total?: number | undefined;
}

export interface FetchOptions extends DownloadOptions {
  readonly env: Env;
  readonly releasePage?: string | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

export interface Wanted {
  readonly name: string;
  readonly locked: LockedExporter;
}

/** Puts the bytes at `draft`, or the rest of them. Throws where this source does not have the file. */
interface Source {
  readonly name: string;
  readonly bring: (draft: string) => Promise<void>;
}

/**
 * Brings one file of a release to `path`, from the first source that has it: a local folder, a mirror (the release
 * page's paths below another address), the release page. Answers undefined, or why no source has it. A source whose
 * file is not the locked one is an error, and nothing is kept.
 */
export async function fetchArtifact(
  path: string,
  wanted: Wanted,
  artifact: Artifact,
  options: FetchOptions,
): Promise<string | undefined> {
  if ((await fault(path, artifact)) === undefined) return undefined;
  const reasons: string[] = [];
  try {
    await mkdir(dirname(path), { recursive: true });
    const draft = await claimPart(path);
    for (const source of sources(wanted, artifact, options)) {
      const reason = await tryOne(source, draft, artifact);
      if (reason !== undefined) {
        reasons.push(`${source.name}: ${reason}`);
        continue;
      }
      await rename(draft, path);
      return undefined;
    }
  } catch (error) {
    throw isFull(error) ? await fullDisk(path, artifact, error) : error;
  }
  return reasons.join(', ');
}

/** Answers why this source does not have it. */
async function tryOne(source: Source, draft: string, artifact: Artifact): Promise<string | undefined> {
  for (;;) {
    const before = await sizeOf(draft);
    try {
      await source.bring(draft);
    } catch (error) {
      if (isFull(error)) throw error;
      return inWords(error);
    }
    const wrong = await fault(draft, artifact);
    if (wrong === undefined) return undefined;
    await rm(draft, { force: true });
    // What was there before may have been of another file: once more, from its first byte.
    if (before === 0) throw new ConfigError(`${artifact.file} from ${source.name} is not the locked file: ${wrong}`);
  }
}

async function fullDisk(path: string, { file, size }: Artifact, cause: unknown): Promise<ConfigError> {
  await rm(`${path}.part-${process.pid}`, { force: true });
  const needed = size === undefined ? '' : `, which has ${size} bytes`;
  return new ConfigError(
    `the disk of ${dirname(path)} is full: no room for ${file}${needed}. ` +
      'Make room, or name a folder on another disk in PROMETHEUS_ON_EMR_CACHE.',
    { cause },
  );
}

/** What tells the file from the locked one, in words; undefined when nothing does. */
export async function fault(path: string, { size, sha256 }: Artifact): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return 'there is no such file';
  // Of one that is longer no more was taken than shows it.
  if (size !== undefined && found.size > size) return `more than the expected ${size} bytes`;
  if (size !== undefined && found.size < size) return `${found.size} bytes, expected ${size}`;
  const actual = await sha256OfFile(path);
  return actual === sha256 ? undefined : `SHA-256 ${actual}, expected ${sha256}`;
}

export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Where the release has the file, or a list of checksums. `page`: what takes the place of the web, in tests. */
export function releaseUrl(locked: LockedExporter, file: string, page?: string): string {
  const { source, version } = locked;
  if (source === undefined) return `${page ?? RELEASE_PAGE}${releasePath(locked, file)}`;
  return `${page === undefined ? 'https:/' : page}/${source.replaceAll('{version}', version)}/${file}`;
}

/** The same on github.com, or below the address of a mirror of it. */
const releasePath = (locked: LockedExporter, file: string): string =>
  `${locked.module.replace('github.com', '')}/releases/download/${releaseTag(locked)}/${file}`;

/** Its value is not said: the source of a file is, and a password in it would be in every log. */
function readMirror(given: string | undefined): string | undefined {
  if (given === undefined || given === '') return undefined;
  const url = URL.parse(given);
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== '')
    throw new ConfigError(`${ENV_MIRROR} is no address of a mirror: expected https://<host>, with a path or without`);
  if (hasPassword(url))
    throw new ConfigError(
      `${ENV_MIRROR} has a user or password in it, which would be in every log. Give an address that asks for none, ` +
        `or bring the files by other means into a folder, and name that in ${ENV_FOLDER}`,
    );
  return given.replace(/\/+$/, '');
}

function sources({ name, locked }: Wanted, artifact: Artifact, options: FetchOptions): readonly Source[] {
  const { env, releasePage, onProgress } = options;
  const { file } = artifact;
  const folder = env[ENV_FOLDER];
  const mirror = readMirror(env[ENV_MIRROR]);
  const web = (at: string, url: string): Source => ({
    name: at,
    bring: async (draft) => {
      const tell = (done: number, total = artifact.size) => onProgress?.({ step: 'fetch', file, at, done, total });
      tell(0);
      await download(url, draft, tell, {
        ...options,
        maxBytes: artifact.size ?? options.maxBytes,
      });
    },
  });
  // As the release page names it, or laid out as in the bucket.
  const inFolder = (at: string): Source => ({
    name: at,
    bring: async (draft) =>
      await copyFile(join(at, file), draft).catch(async (error: unknown) => {
        if (isFull(error)) throw error;
        await copyFile(join(at, artifactKey(name, locked, artifact)), draft).catch(() => Promise.reject(error));
      }),
  });
  const fromNpm: Source = {
    name: NPM,
    bring: async (draft) => await npmPackage(file, locked.version, draft, env),
  };
  const page = releaseUrl(locked, file, releasePage);
  return [
    ...(folder ? [inFolder(folder)] : []),
    ...(mirror ? [web(mirror, `${mirror}${releasePath(locked, file)}`)] : []),
    locked.source === NPM ? fromNpm : web(releasePage ?? new URL(page).origin, page),
  ];
}
