import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { contentWorld, rules } from '../sidecar/content-world.ts';
import { targetFile } from '../sidecar/sidecar-account.ts';
import { sidecarWorld, temporaryFolder } from '../sidecar/sidecar-world.ts';

const run = promisify(execFile);

/** A sidecar whose folder is a file system of its own, with j-A of 100 nodes on it. */
async function onSmallDisk() {
  const home = await temporaryFolder();
  await run('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', home]);
  const world = await sidecarWorld('--directory', home);
  onTestFinished(async () => void (await run('umount', [home])));
  world.put('targets/j-A.json', targetFile(100));
  world.put('targets/j-B.json', targetFile(1));
  world.put('targets/j-C.json', targetFile(1));
  await world.sync();
  world.lines.length = 0;
  world.put('targets/j-A.json', targetFile(200));
  return { ...world, before: await world.files() };
}

const DISK_FAILURE = 'emr_sidecar_sync_failures_total{reason="disk"} ';

test('on a full disk the files stay as they are, it is counted and said once, and removals still work', async () => {
  const { home, before, put, remove, sync, files, lines, metrics } = await onSmallDisk();
  const ballast = join(home, 'ballast');
  await expect(writeFile(ballast, Buffer.alloc(1_000_000))).rejects.toThrow('ENOSPC');
  expect(await sync()).toBe('failed');
  await sync();
  expect(await files()).toEqual(before);
  expect(lines.map(({ level, fields }) => [level, fields['error']])).toEqual([
    ['error', expect.stringContaining('ENOSPC')],
  ]);
  expect(await metrics('emr_sidecar_sync_failures_total')).toEqual([`${DISK_FAILURE}2`]);
  put('ended/j-B.json', '{}');
  remove('targets/j-B.json');
  await sync();
  expect(Object.keys(await files())).toEqual(['j-A.json', 'j-C.json']);
  await rm(ballast);
  expect(await sync()).toBe('same');
  expect((await files())['j-A.json']).toBe(targetFile(200));
});

test('in a read-only folder the files stay as they are, it is counted and said, and it recovers', async () => {
  const { home, before, put, remove, sync, files, lines, metrics } = await onSmallDisk();
  put('ended/j-B.json', '{}');
  remove('targets/j-B.json');
  await run('mount', ['-o', 'remount,bind,ro', home]);
  expect(await sync()).toBe('failed');
  await sync();
  expect(await files()).toEqual(before);
  expect(lines.map(({ fields }) => fields['error'])).toEqual([
    expect.stringContaining('EROFS'),
    expect.stringContaining('EROFS'),
  ]);
  expect(await metrics('emr_sidecar_sync_failures_total')).toEqual([`${DISK_FAILURE}4`]);
  await run('mount', ['-o', 'remount,bind,rw', home]);
  expect(await sync()).toBe('same');
  expect(await files()).toEqual({ 'j-A.json': targetFile(200), 'j-C.json': targetFile(1) });
});

test('on a full disk the last good rules stay in use, it is counted and said once, and the new ones follow when there is room', async () => {
  const home = await temporaryFolder();
  await run('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', home]);
  const { publish, look, inUse, prometheus, errors, metrics, sets } = await contentWorld(undefined, home);
  onTestFinished(async () => void (await run('umount', [home])));
  publish({ 'rules/a.yml': rules('old') });
  expect(await look()).toBe('same');
  const ballast = join(home, 'ballast');
  await expect(writeFile(ballast, Buffer.alloc(1_000_000))).rejects.toThrow('ENOSPC');
  publish({ 'rules/a.yml': rules('new'), 'rules/b.yml': rules(`b\n#${'x'.repeat(50_000)}`) });
  expect([await look(), await look()]).toEqual(['failed', 'failed']);
  expect(await inUse('rules/a.yml')).toBe(rules('old'));
  expect([prometheus.state.reloads, await sets()]).toEqual([1, [expect.any(String)]]);
  expect(errors()).toEqual([expect.stringContaining('ENOSPC')]);
  expect(await metrics('emr_sidecar_content_failures_total')).toEqual([
    'emr_sidecar_content_failures_total{reason="disk"} 2',
  ]);
  await rm(ballast);
  // What failed twice is put off for one look.
  expect([await look(), await look()]).toEqual(['failed', 'same']);
  expect(prometheus.state.loaded['a.yml']).toBe(rules('new'));
});
