import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Fault } from '../../sandbox/account/faults.ts';
import { type Bodies, contentWorld, dashboard, keyOf, manifestOf, prices, rules } from './content-world.ts';
import { targetFile } from './sidecar-account.ts';

const OLD = { 'rules/a.rules.yml': rules('old'), 'dashboards/emr-fleet.json': dashboard('emr-fleet', 'old') };
const NEW = { 'rules/a.rules.yml': rules('new'), 'dashboards/emr-fleet.json': dashboard('emr-fleet', 'new') };

const FILE = keyOf('rules/a.rules.yml', NEW['rules/a.rules.yml']);

async function inUse() {
  const world = await contentWorld();
  world.publish(OLD);
  expect(await world.look()).toBe('same');
  world.lines.length = 0;
  return {
    ...world,
    /** Everything is as the old set has it: on disk, and in Prometheus. */
    isOld: async () => {
      expect(await world.inUse('rules/a.rules.yml')).toBe(rules('old'));
      expect(await world.inUse('dashboards/emr-fleet.json')).toBe(dashboard('emr-fleet', 'old'));
      expect(world.prometheus.state.loaded).toEqual({ 'a.rules.yml': rules('old') });
    },
    isNew: async () => {
      expect(await world.inUse('rules/a.rules.yml')).toBe(rules('new'));
      expect(world.prometheus.state.loaded).toEqual({ 'a.rules.yml': rules('new') });
      expect(await world.sets()).toHaveLength(1);
      const [current, loaded] = await world.links();
      expect(current).toBe(loaded);
    },
  };
}

const named = (path: string) => manifestOf(NEW, ([file, ...files]) => [{ ...file, path }, ...files]);

describe('a set that can never be used is refused as it is: counted, said once, and not asked for again', () => {
  test.each<[string, Bodies, string, string | undefined, RegExp]>([
    [
      'rules that promtool refuses',
      { 'rules/b.rules.yml': rules('BAD') },
      'rules',
      undefined,
      /^promtool refuses: rules\/b\.rules\.yml: 2:5: group "BAD": could not parse/,
    ],
    [
      'a dashboard that is not JSON',
      { 'dashboards/emr-fleet.json': '{\n  "uid": "emr-fleet"\n  "title": 1\n}' },
      'dashboard',
      undefined,
      /^dashboards\/emr-fleet\.json: not JSON: .*line 3/,
    ],
    [
      'a dashboard under another uid',
      { 'dashboards/emr-fleet.json': dashboard('emr-yarn') },
      'dashboard',
      undefined,
      /^dashboards\/emr-fleet\.json: uid is "emr-yarn"; expected "emr-fleet"$/,
    ],
    [
      'a dashboard without panels',
      { 'dashboards/emr-fleet.json': '{"uid":"emr-fleet","title":"x"}' },
      'dashboard',
      undefined,
      /^dashboards\/emr-fleet\.json: panels: /,
    ],
    [
      'a price with a typo',
      { 'prices.csv': prices('m5.xlarge,eu-west-1,SPOT,O.1') },
      'prices',
      undefined,
      /^prices\.csv line 2: usd_per_hour is "O\.1"; expected/,
    ],
    ['a manifest that is not JSON', {}, 'manifest', '{', /not JSON \(1 characters\)/],
    [
      'a manifest of a later version',
      {},
      'manifest',
      '{"schema":2,"files":[]}',
      /\[schema\] 1 expected: bring the sidecar up to date/,
    ],
    [
      'a manifest that names one file twice',
      {},
      'manifest',
      manifestOf(NEW, (files) => [...files, ...files]),
      /is named twice/,
    ],
    [
      'a manifest that names a file above content/',
      {},
      'manifest',
      named('../targets/j-A.json'),
      /\[files\.\d\.path\]/,
    ],
    [
      'a manifest that leads out of its folder',
      {},
      'manifest',
      named('rules/../../../etc/cron.d/x.yml'),
      /\[files\.\d\.path\]/,
    ],
    ['a manifest that names an absolute path', {}, 'manifest', named('/etc/passwd'), /\[files\.\d\.path\]/],
    ['a manifest that names a hidden file', {}, 'manifest', named('rules/.x.yml'), /\[files\.\d\.path\]/],
    ['a manifest that names a path with a line feed', {}, 'manifest', named('rules/a.yml\n'), /\[files\.\d\.path\]/],
    ['a manifest that names an option', {}, 'manifest', named('rules/--lint=all.yml'), /\[files\.\d\.path\]/],
    [
      'a manifest that names a huge file',
      {},
      'manifest',
      manifestOf(NEW, (files) => files.map((file) => ({ ...file, size: 3e9 }))),
      /\[files\.\d\.size\] at most/,
    ],
    [
      'a manifest of huge files together',
      {},
      'manifest',
      manifestOf(NEW, ([file]) =>
        Array.from({ length: 20 }, (_, n) => ({ ...file, path: `rules/${n}.yml`, size: 2_000_000 })),
      ),
      /40000000 bytes in all/,
    ],
    [
      'a manifest of too many files',
      {},
      'manifest',
      manifestOf(NEW, ([file]) => Array.from({ length: 501 }, (_, n) => ({ ...file, path: `rules/${n}.yml` }))),
      /at most 500 files/,
    ],
  ])('%s', async (_name, bodies, reason, manifest, words) => {
    const { publish, look, isOld, isNew, errors, calls, metrics, prometheus } = await inUse();
    publish({ ...NEW, ...bodies }, manifest);
    expect(await look()).toBe('failed');
    calls.length = 0;
    expect(await look()).toBe('failed');
    expect(calls).toEqual(['GetObject']);
    await isOld();
    expect(prometheus.state.reloads).toBe(1);
    expect(errors()).toEqual([expect.stringMatching(words)]);
    expect(await metrics('emr_sidecar_content_refused')).toEqual(['emr_sidecar_content_refused 1']);
    expect(await metrics('emr_sidecar_content_failures_total')).toEqual([
      `emr_sidecar_content_failures_total{reason="${reason}"} 2`,
    ]);
    publish(NEW);
    expect(await look()).toBe('same');
    await isNew();
    expect(await metrics('emr_sidecar_content_refused')).toEqual(['emr_sidecar_content_refused 0']);
  });
});

