import { readdir, readFile } from 'node:fs/promises';
import { gzipSync } from 'fflate';

const IS_SHIPPED = /^(?:rules\/.*\.yml|(?!(?:un)?install\.).*\.sh|.*\.service|.*\.conf)$/;

/** In these a line that begins like a comment is one: no text of several lines has such a line. */
const IS_STRIPPED = /\.(?:sh|service|conf)$/;

/**
 * What the install script lays down, as a tar.gz in base64: a document has 64 KB, the rules alone three times as much,
 * and they shrink to a tenth. Comments stay at home.
 */
export async function packFiles(folder: URL): Promise<string> {
  const all = (await readdir(folder, { recursive: true })).filter((name) => IS_SHIPPED.test(name)).toSorted();
  const members = await Promise.all(all.map(async (name) => member(name, await read(name, folder))));
  const tar = Buffer.concat([...bySize(members), Buffer.alloc(2 * BLOCK)]);
  return Buffer.from(gzipSync(tar, { level: 9, mtime: 0 })).toString('base64');
}

/** The rules have much in common, and gzip looks back 32 KB: the largest first, then the smallest ones side by side. */
function bySize(members: readonly Buffer[]): readonly Buffer[] {
  const sorted = members.toSorted((a, b) => a.length - b.length);
  return [...sorted.slice(-1), ...sorted.slice(0, -1)];
}

async function read(name: string, folder: URL): Promise<Buffer> {
  const body = await readFile(new URL(name, folder));
  return IS_STRIPPED.test(name) ? Buffer.from(body.toString('utf8').replaceAll(/^ *# .*\n/gm, '')) : body;
}

const BLOCK = 512;

/** A file as ustar has it (POSIX.1-1988, "pax", ustar Interchange Format), root's, of 1970: the same bytes every time. */
function member(name: string, body: Buffer): Buffer {
  const header = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, digits: number) =>
    header.write(value.toString(8).padStart(digits, '0'), at, 'latin1');
  header.write(name, 0, 'latin1');
  octal(0o644, 100, 7);
  octal(0, 108, 7);
  octal(0, 116, 7);
  octal(body.length, 124, 11);
  octal(0, 136, 11);
  header.write('        0', 148, 'latin1'); // the checksum counts as blanks in itself; then the type: a file
  header.write('ustar\u000000root', 257, 'latin1');
  header.write('root', 297, 'latin1');
  octal(
    header.reduce((sum, byte) => sum + byte, 0),
    148,
    6,
  );
  header[154] = 0;
  return Buffer.concat([header, body, Buffer.alloc((BLOCK - (body.length % BLOCK)) % BLOCK)]);
}
