import { createServer, type Server } from 'node:http';
import type { Registry } from 'prom-client';
import { ConfigError } from '../shared/core/errors.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** `/metrics`, and Prometheus's own paths for health; ready once S3 has answered and its files are on disk. */
export async function serveMetrics(
  { host, port }: Address,
  registry: Registry,
  isReady: () => boolean,
): Promise<Server> {
  const server = createServer((request, response) => {
    const answer = (status: number, text: string, type = 'text/plain; charset=utf-8'): void => {
      response.writeHead(status, { 'content-type': type }).end(text);
    };
    const path = request.url?.split('?', 1)[0];
    if (request.method !== 'GET') answer(405, 'GET only\n');
    else if (path === '/-/healthy') answer(200, 'healthy\n');
    else if (path === '/-/ready') answer(isReady() ? 200 : 503, isReady() ? 'ready\n' : 'no complete sync yet\n');
    else if (path === '/metrics') {
      registry.metrics().then(
        (text) => answer(200, text, registry.contentType),
        (error: unknown) => answer(500, `${String(error)}\n`),
      );
    } else answer(404, '/metrics, /-/healthy, /-/ready\n');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(new ConfigError(`--listen ${host}:${port}: ${cause.message}`, { cause })));
    server.listen(port, host, resolve);
  });
  return server;
}
