import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import type { Registry } from 'prom-client';
import { ConfigError } from '../shared/core/errors.ts';
import type { Page } from './page/pages.ts';
import { POLICY } from './page/style.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface Served {
  readonly registry: Registry;
  /** S3 has answered and its files are on disk. */
  readonly isReady: () => boolean;
  readonly page: (path: string) => Page;
}

const TEXT = 'text/plain; charset=utf-8';

/** Nobody may frame, sniff, keep or embed what is served here. */
const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const;

/** The page for people, `/metrics`, and Prometheus's own paths for health. */
export async function serve({ host, port }: Address, served: Served): Promise<Server> {
  const server = createServer((request, response) => {
    const refusal = refuse(request, host);
    if (refusal === undefined) void answer(request, response, served);
    else response.writeHead(refusal.status, { ...HEADERS, ...refusal.headers, 'content-type': TEXT }).end(refusal.text);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(new ConfigError(`--listen ${host}:${port}: ${cause.message}`, { cause })));
    server.listen(port, host, resolve);
  });
  return server;
}

function refuse({ method, headers }: IncomingMessage, listensOn: string) {
  if (method !== 'GET' && method !== 'HEAD')
    return { status: 405, text: 'GET only\n', headers: { allow: 'GET, HEAD' } };
  // A page from anywhere could have its own name resolved to 127.0.0.1, and read what it is answered there.
  const isOwn = !isLoopback(listensOn) || isOwnName(headers.host ?? '');
  return isOwn ? undefined : { status: 421, text: 'Host: localhost or an IP address expected\n', headers: {} };
}

const isLoopback = (address: string): boolean => address.startsWith('127.') || address === '::1';

/** Names that nobody else can give an address to. */
function isOwnName(host: string): boolean {
  const [, bracketed, plain = ''] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d+)?$/.exec(host) ?? [];
  return plain.toLowerCase() === 'localhost' || isIP(bracketed ?? plain) !== 0;
}

async function answer(request: IncomingMessage, response: ServerResponse, served: Served): Promise<void> {
  const path = request.url?.split('?', 1)[0] ?? '';
  const send = (status: number, body: string, type = TEXT): void => {
    response.writeHead(status, { ...HEADERS, 'content-type': type, 'content-length': Buffer.byteLength(body) });
    response.end(body); // Node leaves it out of the answer to HEAD.
  };
  try {
    if (path === '/-/healthy') send(200, 'healthy\n');
    else if (path === '/-/ready')
      send(served.isReady() ? 200 : 503, served.isReady() ? 'ready\n' : 'no complete sync yet\n');
    else if (path === '/metrics') send(200, await served.registry.metrics(), served.registry.contentType);
    else {
      const { status, body } = served.page(path);
      send(status, body, 'text/html; charset=utf-8');
    }
  } catch (error) {
    send(500, `${String(error)}\n`);
  }
}
