import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Fault, Match } from '../../sandbox/account/faults.ts';
import { MAX_FILE_BYTES } from '../../sidecar/plan-sync.ts';
import { targetFile } from './sidecar-account.ts';
import { sidecarWorld } from './sidecar-world.ts';

afterEach(() => void vi.useRealTimers());

/** Two files on disk; S3 has a newer version of j-A. */
async function inUse() {
  const world = await sidecarWorld();
  for (const id of ['A', 'B']) world.put(`targets/j-${id}.json`, targetFile(1));
  await world.sync();
  world.put('targets/j-A.json', targetFile(2));
  world.lines.length = 0;
  return world;
}

const before = { 'j-A.json': targetFile(1), 'j-B.json': targetFile(1) };
const after = { ...before, 'j-A.json': targetFile(2) };
const LIST: Match = { operation: 'ListObjectsV2', times: 4 };
const GET: Match = { operation: 'GetObject', times: 4 };
const denied: Fault = { kind: 'error', status: 403, code: 'AccessDenied' };
const down: Fault = { kind: 'error', status: 503, code: 'SlowDown' };

describe('when S3 fails, nothing is lost, it is counted and said once, and the next good pass makes up for it', () => {
  test.each<[string, Fault, Match, string, string, RegExp]>([
    ['LIST denied', denied, LIST, 'sync', 'config', /ListObjectsV2 monitoring\/targets\/: AccessDenied/],
    ['LIST failing', down, LIST, 'sync', 'unavailable', /SlowDown/],
    ['half a LIST', { kind: 'half' }, LIST, 'sync', 'unavailable', /ListObjectsV2/],
    ['LIST without answer', { kind: 'lost' }, LIST, 'sync', 'unavailable', /ListObjectsV2/],
    ['a missing bucket', { kind: 'error', status: 404, code: 'NoSuchBucket' }, LIST, 'sync', 'config', /NoSuchBucket/],
    ['GET denied', denied, GET, 'file', 'config', /GetObject monitoring\/targets\/j-A.json: AccessDenied/],
    ['GET failing', down, GET, 'file', 'unavailable', /SlowDown/],
    ['half a body', { kind: 'half' }, GET, 'file', 'unavailable', /GetObject/],
    ['GET without answer', { kind: 'lost' }, GET, 'file', 'unavailable', /GetObject/],
  ])('%s', async (_name, fault, match, counter, reason, message) => {
    const { s3, sync, files, lines, metrics } = await inUse();
    s3.faults.arm(fault, match);
    expect(await sync()).toBe('failed');
    const complaints = lines.length;
    await sync(); // a retry of the SDK's may have used up a fault
    expect(await files()).toEqual(before);
    expect(lines).toHaveLength(complaints);
    expect(lines[0]?.level).toBe('error');
    expect(lines[0]?.fields).toMatchObject({ reason, error: expect.stringMatching(message) });
    expect(await metrics(`emr_sidecar_${counter}_failures_total`)).toEqual([
      expect.stringMatching(new RegExp(`reason="${reason}"} [12]$`)),
    ]);
    s3.faults.clear();
    expect(await sync()).toBe('same');
    expect(await files()).toEqual(after);
    expect(lines.some(({ message: text }) => text.endsWith('again'))).toBe(true);
  });

  test('nobody listens any more', async () => {
    const { face, sync, files, lines, metrics } = await inUse();
    await face.close();
    expect(await sync()).toBe('failed');
    expect(await files()).toEqual(before);
    expect(lines.map(({ fields }) => fields['error'])).toEqual([expect.stringContaining('ECONNREFUSED')]);
    expect(await metrics('emr_sidecar_sync_failures_total')).toEqual([
      'emr_sidecar_sync_failures_total{reason="unavailable"} 1',
    ]);
  });

  test('ended/ denied: changes are taken over, and no file is removed', async () => {
    const { s3, put, remove, sync, files, metrics } = await inUse();
    put('ended/j-B.json', '{}');
    remove('targets/j-B.json');
    s3.faults.arm(denied, { operation: 'ListObjectsV2', skip: 1 });
    expect(await sync()).toBe('failed');
    expect(await files()).toEqual(after);
    expect(await metrics('emr_sidecar_sync_failures_total')).toEqual([
      'emr_sidecar_sync_failures_total{reason="config"} 1',
    ]);
  });

  test('a few files that cannot be read do not hold up the others, nor cost more than eight requests a pass', async () => {
    const { s3, put, sync, files, calls } = await sidecarWorld();
    for (let index = 10; index < 30; index += 1) put(`targets/j-BAD${index}.json`, targetFile(1));
    put('targets/j-GOOD.json', targetFile(1));
    s3.faults.arm(denied, { operation: 'GetObject', key: /BAD/, times: 1000 });
    await sync();
    await sync();
    await sync();
    expect(await files()).toEqual({ 'j-GOOD.json': targetFile(1) });
    expect(calls.filter((call) => call === 'GetObject').length).toBeLessThanOrEqual(3 * (8 + 4));
  });
});

