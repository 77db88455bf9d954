import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as fc from 'fast-check';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { areas } from '../../infra/exporters/graphite/paths/all.ts';
import { mappingOf } from '../../infra/exporters/graphite/paths/render-mapping.ts';
import type { Tier } from '../../infra/exporters/graphite/paths/table.ts';
import { freePort } from '../../sandbox/demo/free-port.ts';
import { until } from '../../sandbox/until.ts';
import { cacheFolder } from '../../scripts/cache-folder.ts';
import { artifactKey, lockedExporter, readExportersLock } from '../../scripts/exporters/exporters-lock.ts';
import { prepareExporters } from '../../scripts/prepare/prepare-exporters.ts';
import { preparePrometheus } from '../../scripts/prepare/prepare-prometheus.ts';
import { anyPath } from '../infra/exporters/spark-paths/arbitrary-paths.ts';
import { graphiteExporter, isSample, seriesOf } from '../infra/exporters/spark-paths/graphite-exporter-model.ts';
import { lineOf, ofApplicationMaster, readRecording } from '../infra/exporters/spark-paths/recordings.ts';

const exec = promisify(execFile);
const LOOPBACK = '127.0.0.1';
const VERSIONS = ['3.3', '3.5', '4.0'];
/** By a sample's own time graphite_exporter forgets it. */
const seconds = (): number => Math.floor(Date.now() / 1000);
const arbitrary = fc.sample(fc.uniqueArray(anyPath, { minLength: 3000, maxLength: 3000 }), { numRuns: 1, seed: 6 });
const arbitraryLines = (now: number): readonly string[] =>
  arbitrary.flat().map((path, index) => `${path} ${index / 7} ${now}`);

let folder: string;
let program: string;
let promtool: string;
let running: ChildProcess | undefined;

beforeAll(async () => {
  const cache = cacheFolder(process.env);
  ({ promtool } = await preparePrometheus(cache));
  const wanted = { graphite: lockedExporter(await readExportersLock(), 'graphite') };
  const exporters = await prepareExporters(cache, wanted, process.env);
  const locked = lockedExporter(exporters.lock, 'graphite');
  const artifact = locked.artifacts[process.arch === 'arm64' ? 'arm64' : 'amd64'];
  if (artifact === undefined) throw new Error('no graphite_exporter for this machine');
  folder = await mkdtemp(join(tmpdir(), 'graphite-mapping-'));
  const archive = join(exporters.folder, artifactKey('graphite', locked, artifact));
  await exec('tar', ['-xzf', archive, '-C', folder, '--strip-components=1']);
  program = join(folder, 'graphite_exporter');
});
afterEach(async () => {
  const child = running;
  running = undefined;
  if (child?.kill() === true) await once(child, 'exit');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What this version of Spark sends, at this time. */
async function recorded(version: string): Promise<readonly string[]> {
  const now = seconds();
  return [...(await readRecording(version)), ...ofApplicationMaster].map((sent) => lineOf(sent, now));
}

const mappingFile = (tier: Tier): string => `infra/exporters/graphite/mapping.${tier}.yml`;

interface Running {
  readonly page: () => Promise<string>;
  /** All of it is taken in, then the page is answered. */
  readonly send: (lines: readonly string[]) => Promise<string>;
}

async function start(tier: Tier, ...flags: readonly string[]): Promise<Running> {
  const [http, graphite] = [await freePort(LOOPBACK), await freePort(LOOPBACK)];
  const listening = [`--web.listen-address=${LOOPBACK}:${http}`, `--graphite.listen-address=${LOOPBACK}:${graphite}`];
  const usual = [`--graphite.mapping-config=${mappingFile(tier)}`, '--graphite.cache-size=0', '--log.level=error'];
  running = spawn(program, [...listening, ...usual, ...flags], { stdio: 'ignore' });
  const page = async (): Promise<string> => {
    const answer = await fetch(`http://${LOOPBACK}:${http}/metrics`);
    expect(answer.status).toBe(200);
    return await answer.text();
  };
  await until('graphite_exporter answers', () => page().catch(() => undefined));
  const send = async (lines: readonly string[]): Promise<string> => {
    const socket = connect(graphite, LOOPBACK);
    socket.end(`${lines.join('\n')}\nspark_end.driver.JVMCPU.jvmCpuTime 1 ${seconds()}\n`);
    await once(socket, 'close');
    return await until('the last line', async () => {
      const text = await page();
      return text.includes('spark_end') ? text : undefined;
    });
  };
  return { page, send };
}

const SERIES = /^(?<series>[a-zA-Z_:][\w:]*(?:\{.*\})?) (?<value>\S+)$/;

/** The page's own metrics, and those of its process, left out. */
const onPage = (text: string): ReadonlyMap<string, number> =>
  new Map(
    text.split('\n').flatMap((line) => {
      const { series = '', value = '' } = SERIES.exec(line)?.groups ?? {};
      const isOwn = /^(graphite_|go_|process_|promhttp_|net_conntrack|statsd_)/.test(series);
      return series === '' || isOwn || series.includes('spark_end') ? [] : [[series, Number(value)] as const];
    }),
  );

const expected = (tier: Tier, lines: readonly string[]): ReadonlyMap<string, number> =>
  new Map(
    lines
      .map(graphiteExporter(mappingOf(areas, tier)))
      .filter(isSample)
      .map((sample) => [seriesOf(sample), sample.value]),
  );

test.each([
  ['essential', '3.3'],
  ['full', '3.3'],
] as const)(
  'graphite_exporter with mapping.%s.yml shows what the model says of Spark %s, and of arbitrary paths',
  async (tier, version) => {
    const { send } = await start(tier, '--graphite.mapping-strict-match', '--graphite.sample-expiry=60s');
    const lines = [...(await recorded(version)), ...arbitraryLines(seconds())];
    const text = await send(lines);
    const wanted = expected(tier, lines);
    expect(wanted.size).toBeGreaterThan(150);
    expect(onPage(text)).toEqual(wanted);
  },
);

test.each(VERSIONS)(
  'without strict match, nothing of Spark %s is on the page but what the table names',
  async (version) => {
    const { send } = await start('full');
    const lines = await recorded(version);
    expect(onPage(await send(lines))).toEqual(expected('full', lines));
  },
);

test.each(VERSIONS)(
  'promtool reads the page of Spark %s, and finds no fault but gauges that are named as the counters they are',
  async (version) => {
    const { send } = await start('full', '--graphite.mapping-strict-match');
    const text = await send(await recorded(version));
    const check = exec(promtool, ['check', 'metrics']);
    check.child.stdin?.end(text);
    const answer = await check.catch((error: { readonly code: number; readonly stderr: string }) => error);
    const found = answer.stderr.split('\n').filter((line) => line.startsWith('spark_'));
    const known = /non-counter metrics should not have "_total" suffix|should not have "quantile" label/;
    expect(found.filter((line) => !known.test(line))).toEqual([]);
    expect('code' in answer ? answer.code : 0).not.toBe(1);
  },
);

test.each(['essential', 'full'] as const)(
  'mapping.%s.yml is accepted and loaded within half a second',
  async (tier) => {
    // Of processor: what others take of it is not the mapping's fault.
    const line = `TIMEFORMAT='%U %S'; time ${program} --check-config --graphite.mapping-config=${mappingFile(tier)} 2>&1`;
    const { stderr } = await exec('bash', ['-c', line]);
    const [user = NaN, system = NaN] = stderr.trim().split(' ').map(Number);
    expect(user + system).toBeLessThan(0.5);
  },
);
