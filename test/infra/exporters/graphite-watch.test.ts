import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, describe, expect, test } from 'vitest';

const WATCH = new URL('../../../infra/exporters/graphite/watch.sh', import.meta.url).pathname;

/** The watcher's pause, shortened. */
const PAUSES = mkdtempSync(join(tmpdir(), 'pauses-'));
writeFileSync(join(PAUSES, 'sleep'), '#!/bin/sh\n[ "$1" = 7 ] && exec /bin/sleep 0.1\n', { mode: 0o755 });
afterAll(() => rmSync(PAUSES, { recursive: true }));

/** A page as this answers it, watched beside a process that only sleeps. */
async function watched(answer: RequestListener, command: readonly string[] = ['/bin/sleep', '300']) {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const child = spawn('bash', [WATCH, `${port}`, ...command], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: `${PAUSES}:${process.env['PATH']}` },
    detached: true,
  });
  const said = text(child.stderr);
  const ended = once(child, 'exit') as Promise<[number | null, string | null]>;
  return {
    child,
    server,
    /** How it ended, and what was said. What it leaves, systemd ends with the unit. */
    end: async () => {
      const [, signal] = await ended;
      try {
        process.kill(-(child.pid ?? 0), 'SIGKILL');
      } catch {
        // Nothing was left.
      }
      server.close();
      return { signal, said: await said };
    },
  };
}

describe.concurrent('the exporter', () => {
  test('is ended when its page is an error, and the reason is in the journal', async () => {
    const { end } = await watched((_request, response) => response.writeHead(500).end());
    // It looks on until all of the unit is ended.
    expect(await end()).toEqual({
      signal: 'SIGKILL',
      said: expect.stringMatching(/^the page answers 500: graphite_exporter is started anew\n/),
    });
  });

  test('is ended when its page is over 8 MB', async () => {
    const { end } = await watched((_request, response) => response.end(Buffer.alloc(8_000_001)));
    expect((await end()).said).toMatch(/^the page has 8000001 bytes/);
  });

  test('is ended when it takes over 160 MB, whatever its page says', async () => {
    const hog = 'const held = Buffer.alloc(200_000_000, 1); setTimeout(() => held, 300_000)';
    const { end } = await watched((_request, response) => response.end('up 1\n'), [process.execPath, '-e', hog]);
    expect((await end()).said).toMatch(/^it takes (?:1[6-9]|2\d)\d{4} kB/);
  });

  test('is ended when it does not answer three times in a row', async () => {
    const { server, end } = await watched(() => undefined);
    server.close();
    expect((await end()).said).toMatch(/^no answer for three times/);
  });

  test('runs on as the process that systemd started while its page is fine or it only begins', async ({
    expect: ofThisTest,
  }) => {
    let asked = 0;
    const twice = Promise.withResolvers<void>();
    const { child, end } = await watched((request, response) => {
      asked += 1;
      if (asked === 1) request.destroy();
      else response.end(Buffer.alloc(7_999_999));
      if (asked === 3) twice.resolve();
    });
    await twice.promise;
    // Those beside it may have ended: only its own `expect` knows then which test polls.
    const command = () => readFileSync(`/proc/${child.pid}/cmdline`, 'utf8');
    await ofThisTest.poll(command).toBe(['/bin/sleep', '300', ''].join('\0'));
    child.kill('SIGTERM');
    expect(await end()).toEqual({ signal: 'SIGTERM', said: '' });
  });
});
