import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Progress } from '../../../scripts/exporters/fetch-artifact.ts';

/** What the page does when a path is asked for. */
export type Answer = (request: IncomingMessage, response: ServerResponse, bytes: Buffer) => void | Promise<void>;

/** As a web server of releases does: the rest of a file where a Range asks for it. */
export const whole: Answer = (request, response, bytes) => {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const rest = bytes.subarray(from);
  const range = `bytes ${from}-${bytes.length - 1}/${bytes.length}`;
  if (from === 0) response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
  else if (rest.length === 0) response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
  else response.writeHead(206, { 'content-length': rest.length, 'content-range': range }).end(rest);
};

const sizeAlone: Answer = (_, response, bytes) =>
  void response.writeHead(200, { 'content-length': bytes.length }).end();

export const status =
  (code: number): Answer =>
  (_, response) =>
    void response.writeHead(code).end();

/** What a download says of itself, and a way for the page to wait until it has arrived. */
export function listener() {
  const told: number[] = [];
  const waiting = new Set<() => void>();
  return {
    told,
    onProgress: ({ done }: Progress): void => {
      told.push(done);
      for (const look of waiting) look();
    },
    async heard(done: number): Promise<void> {
      await new Promise<void>((resolve) => {
        const look = () => {
          if (told.at(-1) === done) resolve();
        };
        waiting.add(look);
        look();
      });
    },
  };
}

/** The connection breaks once so many bytes have arrived. */
export const cutAfter =
  (bytes: number, transfer: ReturnType<typeof listener>): Answer =>
  async (_, response, all) => {
    response.writeHead(200, { 'content-length': all.length });
    response.write(all.subarray(0, bytes));
    await transfer.heard(bytes);
    response.destroy();
  };

export async function listen(handler: RequestListener): Promise<string> {
  const server = createServer(handler);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => server.close().closeAllConnections());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/**
 * A release page with these files. How it answers is said per request, in turn: `answers[path]` for the first ones,
 * then as a web server does. What was asked for, and from which byte on, is in `asked`.
 */
export async function releasePage(
  files: Readonly<Record<string, Buffer | string>>,
  answers: Readonly<Record<string, readonly Answer[]>> = {},
) {
  const asked: string[] = [];
  const turn = new Map<string, number>();
  const url = await listen((request, response) => {
    const { method = '', url: path = '' } = request;
    const range = request.headers.range;
    asked.push(`${method} ${path.replace(/.*\//, '')}${range === undefined ? '' : ` ${range}`}`);
    const bytes = files[path];
    const at = turn.get(path) ?? 0;
    turn.set(path, at + 1);
    const usual = method === 'HEAD' ? sizeAlone : whole;
    const answer = answers[path]?.[at] ?? (bytes === undefined ? status(404) : usual);
    void answer(request, response, Buffer.from(bytes ?? ''));
  });
  return { url, asked };
}

/** Nothing listens there. */
export const NOWHERE = 'http://127.0.0.1:9';

export async function scratch(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'releases-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

export const sha256 = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex');

/** A release of one program, for both architectures. */
export function aRelease(program = 'node_exporter', version = '1.12.1') {
  const file = (arch: string): string => `${program}-${version}.linux-${arch}.tar.gz`;
  const bytes = (arch: string): Buffer => Buffer.from(`${file(arch)}: ${'x'.repeat(2000)}`);
  const artifact = (arch: string) => ({ file: file(arch), size: bytes(arch).length, sha256: sha256(bytes(arch)) });
  const base = `/prometheus/${program}/releases/download/v${version}`;
  const module = `github.com/prometheus/${program}`;
  return {
    file,
    bytes,
    artifact,
    path: (arch: string): string => `${base}/${file(arch)}`,
    list: `${base}/sha256sums.txt`,
    files: Object.fromEntries(['amd64', 'arm64'].map((arch) => [`${base}/${file(arch)}`, bytes(arch)])),
    sums: ['amd64', 'arm64', 's390x'].map((arch) => `${sha256(bytes(arch))}  ${file(arch)}\n`).join(''),
    locked: { version, module, artifacts: { amd64: artifact('amd64'), arm64: artifact('arm64') } },
    unlocked: { version, module, artifacts: {}, unlocked: { amd64: file('amd64'), arm64: file('arm64') } },
  };
}
