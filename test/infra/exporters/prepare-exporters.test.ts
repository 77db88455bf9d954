import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { lockedExporter } from '../../../scripts/exporters/exporters-lock.ts';
import { prepareExporters, type PreparedExporters } from '../../../scripts/prepare/prepare-exporters.ts';
import { standInGo } from './stand-in-go.ts';

const RELEASE = Buffer.from('a release');
const file = (arch: string) => `node_exporter-1.12.1.linux-${arch}.tar.gz`;
const artifact = (arch: string) => ({
  file: file(arch),
  size: RELEASE.length,
  sha256: createHash('sha256').update(RELEASE).digest('hex'),
});
const lock = {
  node: {
    version: '1.12.1',
    module: 'github.com/prometheus/node_exporter',
    artifacts: { amd64: artifact('amd64'), arm64: artifact('arm64') },
  },
};
const nodeOf = (prepared: PreparedExporters) => lockedExporter(prepared.lock, 'node');
const PATH_OF = (arch: string) => `/prometheus/node_exporter/releases/download/v1.12.1/${file(arch)}`;

let cache: string;
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'exporters-'));
  return async () => await rm(cache, { recursive: true });
});

/** A web server that has these paths; what it was asked for is in `asked`. */
async function serve(files: Readonly<Record<string, Buffer>>) {
  const asked: string[] = [];
  const server = createServer(({ url = '' }, response) => {
    asked.push(url);
    const bytes = files[url];
    response.writeHead(bytes === undefined ? 404 : 200).end(bytes);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}
/** Nothing listens there. */
const NOWHERE = 'http://127.0.0.1:9';
/** No Go client either. */
const BARE = { PATH: '/nonexistent' };

const kept = async () =>
  (await readdir(cache, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());

test('a local folder is asked first, then the mirror, then the release page', async () => {
  const folder = join(cache, 'nothing-here');
  const mirror = await serve({});
  const page = await serve({ [PATH_OF('amd64')]: RELEASE, [PATH_OF('arm64')]: RELEASE });
  const env = { ...BARE, PROMETHEUS_ON_EMR_ARTIFACTS: folder, PROMETHEUS_ON_EMR_MIRROR: `${mirror.url}/` };
  const exporters = await prepareExporters(cache, lock, env, page.url);
  expect(mirror.asked).toEqual([PATH_OF('amd64'), PATH_OF('arm64')]);
  expect(page.asked).toEqual([PATH_OF('amd64'), PATH_OF('arm64')]);
  expect(exporters.lock).toEqual(lock);
  for (const arch of ['amd64', 'arm64'])
    expect(await readFile(join(exporters.folder, 'artifacts/node/1.12.1', file(arch)))).toEqual(RELEASE);
});

test('the second call asks nobody', async () => {
  const page = await serve({ [PATH_OF('amd64')]: RELEASE, [PATH_OF('arm64')]: RELEASE });
  const first = await prepareExporters(cache, lock, BARE, page.url);
  expect(await prepareExporters(cache, lock, BARE, NOWHERE)).toEqual(first);
  expect(page.asked).toHaveLength(2);
});

test.each([
  ['another content', Buffer.from('A release'), /SHA-256 [0-9a-f]{64}, expected/],
  ['another size', Buffer.from('a release!'), /more than the expected 9 bytes/],
])('a file of %s is refused by name, and not kept', async (_what, bytes, message) => {
  const folder = await mkdtemp(join(tmpdir(), 'mine-'));
  onTestFinished(async () => await rm(folder, { recursive: true }));
  await writeFile(join(folder, file('amd64')), bytes);
  const env = { ...BARE, PROMETHEUS_ON_EMR_ARTIFACTS: folder };
  await expect(prepareExporters(cache, lock, env, NOWHERE)).rejects.toThrow(message);
  expect(await kept()).toEqual([]);
});

test('a file that was spoilt in the cache is fetched again', async () => {
  const page = await serve({ [PATH_OF('amd64')]: RELEASE, [PATH_OF('arm64')]: RELEASE });
  const { folder } = await prepareExporters(cache, lock, BARE, page.url);
  const path = join(folder, 'artifacts/node/1.12.1', file('arm64'));
  await writeFile(path, 'spoilt');
  await prepareExporters(cache, lock, BARE, page.url);
  expect(await readFile(path)).toEqual(RELEASE);
});

test('what has only the other architecture is no help, and the lock never names a file that is not there', async () => {
  const host = process.arch === 'arm64' ? 'arm64' : 'amd64';
  const other = host === 'arm64' ? 'amd64' : 'arm64';
  const both = await serve({ [PATH_OF(other)]: RELEASE });
  await expect(prepareExporters(cache, lock, BARE, both.url)).rejects.toThrow('cannot be had');
  const mine = await serve({ [PATH_OF(host)]: RELEASE });
  await rm(join(cache, 'exporters'), { recursive: true });
  const exporters = await prepareExporters(cache, lock, BARE, mine.url);
  expect(Object.keys(nodeOf(exporters).artifacts)).toEqual([host]);
});

test('where nobody has it and Go is not installed, the error says the three ways out', async () => {
  await expect(prepareExporters(cache, lock, BARE, NOWHERE)).rejects.toThrow(
    /PROMETHEUS_ON_EMR_ARTIFACTS.*PROMETHEUS_ON_EMR_MIRROR.*install Go/,
  );
});

test('what is built from source is described by a lock of its own, that says so and lies beside it', async () => {
  const { env, called } = await standInGo();
  const release = { node: { ...lock.node, unlocked: { s390x: file('s390x') } } };
  const built = await prepareExporters(cache, release, env, NOWHERE);
  expect(nodeOf(built).unlocked).toBeUndefined();
  const [arch, mine] = Object.entries(nodeOf(built).artifacts)[0] ?? [];
  expect(nodeOf(built).origin).toBe('built from source for demo and tests');
  expect(mine?.sha256).not.toBe(artifact('amd64').sha256);
  const archive = await readFile(join(built.folder, 'artifacts/node/1.12.1', file(arch ?? '')));
  expect(createHash('sha256').update(archive).digest('hex')).toBe(mine?.sha256);
  expect(JSON.parse(await readFile(join(built.folder, 'node.lock'), 'utf8'))).toEqual(built.lock);
  expect(await called()).toMatch(
    /-require=github\.com\/prometheus\/node_exporter@v1\.12\.1\n.*\nbuild .*version\.Version=1\.12\.1 .* github\.com\/prometheus\/node_exporter\n$/,
  );
  expect(await prepareExporters(cache, lock, BARE, NOWHERE)).toEqual(built);
  expect((await kept()).map(({ name }) => name).sort((a, b) => a.localeCompare(b))).toEqual([
    file(arch ?? ''),
    'node.lock',
  ]);
});
