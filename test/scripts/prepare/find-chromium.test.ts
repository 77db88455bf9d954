import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { browserPackages, findChromium } from '../../../scripts/prepare/find-chromium.ts';

test('a browser that is there is taken and nothing installed; without one its package is named', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'chromium-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const env = { PATH: `/nowhere:${folder}` };
  expect(browserPackages(env)).toEqual(['chromium']);
  expect(() => findChromium(env)).toThrow('apt-get install chromium');
  await writeFile(join(folder, 'google-chrome'), '');
  await chmod(join(folder, 'google-chrome'), 0o755);
  expect(browserPackages(env)).toEqual([]);
  expect(findChromium(env)).toBe(join(folder, 'google-chrome'));
});
