import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { renderKept } from '../../../sandbox/demo/keep.ts';
import { createAccount } from '../../../sandbox/account/account.ts';
import { virtualClock } from '../../../sandbox/account/clock.ts';
import { QUICK } from '../../../sandbox/account/compute.ts';

const RULES = [
  { name: 'EmrNodeDown', state: 'inactive', alerts: [] },
  { name: 'EmrIdle', state: 'firing', alerts: [{ annotations: { summary: 'etl has had nothing to do' } }] },
];

/** Prometheus and Alertmanager at once; `page`: the status of the page that a browser asks for first. */
async function serve(page: number): Promise<string> {
  const server = createServer(({ url }, response) => {
    if (url === '/') response.statusCode = page;
    response.end(JSON.stringify({ data: { groups: [{ rules: RULES }] } }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function kept(page: number, grafana: Parameters<typeof renderKept>[1]['grafana']): Promise<string> {
  const account = createAccount({ clock: virtualClock(new Date()), timings: QUICK });
  onTestFinished(() => account.stop());
  const url = await serve(page);
  const urls = {
    grafana: 'http://127.0.0.1:1',
    sidecar: 'http://127.0.0.1:2',
    prometheus: 'http://127.0.0.1:3',
    alertmanager: 'http://127.0.0.1:4',
    account: 'http://127.0.0.1:5',
    api: 'https://127.0.0.1:6',
  };
  return await renderKept(
    { prometheus: { url }, alertmanager: url, account, authority: '/demo/authority.pem' },
    { pages: { folder: '/pages', urls }, prepared: { lock: '/demo/exporters.lock' }, grafana },
  );
}

test('what is left running is told with every alert’s state, every address, and what to type elsewhere', async () => {
  const said = await kept(200, { folder: '/grafana' });
  const [addresses = '', typed = ''] = said.split(/\n\nIn another terminal, in .*:\n\n/);
  expect(addresses).toBe(`
Everything is left running. Ctrl-C ends it. Alerts, now:

  EmrIdle      firing
    etl has had nothing to do
  EmrNodeDown  inactive

Grafana:              http://127.0.0.1:1
Clusters and nodes:   http://127.0.0.1:2
Prometheus:           http://127.0.0.1:3
Alertmanager:         http://127.0.0.1:4
The account as JSON:  http://127.0.0.1:5`);
  expect(typed.split('\n\n')).toEqual([
    expect.stringMatching(/AWS_ENDPOINT_URL='https:\/\/127\.0\.0\.1:6' .*\/demo\/exporters\.lock' npm run status$/),
    expect.stringMatching(/ npm run backfill -- --dry-run\n$/),
  ]);
  expect(said).toContain(`In another terminal, in ${process.cwd()}:\n`);
});

test('where there is no Grafana it says why, and of a program without pages what does answer', async () => {
  const addresses = (await kept(404, { reason: 'no checksum is locked' }))
    .split('\n')
    .filter((line) => /^\w+: /.test(line));
  expect(addresses).toEqual([
    'Grafana:              not here (no checksum is locked)',
    'Prometheus:           http://127.0.0.1:3/api/v1/query?query=up (built here: it has no pages)',
    'Alertmanager:         http://127.0.0.1:4/api/v2/alerts (built here: it has no pages)',
  ]);
});
