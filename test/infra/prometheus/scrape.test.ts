import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { readCatalogue } from '../../../infra/exporters/catalogue.ts';
import { renderScrapeConfigs } from '../../../infra/prometheus/scrape.ts';
import { parseMonitoringText, readMonitoring } from '../../../scripts/config/read-monitoring.ts';
import { OWN_LABELS } from '../../../shared/core/labels.ts';

interface Pool {
  readonly job_name: string;
  readonly scrape_interval: string;
  readonly scrape_timeout: string;
  readonly sample_limit: number;
  readonly relabel_configs?: readonly { readonly action: string; readonly regex: string }[];
  readonly static_configs?: readonly { readonly targets: readonly string[] }[];
}

const catalogue = await readCatalogue();
const poolsOf = (text: string): readonly Pool[] => (parse(text) as { scrape_configs: readonly Pool[] }).scrape_configs;
/** The pools of EMR's nodes. */
const of = (exporters: string): readonly Pool[] =>
  poolsOf(
    renderScrapeConfigs(parseMonitoringText(`exporters: ${exporters}`, 'monitoring.yml', catalogue), catalogue),
  ).filter(({ job_name: name }) => name.startsWith('emr-'));

test('scrape.yml is what monitoring.yml says: npm run config -- --write', async () => {
  const monitoring = await readMonitoring('monitoring.yml', catalogue);
  expect(await readFile('infra/prometheus/scrape.yml', 'utf8')).toBe(renderScrapeConfigs(monitoring, catalogue));
});

test('every exporter is asked every 15 s', () => {
  expect(of('{}').map(({ job_name: name, scrape_interval: every }) => `${name} ${every}`)).toEqual([
    'emr-graphite 15s',
    'emr-jmx 15s',
    'emr-node 15s',
    'emr-other 15s',
  ]);
});

test('an interval of monitoring.yml is that exporter’s alone, and no timeout is longer than its interval', () => {
  const pools = of('{ jmx: { scrapeInterval: 60s }, node: { scrapeInterval: 5s } }');
  expect(pools.map((pool) => [pool.job_name, pool.scrape_interval, pool.scrape_timeout])).toEqual([
    ['emr-graphite', '15s', '10s'],
    ['emr-jmx', '60s', '10s'],
    ['emr-node', '5s', '5s'],
    ['emr-other', '15s', '10s'],
  ]);
});

test('a target of any job is in one pool, and in no second', () => {
  const isIn = (job: string, { relabel_configs: [rule] = [] }: Pool): boolean =>
    (rule?.action === 'keep') === new RegExp(`^(?:${rule?.regex})$`).test(job);
  for (const job of ['node', 'jmx', 'graphite', 'hello', 'nodes'])
    expect([job, of('{}').filter((pool) => isIn(job, pool)).length]).toEqual([job, 1]);
});

const shipped = parse(await readFile('infra/prometheus/prometheus.yml', 'utf8')) as {
  readonly global: { readonly scrape_interval: string; readonly external_labels: Readonly<Record<string, string>> };
};

/** prometheus.yml of pxchen00/Prometheus-on-EMR's README.md (456644c). */
const ORIGINAL = {
  jobs: { Graphite_Exporter_Job: 'graphite', Node_Exporter_Job: 'node', Jmx_Exporter_Job: 'jmx' },
  labels: ['cluster_role', 'instance', 'cluster_id', 'service'],
};

test('every job of the original is an exporter here, asked as often, and its external label is there', () => {
  const pools = new Set(of('{}').map(({ job_name: name }) => name));
  for (const job of Object.values(ORIGINAL.jobs)) expect(pools).toContain(`emr-${job}`);
  expect(shipped.global).toMatchObject({ scrape_interval: '15s', external_labels: { monitor: 'emr' } });
});

test('every label of the original is on every target, before any tag is mapped by hand', async () => {
  const { labels } = await readMonitoring('monitoring.yml', catalogue);
  for (const label of ORIGINAL.labels) expect([...OWN_LABELS, ...Object.keys(labels)]).toContain(label);
});

test('no pool leaves a role out, names a host, or asks AWS: nothing but the label job decides, and files say the rest', () => {
  for (const { job_name: name, ...pool } of of('{}')) {
    expect([name, pool.relabel_configs]).toEqual([
      name,
      [{ source_labels: ['job'], action: expect.stringMatching(/^(?:keep|drop)$/), regex: expect.any(String) }],
    ]);
    const discoveries = Object.keys(pool).filter((key) => /_sd_configs$|^static_configs$/.test(key));
    expect([name, discoveries]).toEqual([name, ['file_sd_configs']]);
  }
});
