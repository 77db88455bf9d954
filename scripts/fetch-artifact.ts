import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ConfigError } from '../shared/core/errors.ts';
import type { Artifact, LockedExporter } from './exporters-lock.ts';

type Env = Readonly<Record<string, string | undefined>>;

export const ENV_FOLDER = 'PROMETHEUS_ON_EMR_ARTIFACTS';
export const ENV_MIRROR = 'PROMETHEUS_ON_EMR_MIRROR';
export const RELEASE_PAGE = 'https://github.com';
const DOWNLOAD_TIMEOUT_MS = 300_000;

/** Puts the bytes at `draft`. Throws where this source does not have the file. */
type Source = (draft: string) => Promise<void>;

/**
 * Brings one file of a release to `path`, from the first source that has it: a local folder, a mirror (the release
 * page's paths below another address), the release page. Answers undefined, or why no source has it. A source whose
 * file is not the locked one is an error, and nothing is kept.
 */
export async function fetchArtifact(
  path: string,
  exporter: LockedExporter,
  artifact: Artifact,
  env: Env,
  releasePage = RELEASE_PAGE,
): Promise<string | undefined> {
  if ((await fault(path, artifact)) === undefined) return undefined;
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.draft`;
  const reasons: string[] = [];
  for (const [name, source] of sources(exporter, artifact, env, releasePage)) {
    try {
      await source(draft);
    } catch (error) {
      reasons.push(`${name}: ${inWords(error)}`);
      continue;
    }
    const wrong = await fault(draft, artifact);
    if (wrong === undefined) {
      await rename(draft, path);
      return undefined;
    }
    await rm(draft);
    throw new ConfigError(`${artifact.file} from ${name} is not the locked file: ${wrong}`);
  }
  return reasons.join(', ');
}

/** What tells the file from the locked one, in words; undefined when nothing does. */
export async function fault(path: string, { size, sha256 }: Artifact): Promise<string | undefined> {
  const bytes = await readFile(path).catch(() => undefined);
  if (bytes === undefined) return 'there is no such file';
  if (size !== undefined && bytes.length !== size) return `${bytes.length} bytes, expected ${size}`;
  const found = sha256Of(bytes);
  return found === sha256 ? undefined : `SHA-256 ${found}, expected ${sha256}`;
}

export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function sources(
  { module, version, tag = `v${version}` }: LockedExporter,
  { file }: Artifact,
  env: Env,
  releasePage: string,
): readonly (readonly [string, Source])[] {
  const folder = env[ENV_FOLDER];
  const mirror = env[ENV_MIRROR]?.replace(/\/+$/, '');
  const at = `${module.replace('github.com', '')}/releases/download/${tag}/${file}`;
  return [
    ...(folder ? [[folder, (draft: string) => copyFile(join(folder, file), draft)] as const] : []),
    ...(mirror ? [[mirror, download(`${mirror}${at}`)] as const] : []),
    [releasePage, download(`${releasePage}${at}`)],
  ];
}

const download =
  (url: string): Source =>
  async (draft) => {
    process.stderr.write(`Asking for ${url} …\n`);
    const response = await fetch(url, { signal: AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS) });
    if (!response.ok) throw new Error(`answered ${response.status}`);
    await writeFile(draft, await response.bytes());
  };

const inWords = (error: unknown): string => {
  const { message, cause } = error instanceof Error ? error : new Error(String(error));
  return cause instanceof Error ? `${message} (${cause.message})` : message;
};
