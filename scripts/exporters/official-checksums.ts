import { downloadText, downloadSize, inWords, type DownloadOptions } from './download.ts';
import type { LockedExporter } from './exporters-lock.ts';
import { RELEASE_PAGE, releasePath } from './fetch-artifact.ts';

export interface ListOptions extends DownloadOptions {
  readonly releasePage?: string | undefined;
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

export const officialSize = async (
  locked: LockedExporter,
  file: string,
  options: ListOptions,
): Promise<number | undefined> => await downloadSize(urlOf(locked, file, options), options);

const urlOf = (locked: LockedExporter, file: string, { releasePage = RELEASE_PAGE }: ListOptions): string =>
  `${releasePage}${releasePath(locked, file)}`;

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
