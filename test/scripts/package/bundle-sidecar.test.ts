import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { bundleSidecar } from '../../../scripts/package/bundle-sidecar.ts';
import { temporaryFolder } from '../../sidecar/sidecar-world.ts';

test('a bundle that is made anew is another file: who reads the old one keeps it to its end', async () => {
  const folder = await temporaryFolder();
  const file = await bundleSidecar(join(folder, 'sidecar.mjs'));
  const old = await open(file);
  onTestFinished(() => old.close());
  await bundleSidecar(file);
  const anew = await open(file);
  onTestFinished(() => anew.close());
  expect((await anew.stat()).ino).not.toBe((await old.stat()).ino);
  expect((await anew.stat()).mode & 0o777).toBe(0o755);
  expect(await readdir(folder)).toEqual(['sidecar.mjs']);
});
