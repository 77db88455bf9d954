import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { startGrafana } from '../../../sandbox/demo/grafana.ts';
import { temporaryFolder } from '../../sidecar/sidecar-world.ts';
import { startedWith, writeStandIn } from './stand-in-grafana.ts';

const ADDRESSES = { prometheus: { url: 'http://10.0.0.1:9090' }, alertmanager: 'http://127.0.0.1:9093' };

interface Source {
  readonly type: string;
  readonly url: string;
  readonly jsonData: Readonly<Record<string, unknown>>;
}

async function start(program?: string) {
  const [folder, home] = [await temporaryFolder(), await temporaryFolder()];
  await writeStandIn(folder, program);
  const closing = new AsyncDisposableStack();
  onTestFinished(async () => await closing.disposeAsync());
  return { folder, home, closing, url: await startGrafana(ADDRESSES, { folder, home }, closing) };
}

const read = async (file: string): Promise<unknown> => parse(await readFile(file, 'utf8'));

test('it is started from its own folder, for whoever opens it, and asks the internet nothing', async () => {
  const { folder, home, url } = await start();
  const { args, env } = await startedWith(url);
  expect(args).toEqual(['server', '--homepath', folder]);
  expect(env).toMatchObject({
    GF_SERVER_HTTP_ADDR: '127.0.0.1',
    GF_PATHS_DATA: join(home, 'grafana/data'),
    GF_PATHS_PLUGINS: join(home, 'grafana/plugins'),
    GF_AUTH_ANONYMOUS_ENABLED: 'true',
    GF_ANALYTICS_REPORTING_ENABLED: 'false',
    GF_ANALYTICS_CHECK_FOR_UPDATES: 'false',
    GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES: 'false',
    GF_PLUGINS_PREINSTALL_DISABLED: 'true',
  });
});

test('it has the data sources that our own host has, but for CloudWatch, with the addresses of the demo', async () => {
  const { env } = await startedWith((await start()).url);
  const { datasources } = (await read(join(env['GF_PATHS_PROVISIONING'] ?? '', 'datasources/demo.yml'))) as {
    readonly datasources: readonly Source[];
  };
  const host = (await read('infra/host/grafana/datasources/datasources.yml')) as {
    readonly datasources: readonly (Source & { readonly editable: boolean })[];
  };
  const urls = [ADDRESSES.prometheus.url, ADDRESSES.alertmanager];
  const expected = host.datasources
    .filter(({ type }) => type !== 'cloudwatch')
    .map(({ editable: _, ...source }, index) => ({ ...source, url: urls[index], jsonData: expect.anything() }));
  expect(datasources).toEqual(expected);
  // The demo asks its targets every 5 s.
  expect(datasources.map(({ jsonData }) => jsonData)).toEqual([
    { timeInterval: '5s' },
    { implementation: 'prometheus' },
  ]);
});

test('its dashboards are those that the sidecar brought, and Fleet is the first page, as on our own host', async () => {
  const { home, url } = await start();
  const { env } = await startedWith(url);
  const dashboards = join(home, 'sidecar/content/current/dashboards');
  expect(await read(join(env['GF_PATHS_PROVISIONING'] ?? '', 'dashboards/demo.yml'))).toEqual({
    apiVersion: 1,
    providers: [{ name: 'demo', type: 'file', folder: 'EMR', options: { path: dashboards } }],
  });
  const [, first] = /^default_home_dashboard_path = .*\/(.*)$/m.exec(
    await readFile('infra/host/grafana/grafana.ini', 'utf8'),
  ) ?? ['', ''];
  expect(env['GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH']).toBe(join(dashboards, first));
});

test('it ends with what it was started for', async () => {
  const { url, closing } = await start();
  await closing.disposeAsync();
  await expect(fetch(url)).rejects.toThrow('fetch failed');
});

test('one that ends before it is ready is said at once, with its log', async () => {
  await expect(start('#!/bin/sh\necho no room\nexit 3\n')).rejects.toThrow(
    /^Grafana ended with code 3: see \S+\/grafana\.log$/,
  );
});