describe('an object that is not a target file leaves the last good one in use', () => {
  test.each<[string, string | Uint8Array]>([
    ['half a file', targetFile(2).slice(0, 50)],
    ['an unknown key', '[{"targets":["a:1"],"labels":{},"source":"x"}]'],
    ['no text', Uint8Array.of(0x5b, 0x22, 0xff, 0x22, 0x5d)],
    ['50 MB', new Uint8Array(50_000_000).fill(0x20)],
    ['one byte over the limit', `${' '.repeat(MAX_FILE_BYTES - 1)}[]`],
  ])('%s', async (_name, body) => {
    const { put, sync, files, lines, metrics, calls } = await inUse();
    put('targets/j-A.json', body);
    expect(await sync()).toBe('refused');
    expect(await sync()).toBe('refused');
    expect(await files()).toEqual(before);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ level: 'error', fields: { clusterId: 'j-A', error: expect.any(String) } });
    expect(await metrics('emr_sidecar_files_refused')).toEqual(['emr_sidecar_files_refused 1']);
    expect(await metrics('emr_sidecar_file_failures_total')).toEqual([
      'emr_sidecar_file_failures_total{reason="unreadable"} 1',
    ]);
    const reads = calls.filter((call) => call === 'GetObject').length;
    expect(reads).toBe(body.length > MAX_FILE_BYTES ? 2 : 3);
    put('targets/j-A.json', targetFile(2));
    expect(await sync()).toBe('same');
    expect(await files()).toEqual(after);
    expect(await metrics('emr_sidecar_files_refused')).toEqual(['emr_sidecar_files_refused 0']);
  });

  test('the largest file that is allowed is taken over', async () => {
    const { put, sync, files } = await inUse();
    const body = `${' '.repeat(MAX_FILE_BYTES - 2)}[]`;
    put('targets/j-A.json', body);
    expect(await sync()).toBe('same');
    expect((await files())['j-A.json']).toBe(body);
  });
});

test.each([
  'targets/../../j-A.json',
  'targets/../j-A.json',
  'targets//etc/j-A.json',
  'targets/sub/j-A.json',
  'targets/j-a.json',
  'targets/j-A.json.json',
  'targets/j-.json',
  'targets/i-A.json',
  'targets/j-A.yml',
  'targets/',
  'targets/j-A.json\n',
])('the key %j is ignored, counted and said once', async (key) => {
  const { put, sync, home, files, lines, metrics } = await sidecarWorld();
  put(key, targetFile(1));
  expect(await sync()).toBe('same');
  await sync();
  expect(await files()).toEqual({});
  expect((await readdir(home)).sort()).toEqual(['drafts', 'targets']);
  expect(lines.map(({ message }) => message)).toEqual(['keys ignored, not targets/<cluster id>.json']);
  expect(await metrics('emr_sidecar_foreign_keys')).toEqual(['emr_sidecar_foreign_keys 1']);
});

describe('when the disk refuses', () => {
  test('the files stay, it is counted and said, reading stops at once, and the next good pass makes up for it', async () => {
    const { put, sync, files, home, lines, metrics, calls } = await inUse();
    for (let index = 0; index < 50; index += 1) put(`targets/j-C${index}.json`, targetFile(1));
    await rm(join(home, 'drafts'), { recursive: true });
    await writeFile(join(home, 'drafts'), 'in the way');
    calls.length = 0;
    expect(await sync()).toBe('failed');
    expect(await files()).toEqual(before);
    expect(calls.filter((call) => call === 'GetObject').length).toBeLessThanOrEqual(8);
    expect(lines.map(({ fields }) => fields['error'])).toEqual([expect.stringContaining('ENOTDIR')]);
    expect(await metrics('emr_sidecar_sync_failures_total')).toEqual([
      'emr_sidecar_sync_failures_total{reason="disk"} 1',
    ]);
    await rm(join(home, 'drafts'));
    await mkdir(join(home, 'drafts'));
    expect(await sync()).toBe('same');
    expect(await files()).toMatchObject(after);
  });
});

test.each([3, -3])('a wall clock that jumps by %d hours neither ends nor prolongs a hold', async (hours) => {
  const { put, remove, sync, pass, files } = await sidecarWorld();
  for (const id of ['A', 'B', 'C']) put(`targets/j-${id}.json`, targetFile(1));
  await sync();
  remove('targets/j-A.json');
  await sync();
  vi.setSystemTime(Date.now() + hours * 3_600_000);
  await sync();
  expect(Object.keys(await files())).toContain('j-A.json');
  pass(600_000);
  await sync();
  expect(Object.keys(await files())).toEqual(['j-B.json', 'j-C.json']);
});

test('an object deleted between LIST and GET is no failure', async () => {
  const { s3, put, sync } = await sidecarWorld();
  put('targets/j-A.json', targetFile(1));
  s3.faults.arm({ kind: 'error', status: 404, code: 'NoSuchKey' }, { operation: 'GetObject' });
  expect(await sync()).toBe('same');
});
