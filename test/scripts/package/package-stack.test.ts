import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { lockFile, packageStack, refuseStaleFiles } from '../../../scripts/package/package-stack.ts';
import { ConfigError } from '../../../shared/core/errors.ts';

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'package-stack-'));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

test("EXPORTERS_LOCK selects one file in place of the folders' locks; empty is not given", () => {
  expect(lockFile({ EXPORTERS_LOCK: '/elsewhere/exporters.lock' })).toBe('/elsewhere/exporters.lock');
  expect(lockFile({ EXPORTERS_LOCK: '' })).toBeUndefined();
});

test('what osls refuses is said in its own words, and what it had been given is there and not stale', async () => {
  const empty = await folder(); // no serverless.yml
  const packaging = packageStack(empty, lockFile({}), []);
  await expect(packaging).rejects.toThrow(/^osls package: Error:\nThis command can only be run in a service directory/);
  await expect(packaging).rejects.toBeInstanceOf(ConfigError);
  await expect(refuseStaleFiles(empty)).resolves.toBeUndefined();
});

test('settings of another day are refused, with what to do', async () => {
  const stale = await folder();
  await mkdir(join(stale, 'build'));
  await writeFile(join(stale, 'build/settings.json'), '{}\n');
  await expect(refuseStaleFiles(stale)).rejects.toThrow(
    /^build\/settings\.json is older .* run npm run package first$/,
  );
});
