import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHash } from 'node:crypto';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { pageOf } from '../../../sidecar/page/pages.ts';
import { serve, type Served } from '../../../sidecar/serve.ts';
import { aView } from './page-view.ts';

const served: Served = { registry: new Registry(), isReady: () => true, page: (path) => pageOf(path, aView()) };
let port: number;
let close: () => void;
beforeAll(async () => {
  const server = await serve({ host: '127.0.0.1', port: 0 }, served);
  ({ port } = server.address() as AddressInfo);
  close = () => void server.close();
});
afterAll(() => close());

interface Answer {
  readonly status: number | undefined;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

/** By hand, for fetch does not let one choose the Host. */
const ask = (path: string, { method = 'GET', host = 'localhost', to = port } = {}): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const asking = request({ host: '127.0.0.1', port: to, path, method, headers: { host }, agent: false }, (answer) => {
      let body = '';
      answer.on('data', (chunk) => void (body += String(chunk)));
      answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, body }));
    });
    asking.on('error', reject).end();
  });

describe('the Host of who asks on loopback', () => {
  test.each(['localhost', 'LOCALHOST:9199', '127.0.0.1:9199', '127.0.0.1', '[::1]:9199', '192.0.2.1:80'])(
    '%s is answered',
    async (host) => expect(await ask('/', { host })).toMatchObject({ status: 200 }),
  );

  test.each(['evil.example', 'evil.example:9199', 'localhost.evil.example', '127.0.0.1.evil.example', '1.evil', '[x]'])(
    '%s is refused on every path, for its name may have been turned to this address',
    async (host) => {
      for (const path of ['/', '/clusters/j-A', '/metrics', '/-/ready'])
        expect(await ask(path, { host })).toMatchObject({ status: 421, body: expect.not.stringContaining('etl') });
    },
  );

  test('is any when somebody chose to listen elsewhere', async () => {
    const server = await serve({ host: '0.0.0.0', port: 0 }, served);
    onTestFinished(() => void server.close());
    const { port: to } = server.address() as AddressInfo;
    expect(await ask('/', { host: 'prometheus.example', to })).toMatchObject({ status: 200 });
  });
});

test.each(['/', '/clusters/j-A', '/nothing', '/metrics', '/-/healthy'])(
  '%s may not be framed, sniffed, kept, or read by another page',
  async (path) => {
    const { headers } = await ask(path);
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'content-security-policy': expect.stringMatching(
        /^default-src 'none'; style-src 'sha256-[\w+/=]+'; img-src data:;/,
      ),
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    });
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
  },
);

test('the policy lets in the style that the page has, and no other', async () => {
  const { headers, body } = await ask('/');
  const [, style = ''] = /<style>(.*?)<\/style>/s.exec(body) ?? [];
  const hash = createHash('sha256').update(style).digest('base64');
  expect(String(headers['content-security-policy']).match(/sha256-[^']+/g)).toEqual([`sha256-${hash}`]);
});

test.each<[string, string, number]>([
  ['GET', '/?x=1', 200],
  ['HEAD', '/', 200],
  ['POST', '/', 405],
  ['GET', '/clusters/j-A', 200],
  ['GET', '/clusters/j-B', 404],
  ['GET', '/clusters/', 404],
  ['GET', '/clusters/j-A/x', 404],
  ['GET', '/clusters/%3Cscript%3E', 404],
  ['GET', '//evil.example/', 404],
  ['GET', '/../../etc/passwd', 404],
])('%s %s is answered with %i', async (method, path, status) => {
  expect(await ask(path, { method })).toMatchObject({ status });
});

test('HEAD is answered with the length of the page, and without it', async () => {
  const { headers, body } = await ask('/', { method: 'HEAD' });
  expect(body).toBe('');
  expect(Number(headers['content-length'])).toBeGreaterThan(1000);
});

test('a page that fails is one line of text, without a stack', async () => {
  const page = () => {
    throw new Error('broken');
  };
  const server = await serve({ host: '127.0.0.1', port: 0 }, { ...served, page });
  onTestFinished(() => void server.close());
  const { port: to } = server.address() as AddressInfo;
  expect(await ask('/', { to })).toMatchObject({ status: 500, body: 'Error: broken\n' });
});
