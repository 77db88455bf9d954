import { execFile } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { unzipSync } from 'fflate';
import { describe, expect, onTestFinished, test } from 'vitest';
import { lockFile, settingsAndDocuments } from '../../scripts/package/package-stack.ts';
import { readSettings } from '../../shared/runtime/read-settings.ts';
import { pathToFileURL } from 'node:url';
import { packaged } from './template.ts';

const run = promisify(execFile);
const FUNCTIONS = ['on-event', 'sweep', 'backfill'];
/** What grows over it slows every cold start. */
const MAX_BUNDLE_BYTES = 1_400_000;

/** The zip's content in a folder of its own, far from any node_modules. */
async function unpacked(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `${name}-`));
  onTestFinished(() => rm(folder, { recursive: true }));
  const files = Object.entries(unzipSync(await readFile(join(packaged, `${name}.zip`))));
  await Promise.all(files.map(([file, content]) => writeFile(join(folder, file), content)));
  return folder;
}

describe.each(FUNCTIONS)('the zip of %s', (name) => {
  test('holds one module, the package.json that says so, and the settings', async () => {
    const folder = await unpacked(name);
    expect((await readdir(folder)).toSorted()).toEqual(['index.js', 'package.json', 'settings.json']);
    expect(await readFile(join(folder, 'package.json'), 'utf8')).toBe('{"type":"module"}\n');
  });

  test('holds a bundle of at most 1.4 MB', async () => {
    expect((await stat(join(await unpacked(name), 'index.js'))).size).toBeLessThanOrEqual(MAX_BUNDLE_BYTES);
  });

  // Lambda turns require(esm) off, and loads a file: an evaluated string would hide a dynamic require.
  test('loads as Lambda loads it and exports its handler', async () => {
    const folder = await unpacked(name);
    await writeFile(
      join(folder, 'load.mjs'),
      "const { handler } = await import('./index.js'); console.log(typeof handler);",
    );
    const { stdout } = await run(process.execPath, ['--no-experimental-require-module', 'load.mjs'], {
      cwd: folder,
      env: {},
    });
    expect(stdout).toBe('function\n');
  });

  test('holds settings that the functions can read and that monitoring.yml, documents and lock lead to', async () => {
    const { settings } = await settingsAndDocuments(lockFile(process.env));
    const read = readSettings(pathToFileURL(join(await unpacked(name), 'settings.json')));
    expect(read).toEqual(settings);
  });
});

test('these tests run on the Node 24 that the functions run on', () => {
  expect(process.version).toMatch(/^v24\./);
});
