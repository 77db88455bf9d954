import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { readCatalogue, readExporters } from '../../../infra/exporters/catalogue.ts';

const ENTRY = "export const entry = { name: 'hello' };";
const DOCUMENT = 'export const document = { parameters: {}, constants: {} };';

/** A folder of exporters: file by path below it. */
async function exporters(files: Readonly<Record<string, string>>): Promise<URL> {
  const folder = await mkdtemp(join(tmpdir(), 'exporters-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return pathToFileURL(`${folder}/`);
}

test('every folder under infra/exporters is an exporter of its name', async () => {
  const folders = (await readdir('infra/exporters', { withFileTypes: true })).filter((entry) => entry.isDirectory());
  expect((await readCatalogue()).map(({ name }) => name)).toEqual(folders.map(({ name }) => name).toSorted());
});

test('a folder without options.ts is none, yet', async () => {
  const folder = await exporters({ 'hello/options.ts': ENTRY, 'hello/document.ts': DOCUMENT, 'later/install.sh': '' });
  expect((await readExporters(folder)).map(({ entry }) => entry.name)).toEqual(['hello']);
});

test.each([
  ['a name that no CloudFormation id can have', { 'a-b/options.ts': ENTRY }, 'infra/exporters/a-b: a name is'],
  ['a name too long for a user', { 'abcdefghijklmno/options.ts': ENTRY }, 'a name is'],
  ["another folder's entry", { 'other/options.ts': ENTRY }, 'other/options.ts exports no entry (CatalogueEntry) named'],
  ['no entry', { 'hello/options.ts': 'export const hello = 1;' }, 'hello/options.ts exports no entry'],
  [
    'no document',
    { 'hello/options.ts': ENTRY, 'hello/document.ts': 'export const other = 1;' },
    'hello/document.ts exports no document',
  ],
])('a folder with %s is refused, and named', async (_what, files, message) => {
  await expect(readExporters(await exporters(files))).rejects.toThrow(message);
});
