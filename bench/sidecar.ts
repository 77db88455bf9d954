/** The sidecar's speed and memory, against `aws s3 sync` of Debian's awscli on the same S3. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleSidecar } from '../scripts/package/bundle-sidecar.ts';
import { cacheFolder } from '../scripts/cache-folder.ts';
import { asTheUnit } from '../test/sidecar/as-the-unit.ts';
import { BUCKET, openS3, targetFile } from '../test/sidecar/sidecar-account.ts';
import { type Figure, median, report } from './figure.ts';
import { prepareAwscli } from './sidecar-awscli.ts';

const FILES = 1000;
const SYNCS = 1000;
const NODES = 10;
const AWS_RUNS = 7;
/** The shortest that the sidecar takes: half of it is in every figure below. */
const INTERVAL = '100ms';

type Account = Awaited<ReturnType<typeof openS3>>;

const keyOf = (index: number): string => `targets/j-${1000 + index}.json`;
const megabytes = (kilobytes: number): string => `${(kilobytes / 1024).toFixed(0)} MB`;

const residentKilobytes = async ({ pid }: ChildProcess): Promise<number> =>
  Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]);

/** Resolves when the file on disk has this version. */
async function arrival(folder: string, name: string, version: string): Promise<void> {
  const stop = new AbortController();
  const { promise, resolve } = Promise.withResolvers<void>();
  const path = join(folder, name);
  const look = async () => {
    if ((await readFile(path, 'utf8')).includes(`"version":"${version}"`)) resolve();
  };
  watch(folder, { signal: stop.signal }, (_event, changed) => void (changed === name && look()));
  await look();
  await promise;
  stop.abort();
}

async function full(folder: string): Promise<void> {
  for (let found = 0; found < FILES; found = (await readdir(folder).catch(() => [])).length)
    await new Promise((resolve) => void setTimeout(resolve, 100));
}

/** Milliseconds from a change in S3 to the new file on disk, and memory after each. */
async function measureSidecar(account: Account, home: string) {
  const { flags, environment } = await asTheUnit();
  const args = [...flags, await bundleSidecar(), `--directory=${home}`, `--interval=${INTERVAL}`];
  const child = spawn(process.execPath, [...args, '--listen=127.0.0.1:0'], {
    env: { ...account.env, ...environment },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const folder = join(home, 'targets');
  await full(folder);
  const times: number[] = [];
  const resident: number[] = [];
  for (let sync = 1; sync <= SYNCS; sync += 1) {
    const index = (sync * 7) % FILES;
    const start = performance.now();
    account.put(keyOf(index), targetFile(NODES, `s${sync}`));
    await arrival(folder, `j-${1000 + index}.json`, `s${sync}`);
    times.push(performance.now() - start);
    resident.push(await residentKilobytes(child));
    if (sync % 200 === 0) process.stderr.write(`${sync} syncs, ${megabytes(resident.at(-1) ?? 0)} resident\n`);
  }
  child.kill('SIGTERM');
  await once(child, 'close');
  return { times, resident };
}

/** Milliseconds of an `aws s3 sync` that has one of all files to fetch. */
async function measureAws(account: Account, home: string): Promise<readonly number[]> {
  const aws = await prepareAwscli(cacheFolder(process.env));
  // Without --exact-timestamps it leaves a file as it is that changed and kept its size: another port, another address.
  const command = ['s3', 'sync', `s3://${BUCKET}/targets/`, join(home, 'aws'), '--quiet', '--exact-timestamps'];
  const sync = () => aws(['--endpoint-url', account.face.url, ...command], account.env);
  await sync();
  const times: number[] = [];
  for (let run = 1; run <= AWS_RUNS; run += 1) {
    account.put(keyOf(run), targetFile(NODES, `a${run}`));
    const start = performance.now();
    await sync();
    times.push(performance.now() - start);
    const text = await readFile(join(home, 'aws', `j-${1000 + run}.json`), 'utf8');
    if (!text.includes(`"version":"a${run}"`)) throw new Error('aws s3 sync left an old file');
  }
  return times;
}

async function sidecarFigures(): Promise<readonly Figure[]> {
  const account = await openS3();
  const home = await mkdtemp(join(tmpdir(), 'bench-sidecar-'));
  try {
    for (let index = 0; index < FILES; index += 1) account.put(keyOf(index), targetFile(NODES));
    const aws = median(await measureAws(account, home));
    const { times, resident } = await measureSidecar(account, home);
    const own = median(times);
    // Medians of 21: single readings swing with the garbage collector.
    const [at200, at1000] = [median(resident.slice(189, 210)), median(resident.slice(-21))];
    const most = resident.reduce((a, b) => Math.max(a, b));
    const growth = (at1000 / at200 - 1) * 100;
    return [
      {
        figure: `one of ${FILES} target files changed → on disk, against aws s3 sync`,
        measured: `${(aws / own).toFixed(1)} × (medians: ${own.toFixed(0)} ms of ${SYNCS}, ${INTERVAL} polling included; aws ${aws.toFixed(0)} ms of ${AWS_RUNS})`,
        bar: '≥ 10 ×',
        met: aws / own >= 10,
      },
      {
        figure: `sidecar RSS after ${FILES} files and ${SYNCS} syncs`,
        measured: `${megabytes(most)} at most, ${megabytes(at1000)} in the end (median of 21)`,
        bar: '≤ 130 MB',
        met: most <= 130 * 1024,
      },
      {
        figure: 'sidecar RSS growth, 200th to 1,000th sync',
        measured: `${growth.toFixed(1)} % (medians of 21)`,
        bar: '≤ 5 %',
        met: growth <= 5,
      },
    ];
  } finally {
    await account.face.close();
    await rm(home, { recursive: true, force: true });
  }
}

report(await sidecarFigures());
