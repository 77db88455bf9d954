import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { prepareAlertmanager } from '../../../scripts/prepare/prepare-alertmanager.ts';
import { preparePrometheus } from '../../../scripts/prepare/prepare-prometheus.ts';
import { temporaryFolder } from '../../sidecar/sidecar-world.ts';

/** No network: the folder of artifacts comes first. */
async function withArtifact(content: string) {
  const artifacts = await temporaryFolder();
  for (const arch of ['amd64', 'arm64'])
    await writeFile(join(artifacts, `prometheus-3.15.0.linux-${arch}.tar.gz`), content);
  return { PROMETHEUS_ON_EMR_ARTIFACTS: artifacts };
}

test('a release that is not the pinned one is an error, and nothing of it is kept', async () => {
  const cache = await temporaryFolder();
  await expect(preparePrometheus(cache, await withArtifact('another one'))).rejects.toMatchObject({
    name: 'ConfigError',
    message: expect.stringContaining('SHA-256'),
  });
  expect(await readdir(cache)).toEqual([]);
});

test('what is in the cache is used as it is, and its pages with it', async () => {
  const cache = await temporaryFolder();
  const folder = join(cache, 'prometheus-3.15.0');
  await mkdir(join(folder, 'web'), { recursive: true });
  for (const name of ['prometheus', 'promtool']) await writeFile(join(folder, name), '');
  expect(await preparePrometheus(cache, await withArtifact('not looked at'))).toEqual({
    prometheus: join(folder, 'prometheus'),
    promtool: join(folder, 'promtool'),
    flags: [`--web.local-assets=${folder}/web/`],
  });
});

test('an Alertmanager in the cache is used with its tool', async () => {
  const cache = await temporaryFolder();
  const folder = join(cache, 'alertmanager-0.34.1');
  await mkdir(folder);
  for (const name of ['alertmanager', 'amtool']) await writeFile(join(folder, name), '');
  expect(await prepareAlertmanager(cache)).toEqual({
    alertmanager: join(folder, 'alertmanager'),
    amtool: join(folder, 'amtool'),
  });
});
