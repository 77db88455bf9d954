import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../sandbox/demo/free-port.ts';
import { readContent } from '../../scripts/content/read-content.ts';
import { cacheFolder } from '../../scripts/cache-folder.ts';
import { preparePrometheus } from '../../scripts/prepare/prepare-prometheus.ts';
import { renderRecord } from '../../shared/core/record.ts';
import { aRecord } from '../core/sample-record.ts';
import { type Bodies, keyOf, manifestOf, prices, program } from '../sidecar/content-world.ts';
import { sidecarWorld, temporaryFolder, until } from '../sidecar/sidecar-world.ts';

/** What nobody should call a cluster. */
const NAME = 'a "quoted"\nname\\with {{ $labels }} <script>';

/** Seconds, for what hangs. */
const HANG = 240;

/** A real Prometheus over a sidecar's folders, and the sidecar with the real promtool. */
async function host(checker?: string) {
  const { prometheus, promtool, flags } = await preparePrometheus(cacheFolder(process.env));
  const home = await temporaryFolder();
  const content = join(home, 'content');
  const address = `127.0.0.1:${await freePort('127.0.0.1')}`;
  const metrics = `127.0.0.1:${await freePort('127.0.0.1')}`;
  const world = await sidecarWorld(
    `--directory=${home}`,
    `--content=${content}`,
    `--promtool=${checker ?? promtool}`,
    `--prometheus=http://${address}`,
  );
  await mkdir(join(home, 'data'));
  await writeFile(
    join(home, 'prometheus.yml'),
    `global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: ['${content}/current/rules/*.yml']
scrape_configs:
  - { job_name: emr, file_sd_configs: [{ files: ['${home}/targets/*.json'] }] }
  - { job_name: sidecar, honor_labels: true, static_configs: [{ targets: ['${metrics}'] }] }
`,
  );
  const server = await serveText(metrics, async () => (await world.metrics('')).join('\n'));
  onTestFinished(() => void server.close());
  const start = async (): Promise<() => Promise<void>> => {
    const args = [
      `--config.file=${home}/prometheus.yml`,
      `--storage.tsdb.path=${home}/data`,
      `--web.listen-address=${address}`,
    ];
    const child = spawn(prometheus, [...args, '--web.enable-lifecycle', '--log.level=error', ...flags], {
      stdio: 'ignore',
    });
    const stop = async (): Promise<void> => {
      if (child.exitCode !== null) return;
      const ended = once(child, 'close');
      child.kill('SIGTERM');
      await ended;
    };
    onTestFinished(stop);
    await until(
      () =>
        get('/-/ready').then(
          (text) => (/ready/i.test(text) ? true : undefined),
          () => undefined,
        ),
      HANG,
    );
    return stop;
  };
  const get = async (path: string): Promise<string> => await (await fetch(`http://${address}${path}`)).text();
  return {
    ...world,
    home,
    start,
    look: () => world.content().sync(),
    publish: (bodies: Bodies): void => {
      for (const [path, body] of Object.entries(bodies)) world.put(keyOf(path, body), body);
      world.put('content/manifest.json', manifestOf(bodies));
    },
    groups: async (): Promise<readonly string[]> => {
      const { data } = JSON.parse(await get('/api/v1/rules')) as { data: { groups: { name: string }[] } };
      return data.groups.map(({ name }) => name).sort();
    },
    query: async (expression: string) => {
      const { data } = JSON.parse(await get(`/api/v1/query?query=${encodeURIComponent(expression)}`)) as {
        data: { result: { metric: Readonly<Record<string, string>>; value: [number, string] }[] };
      };
      return data.result;
    },
    reloaded: async () => /^prometheus_config_last_reload_successful (\d)$/m.exec(await get('/metrics'))?.[1],
  };
}

async function serveText(address: string, text: () => Promise<string>) {
  const [host_ = '', port] = address.split(':');
  const server = createServer(
    (_request, response) =>
      void text().then((body) => response.setHeader('content-type', 'text/plain; version=0.0.4').end(`${body}\n`)),
  );
  await new Promise<void>((resolve) => void server.listen(Number(port), host_, resolve));
  return server;
}

