import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { startChild } from '../../sandbox/demo/child.ts';
import { freePort } from '../../sandbox/demo/free-port.ts';
import { untilReady } from '../../sandbox/demo/until-ready.ts';
import { cacheFolder } from '../../scripts/cache-folder.ts';
import { type Prometheus, preparePrometheus } from '../../scripts/prepare/prepare-prometheus.ts';

const run = promisify(execFile);
const HOST = '127.0.0.1';
let build: Prometheus;
beforeAll(async () => {
  build = await preparePrometheus(cacheFolder(process.env));
}, 900_000);

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'scrape-'));
  onTestFinished(async () => await rm(folder, { recursive: true }));
  return folder;
}

/** What to add, as docs/prometheus.md says it. */
async function threeLines(): Promise<string> {
  const [, lines = ''] =
    /```yaml\n(scrape_config_files:[^`]*)```/.exec(await readFile('docs/prometheus.md', 'utf8')) ?? [];
  return lines;
}

/** /etc/prometheus/emr of somebody who followed docs/prometheus.md, with targets in a folder of their own. */
async function follow(interval?: string, sidecar = '127.0.0.1:9199') {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'targets'));
  await cp('infra/prometheus/rules', join(folder, 'emr/rules'), { recursive: true });
  const scrape = (await readFile('infra/prometheus/scrape.yml', 'utf8'))
    .replaceAll('/var/lib/prometheus-on-emr/targets', join(folder, 'targets'))
    .replaceAll('127.0.0.1:9199', sidecar)
    .replaceAll(/(scrape_(?:interval|timeout)): \d+s/g, interval === undefined ? '$&' : `$1: ${interval}`);
  await writeFile(join(folder, 'emr/scrape.yml'), scrape);
  const config = join(folder, 'prometheus.yml');
  const added = (await threeLines()).replaceAll('/etc/prometheus/', `${folder}/`);
  await writeFile(config, `global:\n  scrape_interval: 1m\nscrape_configs: []\n${added}`);
  return { folder, config };
}

test('promtool takes the configuration of our own host', async () => {
  const folder = await temporaryFolder();
  await cp('infra/prometheus', folder, { recursive: true });
  const file = join(folder, 'prometheus.yml');
  await writeFile(file, (await readFile(file, 'utf8')).replace(/\/\S+\/rules\/\*\S*/, `${folder}/rules/*.rules.yml`));
  const { stdout } = await run(build.promtool, ['check', 'config', file]);
  expect(stdout).toMatch(/SUCCESS: .*prometheus\.yml is valid/);
  expect(stdout).toMatch(/SUCCESS: \d+ rules found/);
});

test('the three lines of docs/prometheus.md are three, and promtool says of them what the page promises', async () => {
  expect((await threeLines()).trim().split('\n')).toHaveLength(3);
  const { config } = await follow();
  const { stdout } = await run(build.promtool, ['check', 'config', config]);
  expect(stdout).toMatch(/SUCCESS: .*prometheus\.yml is valid/);
  const [, promised] = /end with `(SUCCESS: [^`]*)`/.exec(await readFile('docs/prometheus.md', 'utf8')) ?? [];
  expect(stdout).toContain(promised);
});

/** With its metric's name and those of its target, job, instance and cluster_id, a sample has so many labels. */
const labels = (count: number, first = 'l="1"'): string =>
  `page_lines{${[first, ...Array.from({ length: count - 5 }, (_, n) => `l${n}="1"`)].join(',')}} 1\n`;
const samples = (count: number): string => Array.from({ length: count }, (_, n) => `page_lines{n="${n}"} 1\n`).join('');

