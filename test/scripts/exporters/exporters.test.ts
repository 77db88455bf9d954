import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { LockedExporter } from '../../../scripts/exporters/exporters-lock.ts';
import { exportersCommand } from '../../../scripts/exporters/exporters.ts';
import { cliWorld, runScript } from '../cli-world.ts';
import { aRelease, NOWHERE, releasePage, scratch } from './release-page.ts';

const node = aRelease();
const graphite = aRelease('graphite_exporter', '0.17.0');
const prometheus = aRelease('prometheus', '3.15.0');
const FILES = { ...node.files, ...prometheus.files };

let root: string;
beforeEach(async () => {
  root = await scratch();
  await write('infra/exporters/node/exporter.lock', { ...node.locked, license: 'Apache-2.0' });
  await write('infra/exporters/graphite/exporter.lock', graphite.unlocked);
  await write('infra/host/prometheus/release.lock', prometheus.locked);
});

async function write(path: string, locked: LockedExporter): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), JSON.stringify(locked));
}

async function exporters(line: string, page = NOWHERE, env: Readonly<Record<string, string>> = {}) {
  const lines: string[] = [];
  const code = await exportersCommand(line.split(' ').filter(Boolean), {
    env: { PROMETHEUS_ON_EMR_CACHE: join(root, 'cache'), ...env },
    print: (text) => void lines.push(...text.split('\n')),
    root,
    releasePage: page,
    pause: async () => undefined,
  });
  return { code, lines };
}

describe('list', () => {
  test('shows the version, licence, source and files of every release, and what is not locked', async () => {
    const { lines } = await exporters('');
    const words = lines.map((line) => line.split(/\s+/).filter(Boolean));
    expect(words).toContainEqual([
      'node',
      '1.12.1',
      'Apache-2.0',
      'nodes',
      'https://github.com/prometheus/node_exporter/releases/tag/v1.12.1',
    ]);
    const { file, size, sha256 } = node.artifact('arm64');
    expect(words).toContainEqual([file, String(size), sha256]);
    expect(words).toContainEqual([graphite.file('amd64'), 'not', 'locked']);
    expect(words.map(([name]) => name)).toContain('prometheus');
  });
});

describe('lock', () => {
  test('says what it locked, what it could not, and ends with 1 where something stays unlocked', async () => {
    const page = await releasePage({ [graphite.list]: graphite.sums, [node.list]: node.sums });
    const { code, lines } = await exporters('lock', page.url);
    expect(code).toBe(0);
    expect(lines).toContainEqual(
      expect.stringMatching(/^graphite_exporter.*amd64.* is locked: \w{64}; commit .*graphite\/exporter\.lock$/),
    );
    expect(lines).toContainEqual(
      expect.stringMatching(/^prometheus.*amd64.* stays locked, and was not compared: .*404$/),
    );
    await write('infra/exporters/graphite/exporter.lock', graphite.unlocked);
    const again = await exporters('lock graphite');
    expect(again.code).toBe(1);
    expect(again.lines).toContainEqual(
      expect.stringMatching(/^graphite_exporter.*amd64.* stays unlocked \(.*\): http.*sha256sums\.txt/),
    );
  });

  test('of a version writes that version', async () => {
    const next = aRelease('node_exporter', '1.13.0');
    const page = await releasePage({ [next.list]: next.sums });
    expect((await exporters('lock node=1.13.0', page.url)).code).toBe(0);
    expect(page.asked).toEqual(['GET sha256sums.txt', `HEAD ${next.file('amd64')}`, `HEAD ${next.file('arm64')}`]);
    expect(JSON.parse(await readFile(join(root, 'infra/exporters/node/exporter.lock'), 'utf8'))).toMatchObject({
      version: '1.13.0',
      license: 'Apache-2.0',
      artifacts: { arm64: { file: next.file('arm64') } },
    });
  });
});

