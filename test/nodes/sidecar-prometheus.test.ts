import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../sandbox/demo/free-port.ts';
import { bundleSidecar } from '../../scripts/package/bundle-sidecar.ts';
import { cacheFolder } from '../../scripts/cache-folder.ts';
import { preparePrometheus } from '../../scripts/prepare/prepare-prometheus.ts';
import { parseTargets } from '../../shared/core/parse-targets.ts';
import { openS3, targetFile } from '../sidecar/sidecar-account.ts';
import { temporaryFolder, until } from '../sidecar/sidecar-world.ts';
import { say } from '../soak/say.ts';

const REPLACEMENTS = 200;
const NODES = 20;
/** Seconds, for what hangs. */
const HANG = 240;

function runs(command: string, args: readonly string[], env: NodeJS.ProcessEnv): void {
  const child = spawn(command, args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
  onTestFinished(async () => {
    const ended = once(child, 'close');
    child.kill('SIGTERM');
    await ended;
  });
}

/** A real Prometheus that learns of targets by inotify alone: its periodic re-read is an hour away. */
async function startPrometheus(home: string) {
  const folder = await temporaryFolder();
  const config = join(folder, 'prometheus.yml');
  const job = `{job_name: emr, scrape_interval: 1h, file_sd_configs: [{files: ['${home}/targets/*.json'], refresh_interval: 1h}]}`;
  await writeFile(config, `scrape_configs: [${job}]\n`);
  const { prometheus, flags } = await preparePrometheus(cacheFolder(process.env));
  const address = `127.0.0.1:${await freePort('127.0.0.1')}`;
  runs(
    prometheus,
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${folder}/data`,
      `--web.listen-address=${address}`,
      '--log.level=error',
      ...flags,
    ],
    {},
  );
  const get = async (path: string) => await (await fetch(`http://${address}${path}`)).text();
  await until(
    () =>
      get('/-/ready')
        .then((text) => (/ready/i.test(text) ? true : undefined))
        .catch(() => undefined),
    HANG,
  );
  return {
    /** Cluster → the versions of its active targets. */
    targets: async (): Promise<ReadonlyMap<string, readonly string[]>> => {
      const { data } = JSON.parse(await get('/api/v1/targets?state=active')) as {
        data: { activeTargets: { labels: Record<string, string>; discoveredLabels: Record<string, string> }[] };
      };
      const byFile = Map.groupBy(
        data.activeTargets,
        ({ discoveredLabels }) => discoveredLabels['__meta_filepath'] ?? '',
      );
      return new Map(
        [...byFile].map(([file, found]) => [
          file.replace(/.*\//, ''),
          found.map(({ labels }) => labels['version'] ?? ''),
        ]),
      );
    },
    metric: async (name: string) => {
      const line = (await get('/metrics')).split('\n').find((text) => text.startsWith(`${name} `));
      return Number(line?.split(' ')[1]);
    },
  };
}

test(`Prometheus has no moment without targets while files are replaced ${REPLACEMENTS} times`, async () => {
  const { put, face, env } = await openS3();
  onTestFinished(() => face.close());
  const home = await temporaryFolder();
  put('targets/j-A.json', targetFile(NODES, '0'));
  // Other labels than j-A's: Prometheus scrapes equal targets once.
  put('targets/j-B.json', targetFile(NODES, 'B'));
  const bundle = await bundleSidecar();
  runs(process.execPath, [bundle, `--directory=${home}`, '--interval=100ms', '--listen=127.0.0.1:0'], env);
  // A folder that is not there when Prometheus starts is not watched: only the periodic re-read would find it.
  await until(() => readFile(join(home, 'targets/j-B.json'), 'utf8').catch(() => undefined), HANG);
  const { targets, metric } = await startPrometheus(home);
  const bothThere = async (version: string) => {
    const seen = await targets();
    return seen.get('j-A.json')?.[0] === version && seen.get('j-B.json')?.length === NODES ? true : undefined;
  };
  await until(() => bothThere('0'), HANG);

  const done = new AbortController();
  let looks = 0;
  const gaps: string[] = [];
  const watch = async (): Promise<void> => {
    // A gap would last for seconds: Prometheus passes changes on at most every 5 s (discovery/manager.go, updatert).
    for (; !done.signal.aborted; looks += 1, await sleep(50)) {
      const seen = await targets();
      for (const file of ['j-A.json', 'j-B.json'])
        if (seen.get(file)?.length !== NODES) gaps.push(`${file}: ${seen.get(file)?.length} targets`);
    }
  };
  const onDisk = async () => parseTargets(await readFile(join(home, 'targets/j-A.json'), 'utf8'));
  const replace = async (): Promise<number> => {
    for (let version = 1; version <= REPLACEMENTS; version += 1) {
      const before = looks;
      put('targets/j-A.json', targetFile(NODES, String(version)));
      // Every look at the file finds a whole one: parseTargets throws on anything else.
      await until(async () => ((await onDisk())[0]?.labels['version'] === String(version) ? true : undefined), HANG);
      // Prometheus may be slower than the sidecar.
      await until(() => (looks > before ? true : undefined), HANG);
    }
    const written = performance.now();
    await until(() => bothThere(String(REPLACEMENTS)), HANG);
    return performance.now() - written;
  };
  const [pickUp] = await Promise.all([replace().finally(() => done.abort()), watch()]);

  expect(gaps).toEqual([]);
  expect(await metric('prometheus_sd_file_read_errors_total')).toBe(0);
  say(`the last of ${REPLACEMENTS} files is in Prometheus ${(pickUp / 1000).toFixed(1)} s after it was written`);
});
