import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PROGRAM = 'infra/exporters/graphite/application-names.sh';

export interface Told {
  readonly exit: number;
  readonly said: Buffer;
}

/** What the program says of this ResourceManager. */
export const page = (place: string): Promise<Told> => run('page', place);

/** Where it finds a ResourceManager, with these files as Hadoop's configuration. */
export async function where(files: Readonly<Record<string, string>>): Promise<Told> {
  const folder = await mkdtemp(join(tmpdir(), 'names-'));
  await Promise.all(Object.entries(files).map(([name, body]) => writeFile(join(folder, name), body)));
  try {
    return await run('where', folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const run = (...args: readonly string[]): Promise<Told> =>
  new Promise((resolve) => {
    execFile('bash', [PROGRAM, ...args], { encoding: 'buffer', maxBuffer: 2 ** 26 }, (error, said) =>
      resolve({ exit: error === null ? 0 : Number(error.code), said }),
    );
  });

type Properties = Readonly<Record<string, string | number>>;

export const site = (properties: Properties): string =>
  `<?xml version="1.0"?>\n<configuration>\n${Object.entries(properties)
    .map(([name, value]) => `  <property>\n    <name>${name}</name>\n    <value>${value}</value>\n  </property>\n`)
    .join('')}</configuration>\n`;

/** Answers as a ResourceManager might. */
export interface FakeResourceManager {
  readonly asked: readonly string[];
  answer(status: number, body: string | Buffer): void;
  /** Answers without end, and without a quote; says how many bytes were taken, once they are taken no more. */
  flood(): Promise<number>;
  tell(): Promise<Told>;
  stop(): void;
}

/** Writes until nobody reads any more. */
function pour(response: ServerResponse, done: (bytes: number) => void): void {
  const chunk = 'x'.repeat(65_536);
  let bytes = 0;
  const write = (): void => {
    do bytes += chunk.length;
    while (!response.destroyed && response.write(chunk));
  };
  response.on('drain', write).on('close', () => done(bytes));
  write();
}

export async function startResourceManager(): Promise<FakeResourceManager> {
  let now: { readonly status: number; readonly body: string | Buffer } = { status: 200, body: '{"apps":{}}' };
  const asked: string[] = [];
  let flooded: ((bytes: number) => void) | undefined;
  const server = createServer((request, response) => {
    asked.push(`${request.url ?? ''} ${request.headers.accept ?? ''}`);
    response.writeHead(now.status, { 'content-type': 'application/json' });
    if (flooded === undefined) response.end(now.body);
    else pour(response, flooded);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    asked,
    answer: (status, body) => {
      now = { status, body };
    },
    flood: () =>
      new Promise((resolve) => {
        flooded = (bytes) => {
          flooded = undefined;
          resolve(bytes);
        };
      }),
    tell: () => page(`http://127.0.0.1:${port}`),
    stop: () => server.close(),
  };
}