/** One page each; Prometheus asks for it by the port that the target file says. */
const PAGES: Readonly<Record<string, { readonly job: string; readonly page: string; readonly to?: string }>> = {
  good: { job: 'node', page: 'page_lines 1\n' },
  further: { job: 'hello', page: 'page_lines 1\n' },
  full: { job: 'jmx', page: samples(5000) },
  'one too many': { job: 'jmx', page: samples(5001) },
  'a long label': { job: 'graphite', page: `page_lines{l="${'x'.repeat(2049)}"} 1\n` },
  'a long name': { job: 'graphite', page: `page_lines{${'l'.repeat(201)}="1"} 1\n` },
  'many labels': { job: 'graphite', page: labels(65) },
  'a long page': { job: 'node', page: `page_lines 1\n# ${'x'.repeat(32 * 1024 * 1024)}\n` },
  'all that a sample may have': { job: 'graphite', page: labels(64, `${'l'.repeat(200)}="${'x'.repeat(2048)}"`) },
  'a redirect': { job: 'node', page: '', to: '/other' },
  'half a page': { job: 'node', page: 'page_lines 1\npage_li' },
  'an hour ago': { job: 'node', page: `page_lines 1 ${Date.now() - 3_600_000}\n` },
  sidecar: { job: '', page: 'emr_node_leaving{cluster_id="j-1",instance="i-1"} 1\n' },
};

async function serve(name: string): Promise<{ readonly targets: readonly [string]; readonly labels: object }> {
  const { job = '', page = '', to } = PAGES[name] ?? {};
  const zipped = gzipSync(page); // as Prometheus asks for it: its limits are of what comes out
  const server: Server = createServer(({ url }, response) => {
    if (to !== undefined && url !== to) response.writeHead(302, { location: to });
    else response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4', 'content-encoding': 'gzip' });
    response.end(to !== undefined && url === to ? gzipSync('page_lines 1\n') : zipped);
  });
  await new Promise<void>((done) => {
    server.listen(0, HOST, done);
  });
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { targets: [`${HOST}:${port}`], labels: { job, instance: name, cluster_id: 'j-1' } };
}

test('a Prometheus with these lines has every job, and a target that is over a limit, leads elsewhere or is cut off is the only one it loses', async () => {
  const { targets } = await serve('sidecar');
  const { folder, config } = await follow('1s', ...targets);
  const groups = await Promise.all(
    Object.keys(PAGES)
      .filter((name) => name !== 'sidecar')
      .map(serve),
  );
  await writeFile(join(folder, 'targets/j-1.json'), JSON.stringify(groups));
  const address = `${HOST}:${await freePort(HOST)}`;
  const flags = [`--config.file=${config}`, `--storage.tsdb.path=${folder}/data`, `--web.listen-address=${address}`];
  const child = startChild([build.prometheus, ...build.flags, ...flags], {
    env: {},
    log: join(folder, 'log'),
    onExit: () => undefined,
  });
  onTestFinished(async () => await child.stop());
  await untilReady('Prometheus', `http://${address}`, join(folder, 'log'));
  const ask = async (query: string): Promise<ReadonlyMap<string, string>> => {
    const response = await fetch(`http://${address}/api/v1/query?query=${encodeURIComponent(query)}`);
    const { data } = (await response.json()) as {
      data: { result: readonly { metric: { instance: string }; value: readonly [number, string] }[] };
    };
    return new Map(data.result.map(({ metric, value }) => [metric.instance, value[1]]));
  };
  const asked = 'count_over_time(up{cluster_id="j-1"}[5m]) >= 2';
  await expect.poll(async () => (await ask(asked)).size).toBe(groups.length);
  // Ever: a good page is late, too, when one of us is kept from running for a second.
  const answers = (query: string) => async () => Object.fromEntries(await ask(query));
  await expect.poll(answers('max_over_time(up{cluster_id="j-1"}[5m])')).toEqual({
    good: '1',
    further: '1',
    full: '1',
    'one too many': '0',
    'a long label': '0',
    'a long name': '0',
    'many labels': '0',
    'a long page': '0',
    'all that a sample may have': '1',
    'a redirect': '0',
    'half a page': '0',
    'an hour ago': '1',
  });
  await expect.poll(answers('count by (instance) (last_over_time(page_lines[5m]))')).toEqual({
    good: '1',
    further: '1',
    full: '5000',
    'all that a sample may have': '1',
    'an hour ago': '1', // by the clock of Prometheus
  });
  // The sidecar's own labels are kept: alerts join by them.
  const leaving = 'last_over_time(emr_node_leaving{job="prometheus-on-emr-sidecar"}[5m])';
  await expect.poll(answers(leaving)).toEqual({ 'i-1': '1' });
});
