import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { readReleases } from '../../../scripts/exporters/releases.ts';
import { lockForHost } from '../../../scripts/host/lock-for-host.ts';
import { NOWHERE, releasePage, scratch, sha256 } from '../exporters/release-page.ts';

const quick = { attempts: 1, pause: async () => undefined };

/** A checkout with this Grafana alone, not locked. */
async function unlocked() {
  const folder = await scratch();
  const path = join(folder, 'infra/host/grafana/release.lock');
  await mkdir(dirname(path), { recursive: true });
  const files = { amd64: 'grafana_1.0.0_1_linux_amd64.tar.gz', arm64: 'grafana_1.0.0_1_linux_arm64.tar.gz' };
  const lock = { version: '1.0.0', module: 'github.com/grafana/grafana', checksums: '{file}.sha256', artifacts: {} };
  await writeFile(path, JSON.stringify({ ...lock, unlocked: files }));
  return { path, files, releases: await readReleases(undefined, folder) };
}

test('a release of the host without an official checksum is refused, with its lock and what locks it', async () => {
  const { releases, files } = await unlocked();
  const refused = lockForHost(releases, { say: () => undefined, releasePage: NOWHERE, ...quick });
  await expect(refused).rejects.toThrow(`${files.arm64} (`);
  await expect(refused).rejects.toThrow('grafana/release.lock) has no official checksum: ');
  await expect(refused).rejects.toThrow('npm run exporters -- lock grafana');
});

test('where the page has it, it is locked for good, and of the two architectures the host takes its own', async () => {
  const { releases, files, path } = await unlocked();
  const at = (file: string): string => `/grafana/grafana/releases/download/v1.0.0/${file}.sha256`;
  const page = await releasePage({ [at(files.arm64)]: sha256('grafana'), [at(files.amd64)]: sha256('other') });
  const said: string[] = [];
  const [locked] = await lockForHost(releases, { say: (line) => said.push(line), releasePage: page.url, ...quick });
  expect(locked?.locked.artifacts).toEqual({ arm64: { file: files.arm64, sha256: sha256('grafana') } });
  expect(said).toContainEqual(
    expect.stringContaining(`${files.arm64} is locked by its official checksum now: commit `),
  );
  const { artifacts } = JSON.parse(await readFile(path, 'utf8')) as { readonly artifacts: object };
  expect(Object.keys(artifacts)).toEqual(['amd64', 'arm64']);
});
