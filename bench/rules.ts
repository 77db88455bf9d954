/** One cycle of all rules over 10,000 nodes, in a real Prometheus that has the series which the rules read. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { startChild } from '../sandbox/demo/child.ts';
import { untilReady } from '../sandbox/demo/until-ready.ts';
import { cacheFolder } from '../scripts/cache-folder.ts';
import { preparePrometheus } from '../scripts/prepare/prepare-prometheus.ts';
import { type Figure, median, report, seconds } from './figure.ts';
import { writeSeries } from './remote-write.ts';
import { syntheticFleet } from './synthetic-fleet.ts';

const FOLDER = join(import.meta.dirname, '../infra/prometheus');
const NODES = 10_000;
const CLUSTERS = 200;
const BAR_MS = 5000;
/** Of every group; the slowest of them is evaluated each minute. */
const CYCLES = 3;
const LISTEN = '127.0.0.1:19790';
const URL_OF = `http://${LISTEN}`;

const SCRAPE_SECONDS = 15;
/** How far series go back that rules look at over minutes, or over an hour; and how far ahead, until all is measured. */
const SHORT = 6 * 60;
const LONG = 58 * 60;
const AHEAD = 9 * 60;

interface Rule {
  readonly expr: string;
}
interface Configuration {
  readonly global: { readonly evaluation_interval: string };
}

async function readRules() {
  const files = (await readdir(join(FOLDER, 'rules'))).map((file) => join(FOLDER, 'rules', file));
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  const groups = texts.flatMap(
    (text) => (parse(text) as { groups: readonly { name: string; rules: readonly Rule[] }[] }).groups,
  );
  const exprs = groups.flatMap(({ rules }) => rules.map(({ expr }) => expr)).join('\n');
  // A name whose selector is followed by a range of over five minutes, or by an offset.
  const long = [...exprs.matchAll(/(\w+)(?:\{[^}]*\})?(?:\[(?:[6-9]|\d\d+)m\]|\[\d+h\]|\s+offset)/g)];
  return {
    files,
    groups: groups.map(({ name }) => name),
    names: new Set(exprs.match(/\w+/g)),
    long: new Set(long.map(([, name = '']) => name)),
  };
}

const fleet = (names: ReadonlySet<string>, span: number) =>
  syntheticFleet({ clusters: Array.from({ length: CLUSTERS }, () => NODES / CLUSTERS), seconds: span, names });

async function fill({ names, long }: { names: ReadonlySet<string>; long: ReadonlySet<string> }): Promise<string> {
  const now = Date.now();
  const write = async (some: ReadonlySet<string>, before: number) => {
    const span = { start: now - before * 1000, seconds: before + AHEAD, step: SCRAPE_SECONDS };
    const { series, samples } = await writeSeries(URL_OF, fleet(some, span.seconds), span);
    process.stderr.write(`${series} series, ${samples} samples in ${seconds(Date.now() - now)}\n`);
    return series;
  };
  const far = await write(long, LONG);
  const near = await write(new Set([...names].filter((name) => !long.has(name))), SHORT);
  if (Date.now() - now > (AHEAD / 3) * 1000) throw new Error('filled too slowly: the samples end before the measuring');
  return (far + near).toLocaleString('en');
}

/** One number of each group, of Prometheus's page about itself. */
async function ofGroups(metric: string): Promise<ReadonlyMap<string, number>> {
  const page = await (await fetch(`${URL_OF}/metrics`)).text();
  const lines = page.matchAll(new RegExp(`^${metric}\\{rule_group="[^;]*;([^"]*)"\\} (\\S+)$`, 'gm'));
  return new Map([...lines].map(([, group = '', value]) => [group, Number(value)]));
}