test('fetch brings what is locked and names what is not; verify finds a file that was changed since', async () => {
  const page = await releasePage(FILES);
  const fetched = await exporters('fetch', page.url);
  expect(fetched.lines).toContain(
    `${graphite.file('arm64')} is left out: it is not locked (npm run exporters -- lock graphite)`,
  );
  const verified = await exporters('verify node');
  expect([verified.code, verified.lines.filter((line) => line.startsWith('ok')).length]).toEqual([0, 2]);
  expect(verified.lines).toContain('the bucket was not looked at: name --stage or --bucket');

  await writeFile(join(root, 'cache/releases/artifacts/node/1.12.1', node.file('amd64')), 'changed');
  const changed = await exporters('verify node');
  expect(changed.code).toBe(1);
  expect(changed.lines).toContainEqual(expect.stringMatching(/^WRONG node_exporter.*amd64.*: 7 bytes, expected/));
});

test("publish fetches what is missing and puts it into the stack's bucket, and verify looks there, too", async () => {
  const { account, bucket } = await cliWorld();
  const page = await releasePage(FILES);
  const before = await exporters('verify --stage dev node', page.url);
  expect(before.code).toBe(1);
  expect(before.lines).toContainEqual(
    expect.stringMatching(/^WRONG node_exporter.*: is not there: npm run exporters -- publish$/),
  );

  const key = `artifacts/node/1.12.1/${node.file('amd64')}`;
  expect((await exporters('publish node', page.url)).lines).toContain(`s3://${bucket}/${key}: uploaded`);
  expect((await exporters('publish node', page.url)).lines).toContain(`s3://${bucket}/${key}: was there`);
  expect((await exporters(`verify node --bucket ${bucket}`)).code).toBe(0);
  expect(account.s3.list(bucket, { prefix: 'artifacts/' }).objects).toHaveLength(2);
});

test('publish into a bucket that does not exist fetches nothing', async () => {
  await cliWorld();
  const page = await releasePage(FILES);
  await expect(exporters('publish node --bucket no-such-bucket', page.url)).rejects.toThrow(
    /^the bucket does not exist/,
  );
  expect(page.asked).toEqual([]);
});

describe('what was given wrongly is refused with how it is right, before anything is asked or written', () => {
  test.each<[string, RegExp]>([
    ['install', /^install: no such command\n\nnpm run exporters -- \[list/],
    ['fetch nod', /^nod is in no lock; there are graphite, node, prometheus$/],
    ['fetch node=1.13.0', /^a version is named to lock only/],
    ['lock node=latest', /^node=latest: a version is three numbers, node=1\.2\.3$/],
    ['lock node=', /^node=: a version is three numbers/],
    ['fetch --force', /--force/],
  ])('%s', async (line, why) => {
    await expect(exporters(line)).rejects.toThrow(why);
  });

  test('lock with EXPORTERS_LOCK', async () => {
    const lock = join(root, 'own.lock');
    await writeFile(lock, JSON.stringify({ node: node.locked }));
    await expect(exporters('lock', NOWHERE, { EXPORTERS_LOCK: lock })).rejects.toThrow(/^EXPORTERS_LOCK is for tests/);
  });

  test('an option that npm kept for itself', async () => {
    await expect(exporters('publish', NOWHERE, { npm_config_stage: 'prod' })).rejects.toThrow(
      /npm run exporters -- --stage/,
    );
  });

  test('a lock that is no JSON', async () => {
    await writeFile(join(root, 'infra/exporters/node/exporter.lock'), '<<<<<<< HEAD');
    await expect(exporters('list')).rejects.toThrow(/^infra\/exporters\/node\/exporter\.lock is not JSON/);
  });
});

test('npm run exporters shows the catalogue of this checkout', async () => {
  const { code, stdout } = await runScript('exporters', []);
  expect(code).toBe(0);
  for (const name of ['node', 'jmx', 'graphite', 'prometheus', 'alertmanager']) {
    expect(stdout).toMatch(new RegExp(`^${name} +\\d+\\.\\d+\\.\\d+ +Apache-2\\.0 `, 'm'));
  }
});