const group = (name: string, expr = 'vector(1)'): string =>
  `groups:\n  - name: ${name}\n    rules:\n      - { record: emr_test, expr: '${expr}' }\n`;

test('a real Prometheus loads what is published, keeps it through a bad set and its own absence, and starts with it', async () => {
  const { publish, look, start, groups, query, reloaded, lines } = await host();
  const stop = await start();
  publish({ 'rules/a.yml': group('good') });
  expect(await look()).toBe('same');
  expect(await groups()).toEqual(['good']);

  publish({ 'rules/a.yml': group('bad', 'sum(rate(') });
  expect(await look()).toBe('failed');
  expect([await groups(), await reloaded()]).toEqual([['good'], '1']);
  expect(lines.at(-1)?.fields['error']).toMatch(
    /^promtool refuses: rules\/a\.yml: \d+:\d+: .*could not parse expression/,
  );

  await stop();
  publish({ 'rules/a.yml': group('better') });
  expect(await look()).toBe('failed');
  await start();
  expect(await groups()).toEqual(['good']);
  expect(await look()).toBe('same');
  expect(await groups()).toEqual(['better']);
  await until(async () => ((await query('emr_test')).length > 0 ? true : undefined), HANG);
});

test('what promtool lets pass and Prometheus refuses is taken back; with a broken configuration the new set waits', async () => {
  const { home, publish, look, start, groups, reloaded, lines } = await host(await program('#!/bin/sh\nexit 0\n'));
  await start();
  publish({ 'rules/a.yml': group('good') });
  expect(await look()).toBe('same');
  publish({ 'rules/a.yml': group('bad', 'sum(rate(') });
  expect(await look()).toBe('failed');
  expect([await groups(), await reloaded()]).toEqual([['good'], '1']);
  expect(lines.at(-1)?.fields['error']).toMatch(/^Prometheus refuses /);

  const config = await readFile(join(home, 'prometheus.yml'), 'utf8');
  await writeFile(join(home, 'prometheus.yml'), 'nonsense: 1\n');
  publish({ 'rules/a.yml': group('better') });
  expect(await look()).toBe('failed');
  expect(lines.at(-1)?.fields['error']).toMatch(
    /^Prometheus refuses its configuration with the last good content, too/,
  );
  expect(await groups()).toEqual(['good']);
  await writeFile(join(home, 'prometheus.yml'), config);
  expect(await look()).toBe('same');
  expect([await groups(), await reloaded()]).toEqual([['better'], '1']);
});

test('everything that this checkout ships is taken by a real Prometheus, with prices, and names of any characters come through', async () => {
  const { publish, put, look, sync, readStatuses, start, groups, query, metrics } = await host();
  await start();
  const files = await readContent({ root: process.cwd(), promtool: undefined, say: () => undefined });
  publish({
    ...Object.fromEntries(files.map(({ path, text }) => [path, text])),
    'prices.csv': prices('m5.xlarge,eu-west-1,SPOT,0.08'),
  });
  put('clusters/j-1.json', renderRecord(aRecord({ clusterId: 'j-1', name: NAME })));
  put('targets/j-1.json', JSON.stringify([{ targets: ['127.0.0.1:9'], labels: { job: 'node', cluster_name: NAME } }]));
  expect(await look()).toBe('same');
  expect((await groups()).length).toBeGreaterThan(5);
  await sync();
  await readStatuses();
  const named = async (expression: string) => {
    const found = await query(expression);
    return found.length > 0 ? found[0] : undefined;
  };
  const price = await until(() => named('emr_instance_price_usd_per_hour{market="SPOT",region="eu-west-1"}'), HANG);
  expect([price.metric['instance_type'], price.value[1]]).toEqual(['m5.xlarge', '0.08']);
  expect((await until(() => named('emr_cluster_info'), HANG)).metric['cluster_name']).toBe(NAME);
  expect((await until(() => named('up{job="node"}'), HANG)).metric['cluster_name']).toBe(NAME);
  const dashboards = files.filter(({ path }) => path.startsWith('dashboards/')).length;
  expect(await metrics('emr_sidecar_content_files{kind="dashboards"}')).toEqual([
    `emr_sidecar_content_files{kind="dashboards"} ${dashboards}`,
  ]);
});