/** Milliseconds of each group's last evaluations. */
async function measure(groups: readonly string[]): Promise<ReadonlyMap<string, readonly number[]>> {
  const seen = new Map(groups.map((name) => [name, new Map<number, number>()]));
  while ([...seen.values()].some(({ size }) => size < CYCLES)) {
    const [at, took] = await Promise.all([
      ofGroups('prometheus_rule_group_last_evaluation_timestamp_seconds'),
      ofGroups('prometheus_rule_group_last_duration_seconds'),
    ]);
    for (const [group, time] of at) if (time > 0) seen.get(group)?.set(time, (took.get(group) ?? NaN) * 1000);
    await new Promise((done) => setTimeout(done, 500));
  }
  return new Map([...seen].map(([group, times]) => [group, [...times.values()]]));
}

async function queried(query: string): Promise<number> {
  const response = await fetch(`${URL_OF}/api/v1/query?query=${encodeURIComponent(query)}`);
  const { data } = (await response.json()) as { data: { result: readonly { value: readonly [number, string] }[] } };
  return Number(data.result[0]?.value[1] ?? 0);
}

async function ruleFigures(): Promise<readonly Figure[]> {
  const { files, groups, names, long } = await readRules();
  const build = await preparePrometheus(cacheFolder(process.env));
  const home = await mkdtemp(join(tmpdir(), 'bench-rules-'));
  const config = join(home, 'prometheus.yml');
  const shipped = parse(await readFile(join(FOLDER, 'prometheus.yml'), 'utf8')) as Configuration;
  const global = { evaluation_interval: shipped.global.evaluation_interval };
  await writeFile(config, stringify({ global }));
  const flags = [`--config.file=${config}`, `--storage.tsdb.path=${home}/data`, `--web.listen-address=${LISTEN}`];
  const more = ['--web.enable-remote-write-receiver', '--web.enable-lifecycle'];
  const prometheus = startChild([build.prometheus, ...build.flags, ...flags, ...more], {
    env: {},
    log: join(home, 'log'),
    onExit: (code) => {
      throw new Error(`Prometheus ended with ${code}: see ${home}/log`);
    },
  });
  try {
    await untilReady('Prometheus', URL_OF, join(home, 'log'));
    const series = await fill({ names, long });
    await writeFile(config, stringify({ global, rule_files: files }));
    const { ok } = await fetch(`${URL_OF}/-/reload`, { method: 'POST' });
    if (!ok) throw new Error('Prometheus refuses the rules');
    const times = await measure(groups);
    return await figuresOf(times, series);
  } finally {
    await prometheus.stop();
    await rm(home, { recursive: true, force: true });
  }
}

async function figuresOf(times: ReadonlyMap<string, readonly number[]>, series: string): Promise<readonly Figure[]> {
  const failures = [...(await ofGroups('prometheus_rule_evaluation_failures_total')).values()].reduce((a, b) => a + b);
  const nodes = await queried('count(emr_node:cpu_busy:ratio_rate5m)');
  if (failures > 0 || nodes !== NODES) throw new Error(`${failures} rules failed; CPU recorded of ${nodes} nodes`);
  const groups = [...times].map(([group, some]) => ({ group, typical: median(some), worst: Math.max(...some) }));
  groups.sort((a, b) => b.typical - a.typical);
  for (const { group, typical, worst } of groups)
    process.stderr.write(`${group} ${seconds(typical)}, at most ${seconds(worst)}\n`);
  process.stderr.write(
    `${await queried('count({__name__=~"emr_.+:.+"})')} recorded, ${await queried('count(ALERTS)')} alerts\n`,
  );
  const cycle = groups.reduce((sum, { typical }) => sum + typical, 0);
  const [slowest] = groups;
  return [
    {
      figure: `rules of ${NODES.toLocaleString('en')} nodes (8 vCPUs) in ${CLUSTERS} clusters, one cycle`,
      bar: `≤ ${seconds(BAR_MS)}`,
      measured: `${seconds(cycle)} (all groups one after the other, medians of ${CYCLES}; most: ${slowest?.group} ${seconds(slowest?.typical ?? 0)}; ${series} series)`,
      met: cycle <= BAR_MS,
    },
  ];
}

report(await ruleFigures());
