import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { writeConfig } from '../../../sandbox/demo/prometheus-config.ts';

const OVERRIDES = {
  targets: '/home/targets',
  content: '/home/content',
  addresses: { prometheus: '10.0.0.1:1000', 'prometheus-on-emr-sidecar': '10.0.0.1:2000' },
  interval: 5,
};

interface Config {
  readonly scrape_configs: readonly ({ readonly job_name: string } & Readonly<Record<string, unknown>>)[];
}

const read = async (folder: string, name: string): Promise<Config> =>
  parse(await readFile(join(folder, name), 'utf8')) as Config;

/** What the demo is shown by is what is shipped, limits and relabelling too. */
test('the demo changes how often is asked, folders and addresses of the shipped configuration, and leaves out what does not run', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'config-'));
  onTestFinished(async () => await rm(folder, { recursive: true }));
  expect(await writeConfig(folder, OVERRIDES)).toBe(join(folder, 'prometheus.yml'));
  const [shipped, host] = [await read('infra/prometheus', 'prometheus.yml'), await read(folder, 'prometheus.yml')];
  const pace = { scrape_interval: '5s', scrape_timeout: '5s' };
  expect(host).toEqual({
    ...shipped,
    global: { ...pace, evaluation_interval: '5s', external_labels: { monitor: 'emr' } },
    rule_files: ['/home/content/current/rules/*.yml'],
    alerting: { alertmanagers: [] },
    scrape_configs: [{ job_name: 'prometheus', static_configs: [{ targets: ['10.0.0.1:1000'] }] }],
  });
  const scrape = await read('infra/prometheus', 'scrape.yml');
  expect((await read(folder, 'scrape.yml')).scrape_configs).toEqual(
    scrape.scrape_configs.map((pool) =>
      pool.job_name === 'prometheus-on-emr-sidecar'
        ? { ...pool, static_configs: [{ targets: ['10.0.0.1:2000'] }] }
        : { ...pool, ...pace, file_sd_configs: [{ files: ['/home/targets/*.json'] }] },
    ),
  );
});