describe('a set that is not whole is looked at again, and taken once it is', () => {
  test.each<[string, (put: (key: string, body: string) => void, remove: (key: string) => void) => void, RegExp]>([
    [
      'a file is not there yet',
      (_put, remove) => remove(FILE),
      /^content\/[0-9a-f]{64}\/rules\/a\.rules\.yml is not there$/,
    ],
    ['a file is shorter than named', (put) => put(FILE, 'x'), /has 1 bytes; 22 expected$/],
    [
      'a file of that length has other bytes',
      (put) => put(FILE, rules('NEW')),
      /has another SHA-256 than content\/manifest\.json names$/,
    ],
    ['a file is longer than anything of ours', (put) => put(FILE, ' '.repeat(3_000_000)), /longer than 2097152 bytes/],
  ])('%s', async (_name, spoil, words) => {
    const { publish, put, remove, look, isOld, isNew, errors, metrics } = await inUse();
    publish(NEW);
    spoil(put, remove);
    expect(await look()).toBe('failed');
    await isOld();
    expect(errors()).toEqual([expect.stringMatching(words)]);
    expect(await metrics('emr_sidecar_content_refused')).toEqual(['emr_sidecar_content_refused 0']);
    publish(NEW);
    expect(await look()).toBe('same');
    await isNew();
  });
});

describe('when S3 fails the last good set stays, it is counted, and the next good look makes up for it', () => {
  test.each<[string, Fault, string]>([
    ['denied', { kind: 'error', status: 403, code: 'AccessDenied' }, 'config'],
    ['failing', { kind: 'error', status: 503, code: 'SlowDown' }, 'unavailable'],
    ['half a body', { kind: 'half' }, 'unavailable'],
    ['no answer', { kind: 'lost' }, 'unavailable'],
  ])('%s', async (_name, fault, reason) => {
    const { s3, publish, look, isOld, isNew, metrics, errors } = await inUse();
    publish(NEW);
    s3.faults.arm(fault, { operation: 'GetObject', skip: 1, times: 2 });
    expect(await look()).toBe('failed');
    await isOld();
    expect(errors()).toHaveLength(1);
    expect(await metrics('emr_sidecar_content_failures_total')).toEqual([
      `emr_sidecar_content_failures_total{reason="${reason}"} 1`,
    ]);
    s3.faults.clear();
    expect(await look()).toBe('same');
    await isNew();
  });
});

test('when the disk refuses, the last good set stays, targets are still synced, and it recovers', async () => {
  const { publish, put, look, sync, files, isOld, isNew, errors, content, restart } = await inUse();
  publish(NEW);
  put('targets/j-A.json', targetFile(1));
  await rename(join(content, 'sets'), join(content, 'away'));
  await writeFile(join(content, 'sets'), 'in the way');
  expect(await look()).toBe('failed');
  expect(await sync()).toBe('same');
  expect(await files()).toEqual({ 'j-A.json': targetFile(1) });
  expect(errors()[0]).toContain('ENOTDIR');
  await rm(join(content, 'sets'));
  await rename(join(content, 'away'), join(content, 'sets'));
  await isOld();
  await restart();
  expect(await look()).toBe('same');
  await isNew();
});
