import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer as createPlainServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTls } from '../../sandbox/account/tls.ts';
import { addHostNames, WORLD_ADDRESS } from '../../sandbox/nodes/world.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export interface ArtifactServer {
  /** PEM file of the authority that signed the server's certificate. */
  readonly authority: string;
  /** Paths that were asked for, in order. */
  readonly asked: string[];
  /** Sets what a path answers, and answers its URL. */
  on(path: string, answer: Answer): string;
  close(): void;
}

const HOST = 'artifacts.test';
/** Known to the proxy only: no node can resolve it. */
export const HIDDEN_HOST = `hidden.${HOST}`;

/** An https server in the world, as S3 is to a node: a name, a certificate of an authority that the nodes trust. */
export async function startArtifactServer(): Promise<ArtifactServer> {
  const { key, cert, ca } = await createTls(HOST);
  const authority = join(tmpdir(), 'artifact-authority.pem');
  await writeFile(authority, ca);
  const asked: string[] = [];
  const answers = new Map<string, Answer>();
  const server = createServer({ key, cert }, (request, response) => {
    const { pathname } = new URL(request.url ?? '/', `https://${HOST}`);
    asked.push(pathname);
    const answer = answers.get(pathname) ?? status(404, 'NoSuchKey');
    answer(request, response);
  });
  server.listen(443, WORLD_ADDRESS);
  await once(server, 'listening');
  await addHostNames([HOST]);
  return {
    authority,
    asked,
    on(path, answer) {
      answers.set(path, answer);
      return `https://${HOST}${path}`;
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

export const body =
  (bytes: Buffer): Answer =>
  (_request, response) =>
    response.setHeader('Content-Length', bytes.length).end(bytes);

/** S3's error page. */
export const status =
  (code: number, error: string): Answer =>
  (_request, response) =>
    response.writeHead(code, { 'Content-Type': 'application/xml' }).end(`<Error><Code>${error}</Code></Error>`);

/** Promises all of it, sends half, hangs up. */
export const truncated =
  (bytes: Buffer): Answer =>
  (_request, response) => {
    response.setHeader('Content-Length', bytes.length);
    response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy());
  };

/** A proxy that tunnels everything to the artifact server, and remembers what it was asked for. */
export async function startProxy(): Promise<{ readonly url: string; readonly asked: string[]; close(): void }> {
  const asked: string[] = [];
  const proxy = createPlainServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.writeHead(502).end();
  });
  proxy.on('connect', (request, socket) => {
    asked.push(`CONNECT ${request.url}`);
    const upstream = connect(443, WORLD_ADDRESS, () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
    upstream.on('error', () => socket.destroy());
    socket.on('error', () => upstream.destroy());
    socket.pipe(upstream).pipe(socket);
  });
  proxy.listen(3128, WORLD_ADDRESS);
  await once(proxy, 'listening');
  return {
    url: `http://${WORLD_ADDRESS}:3128`,
    asked,
    close() {
      proxy.closeAllConnections();
      proxy.close();
    },
  };
}
