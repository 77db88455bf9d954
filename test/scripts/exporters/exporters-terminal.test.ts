import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { createTls } from '../../../sandbox/account/tls.ts';
import { aRelease, scratch, whole } from './release-page.ts';

const node = aRelease();
const run = promisify(execFile);

test('in a terminal, a file comes over the https redirect of a release page, from the byte that an earlier run had', async () => {
  const folder = await scratch();
  const { key, cert, ca } = await createTls('127.0.0.1');
  const listen = async (handler: RequestListener): Promise<string> => {
    const server = createServer({ key, cert }, handler).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => server.close().closeAllConnections());
    return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const ranges: (string | undefined)[] = [];
  const storage = await listen((request, response) => {
    ranges.push(request.headers.range);
    void whole(request, response, node.bytes('amd64'));
  });
  const mirror = await listen(
    ({ url }, response) => void response.writeHead(302, { location: `${storage}${url}` }).end(),
  );

  const lock = join(folder, 'own.lock');
  const own = { node: { ...node.locked, artifacts: { amd64: node.artifact('amd64') } } };
  await Promise.all([writeFile(lock, JSON.stringify(own)), writeFile(join(folder, 'ca.pem'), ca)]);
  const env = {
    PATH: process.env['PATH'],
    NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'),
    EXPORTERS_LOCK: lock,
    PROMETHEUS_ON_EMR_MIRROR: mirror,
    PROMETHEUS_ON_EMR_CACHE: join(folder, 'cache'),
  };
  const path = join(folder, 'cache/releases/artifacts/node/1.12.1', node.file('amd64'));
  const STOPPED = 4_194_305; // above Linux's highest process id
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.part-${STOPPED}`, node.bytes('amd64').subarray(0, 600));
  const { stdout, stderr } = await run(process.execPath, ['scripts/exporters/exporters.ts', 'fetch', 'node'], { env });
  expect(stdout).toBe(`every locked file is in ${join(folder, 'cache/releases')}\n`);
  expect(stderr).toMatch(/^node_exporter.*amd64\.tar\.gz from https:.* …\n[^]*\(100 %\).*\n$/);
  expect(await readFile(path)).toEqual(node.bytes('amd64'));
  expect(ranges).toEqual(['bytes=600-']);
});
