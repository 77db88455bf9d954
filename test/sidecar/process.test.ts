import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { bundleSidecar } from '../../scripts/package/bundle-sidecar.ts';
import { openS3, targetFile } from './sidecar-account.ts';
import { temporaryFolder, until } from './sidecar-world.ts';

let bundle: string;
let account: Awaited<ReturnType<typeof openS3>>;
beforeAll(async () => {
  bundle = await bundleSidecar();
  account = await openS3();
  account.put('targets/j-A.json', targetFile(1));
});
afterAll(() => account.face.close());

/** The bundle as it ships, in a process of its own with nothing but the environment it is meant to have. */
function start(home: string, flags: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [bundle, '--directory', home, ...flags], { env: { ...account.env, ...env } });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => void (output += String(chunk)));
  const lines = () => output.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []));
  return {
    child,
    output: () => output,
    ended: once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string),
    said: (message: string) => until(() => lines().find((line) => line.message === message)),
  };
}

const files = async (home: string) => (await readdir(join(home, 'targets'))).sort();
const http = async (port: number, path: string) => {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
};

describe('--once', () => {
  test('writes the files as Prometheus can read them, and ends with 0', async () => {
    const home = await temporaryFolder();
    const { ended } = start(home, ['--once']);
    expect(await ended).toBe(0);
    expect(await readFile(join(home, 'targets/j-A.json'), 'utf8')).toBe(targetFile(1));
  });

  test('ends with 1 and says why when S3 denies', async () => {
    const home = await temporaryFolder();
    const { ended, output } = start(home, ['--once'], { AWS_SECRET_ACCESS_KEY: 'wrong' });
    expect(await ended).toBe(1);
    expect(output()).toContain('SignatureDoesNotMatch');
  });

  test('keeps most of the files vanishing until --accept-vanished', async () => {
    const home = await temporaryFolder();
    await mkdir(join(home, 'targets'));
    for (const id of ['X', 'Y']) await writeFile(join(home, `targets/j-${id}.json`), targetFile(1));
    expect(await start(home, ['--once', '--hold=0s']).ended).toBe(0);
    expect(await files(home)).toEqual(['j-A.json', 'j-X.json', 'j-Y.json']);
    expect(await start(home, ['--once', '--accept-vanished']).ended).toBe(0);
    expect(await files(home)).toEqual(['j-A.json']);
  });
});

test('--dry-run on a host where nothing is prepared says what it would do and creates nothing', async () => {
  const home = join(await temporaryFolder(), 'new');
  const { ended, output } = start(home, ['--dry-run']);
  expect(await ended).toBe(0);
  expect(output()).toBe('{"level":"info","message":"dry run","action":"write","clusterId":"j-A"}\n');
  await expect(readdir(home)).rejects.toThrow('ENOENT');
});

test('bad flags end it with 2 and every problem, before anything is touched', async () => {
  const { ended, output } = start('relative', ['--interval=never', '--nonsense']);
  expect(await ended).toBe(2);
  expect(output().split('\n')).toHaveLength(4);
});

test('without a region it says so and ends with 2', async () => {
  const { ended, output } = start(await temporaryFolder(), ['--once'], { AWS_REGION: '' });
  expect(await ended).toBe(2);
  expect(output()).toBe('AWS_REGION: the region of the bucket expected\n');
});

describe('as a service', () => {
  test('is healthy at once, ready once S3 has answered, serves its metrics on loopback, and stops when it is told', async () => {
    const home = await temporaryFolder();
    account.s3.faults.arm(
      { kind: 'error', status: 403, code: 'AccessDenied' },
      { operation: 'ListObjectsV2', times: 1e9 },
    );
    onTestFinished(() => account.s3.faults.clear());
    const { child, ended, said } = start(home, ['--interval=100ms', '--listen=127.0.0.1:0']);
    const { address } = await said('sidecar started');
    expect(address).toMatchObject({ address: '127.0.0.1' });
    await said('sync failed, the files stay as they are');
    expect(await http(address.port, '/-/healthy')).toMatchObject({ status: 200 });
    expect(await http(address.port, '/-/ready')).toMatchObject({ status: 503 });
    account.s3.faults.clear();
    await until(async () => ((await http(address.port, '/-/ready')).status === 200 ? true : undefined));
    expect(await files(home)).toEqual(['j-A.json']);
    const metrics = await http(address.port, '/metrics');
    expect(metrics).toMatchObject({ status: 200, type: expect.stringContaining('text/plain; version=0.0.4') });
    expect(metrics.text).toMatch(/^emr_sidecar_files 1$/m);
    expect(metrics.text).toMatch(/^process_resident_memory_bytes /m);
    expect(await http(address.port, '/')).toMatchObject({ status: 200, type: 'text/html; charset=utf-8' });
    expect(await http(address.port, '/nothing')).toMatchObject({ status: 404 });
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  });

  test('does not wait for S3 when it is to stop', async () => {
    account.s3.faults.arm({ kind: 'slow', ms: 60_000 }, { operation: 'ListObjectsV2', times: 2 });
    onTestFinished(() => account.s3.faults.clear());
    const { child, ended, said, output } = start(await temporaryFolder(), ['--listen=127.0.0.1:0']);
    await said('sidecar started');
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(output().match(/(?<="message":")[^"]+/g)).toEqual(['sidecar started', 'sidecar stopped']);
  });

  test('on SIGUSR2 it lets the vanished files go that it kept', async () => {
    const home = await temporaryFolder();
    await mkdir(join(home, 'targets'));
    for (const id of ['X', 'Y']) await writeFile(join(home, `targets/j-${id}.json`), targetFile(1));
    const { child, said } = start(home, ['--interval=100ms', '--listen=127.0.0.1:0']);
    expect(await said('over half of all keys vanished, their files are kept')).toMatchObject({
      level: 'error',
      kept: 2,
    });
    child.kill('SIGUSR2');
    await said('target file removed');
    await until(async () => ((await files(home)).length === 1 ? true : undefined));
  });

  test('a second one on the same folder refuses to start, and may once the first is killed', async () => {
    const home = await temporaryFolder();
    const first = start(home, ['--listen=127.0.0.1:0']);
    await first.said('sidecar started');
    const second = start(home, ['--once']);
    expect(await second.ended).toBe(2);
    expect(second.output()).toContain('another sidecar is at work there');
    first.child.kill('SIGKILL');
    await first.ended;
    expect(await start(home, ['--once']).ended).toBe(0);
  });

  test('a taken port is said, and ends it with 2', async () => {
    const port = account.face.port;
    const { ended, output } = start(await temporaryFolder(), [`--listen=127.0.0.1:${port}`]);
    expect(await ended).toBe(2);
    expect(output()).toContain(`--listen 127.0.0.1:${port}`);
  });
});
