import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { downloadText, downloadSize, inWords, type DownloadOptions } from './download.ts';
import type { LockedExporter } from './exporters-lock.ts';
import { releaseUrl, sha256OfFile } from './fetch-artifact.ts';
import { NPM, npmPackage } from './npm-package.ts';

export interface ListOptions extends DownloadOptions {
  readonly releasePage?: string | undefined;
  /** Of the terminal: npm runs in it. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Beside the releases of prometheus/*: github.com/prometheus/promu, "promu checksum". */
const LIST = 'sha256sums.txt';

/** What the project itself says of a file, or why that is not known. */
export type Official = { readonly sha256: string } | { readonly reason: string };

/**
 * What the release page's own lists say of these files. Only the release page is asked, never a mirror: a mirror could
 * bring another file and the checksum that fits it.
 */
export async function officialChecksums(
  locked: LockedExporter,
  files: readonly string[],
  options: ListOptions,
): Promise<ReadonlyMap<string, Official>> {
  if (locked.source === NPM) return await checksumsOfNpm(locked, files, options);
  const { checksums = LIST } = locked;
  const known = new Map<string, Official>();
  const lists = new Map<string, string | Error>();
  for (const file of files) {
    const list = checksums.replaceAll('{file}', file);
    const url = urlOf(locked, list, options);
    const text = lists.get(list) ?? (await downloadText(url, options).catch(asError));
    lists.set(list, text);
    known.set(
      file,
      text instanceof Error ? { reason: `${url}: ${inWords(text)}` } : entryOf(text, file, url, list !== checksums),
    );
  }
  return known;
}

/** npm's own list is of SHA-512, and npm holds what it brings to it. */
async function checksumsOfNpm(
  { version }: LockedExporter,
  files: readonly string[],
  { env = {} }: ListOptions,
): Promise<ReadonlyMap<string, Official>> {
  const folder = await mkdtemp(join(tmpdir(), 'npm-'));
  const ask = async (file: string): Promise<Official> => {
    try {
      await npmPackage(file, version, join(folder, file), env);
      return { sha256: await sha256OfFile(join(folder, file)) };
    } catch (error) {
      return { reason: inWords(error) };
    }
  };
  try {
    const known = new Map<string, Official>();
    for (const file of files) known.set(file, await ask(file));
    return known;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export const officialSize = async (
  locked: LockedExporter,
  file: string,
  options: ListOptions,
): Promise<number | undefined> =>
  locked.source === NPM ? undefined : await downloadSize(urlOf(locked, file, options));

const urlOf = (locked: LockedExporter, file: string, { releasePage }: ListOptions): string =>
  releaseUrl(locked, file, releasePage);

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

/** `<64 hexadecimal digits>  [*][folder/]<file>`, as sha256sum writes it; in a list of one file also the digits alone. */
const LINE = /^([0-9a-f]{64})(?:\s+\*?(?:.*\/)?(\S+))?$/;

function entryOf(text: string, file: string, url: string, isItsOwn: boolean): Official {
  const named = text.split(/\r?\n/).flatMap((line) => {
    const [, sha256, name = isItsOwn ? file : ''] = LINE.exec(line.trim()) ?? [];
    return sha256 !== undefined && name === file ? [sha256] : [];
  });
  const [sha256, ...others] = new Set(named);
  if (sha256 === undefined) return { reason: `${url} does not name ${file}` };
  return others.length === 0 ? { sha256 } : { reason: `${url} has more than one checksum of ${file}` };
}
