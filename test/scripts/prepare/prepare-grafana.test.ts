import { execFile } from 'node:child_process';
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import type { Release } from '../../../scripts/exporters/releases.ts';
import { prepareGrafana } from '../../../scripts/prepare/prepare-grafana.ts';
import { temporaryFolder } from '../../sidecar/sidecar-world.ts';
import { scratch, sha256 } from '../exporters/release-page.ts';

const FILE = 'grafana_13.2.3_linux.tar.gz';
const ARCH = process.arch === 'arm64' ? 'arm64' : 'amd64';

/** Nothing listens where its release page would be. */
const release = (artifacts: Release['locked']['artifacts']): Release => ({
  name: 'grafana',
  kind: 'host',
  path: 'infra/host/grafana/release.lock',
  locked: { version: '13.2.3', module: 'github.com/grafana/grafana', source: '127.0.0.1:9/{version}', artifacts },
});

/** A folder with an archive that is laid out like a release's, and the release that it is. */
async function archive() {
  const folder = await scratch();
  await mkdir(join(folder, 'grafana-13.2.3/bin'), { recursive: true });
  await writeFile(join(folder, 'grafana-13.2.3/bin/grafana'), 'a program', { mode: 0o755 });
  await promisify(execFile)('tar', ['-czf', FILE, 'grafana-13.2.3'], { cwd: folder });
  const bytes = await readFile(join(folder, FILE));
  return { folder, release: release({ [ARCH]: { file: FILE, size: bytes.length, sha256: sha256(bytes) } }) };
}

test('without a locked checksum there is none, and it is said how to lock one', async () => {
  const cache = await temporaryFolder();
  expect(await prepareGrafana(cache, {}, release({}))).toEqual({
    reason: 'no checksum of Grafana 13.2.3 is locked: npm run exporters -- lock grafana',
  });
  expect(await readdir(cache)).toEqual([]);
});

test('a release is unpacked once: then it is in the cache', async () => {
  const [cache, found] = [await temporaryFolder(), await archive()];
  const grafana = await prepareGrafana(cache, { PROMETHEUS_ON_EMR_ARTIFACTS: found.folder }, found.release);
  const folder = 'folder' in grafana ? grafana.folder : '';
  expect(await readFile(join(folder, 'bin/grafana'), 'utf8')).toBe('a program');
  expect(await readdir(folder)).toEqual(['bin']);
  expect(await prepareGrafana(cache, {}, found.release)).toEqual({ folder });
});

test('a release that no source has is no error: it is said who was asked, and nothing is kept', async () => {
  const [cache, found] = [await temporaryFolder(), await archive()];
  const nothing = await scratch();
  expect(await prepareGrafana(cache, { PROMETHEUS_ON_EMR_ARTIFACTS: nothing }, found.release)).toEqual({
    reason: expect.stringMatching(new RegExp(`^Grafana 13\\.2\\.3: ${nothing}: .*, https://127\\.0\\.0\\.1:9: `)),
  });
  expect(await readdir(cache)).toEqual([]);
});

test('another file in its place is an error', async () => {
  const [cache, found, other] = [await temporaryFolder(), await archive(), await scratch()];
  await copyFile('package.json', join(other, FILE));
  await expect(prepareGrafana(cache, { PROMETHEUS_ON_EMR_ARTIFACTS: other }, found.release)).rejects.toMatchObject({
    name: 'ConfigError',
    message: expect.stringContaining('is not the locked file'),
  });
  expect(await readdir(cache)).toEqual([]);
});
