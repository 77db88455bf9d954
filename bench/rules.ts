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
import { encodeLabels, encodeSamples, sender, writeSeries } from './remote-write.ts';
import { syntheticFleet } from './synthetic-fleet.ts';

const FOLDER = join(import.meta.dirname, '../infra/prometheus/rules');
const NODES = 10_000;
const CLUSTERS = 200;
const BAR_MS = 5000;
const CYCLES = 3;
const LISTEN = '127.0.0.1:19790';
const URL_OF = `http://${LISTEN}`;

const CLOCK = 'node_time_seconds';
const SCRAPE_SECONDS = 15;
/** How far back a rule looks that has no range (an instant is looked for in five minutes) or one of five minutes. */
const SHORTEST = 330;
/** Recorded series are what looks back for more. */
const LONGEST = 3630;
/** How long there are samples while all is measured, and how far ahead Prometheus takes them (10 minutes). */
const MEASURING = 120;
const AHEAD = 580;
/** Evaluated more often than it is shipped: what one evaluation takes does not depend on it. */
const INTERVAL = 15;

interface Group {
  readonly name: string;
  readonly interval?: string;
  readonly rules: readonly { readonly expr: string }[];
}

async function readGroups(): Promise<readonly Group[]> {
  const files = await readdir(FOLDER);
  const texts = await Promise.all(files.map((file) => readFile(join(FOLDER, file), 'utf8')));
  return texts.flatMap((text) => (parse(text) as { readonly groups: readonly Group[] }).groups);
}

const SECONDS = { m: 60, h: 3600 };

/** The names that rules read, by how many seconds back they are looked at, the longest first. */
function namesByReach(groups: readonly Group[]): readonly (readonly [number, ReadonlySet<string>])[] {
  const exprs = groups.flatMap(({ rules }) => rules.map(({ expr }) => expr)).join('\n');
  const read = new Set(exprs.match(/[a-z]\w+/g));
  read.delete(CLOCK);
  const reach = new Map([...read].map((name) => [name, SHORTEST]));
  for (const [, name = '', range = '', unit = 'm'] of exprs.matchAll(
    /([a-z]\w+)(?:\{[^}]*\})?(?:\[| offset )(\d+)([mh])/g,
  )) {
    const back = Number(range) * SECONDS[unit as keyof typeof SECONDS] + 30;
    reach.set(name, Math.min(LONGEST, Math.max(back, reach.get(name) ?? 0)));
  }
  return [...Map.groupBy(reach, ([, back]) => back)]
    .map(([back, names]) => [back, new Set(names.map(([name]) => name))] as const)
    .toSorted(([a], [b]) => b - a);
}

const clusters = Array.from({ length: CLUSTERS }, () => NODES / CLUSTERS);

/** Clocks that are right: else an alert for each node would be measured. */
async function fillClocks(begin: number, end: number): Promise<void> {
  const send = sender(URL_OF);
  const count = Math.floor((end - begin) / 1000 / SCRAPE_SECONDS);
  const times = Array.from({ length: count }, (_, index) => begin + index * SCRAPE_SECONDS * 1000);
  const samples = encodeSamples(times.map((time) => ({ time, value: time / 1000 })));
  for (const { labels } of syntheticFleet({ clusters, seconds: 1, names: new Set([CLOCK]) }))
    await send.add(encodeLabels(labels), samples);
  await send.flush();
}

/** Answers how many series there are, and when they can be looked at. */
async function fill(groups: readonly Group[]) {
  let [series, end] = [0, Date.now() + AHEAD * 1000];
  for (const [back, names] of namesByReach(groups)) {
    const begun = Date.now();
    const start = end - (MEASURING + back) * 1000;
    const span = { start, seconds: (end - start) / 1000, step: SCRAPE_SECONDS };
    const written = await writeSeries(URL_OF, syntheticFleet({ clusters, seconds: span.seconds, names }), span);
    const took = seconds(Date.now() - begun);
    process.stderr.write(`back ${back} s: ${written.series} series, ${written.samples} samples in ${took}\n`);
    series += written.series;
  }
  await fillClocks(end - (MEASURING + SHORTEST) * 1000, end);
  return { series: series + NODES, at: end - MEASURING * 1000 };
}

/** One number of each group, of Prometheus's page about itself. */
async function ofGroups(metric: string): Promise<ReadonlyMap<string, number>> {
  const page = await (await fetch(`${URL_OF}/metrics`)).text();
  const lines = page.matchAll(new RegExp(`^${metric}\\{rule_group="[^;]*;([^"]*)"\\} (\\S+)$`, 'gm'));
  return new Map([...lines].map(([, group = '', value]) => [group, Number(value)]));
}

async function cpuSeconds(): Promise<number> {
  const page = await (await fetch(`${URL_OF}/metrics`)).text();
  return Number(/^process_cpu_seconds_total (\S+)$/m.exec(page)?.[1]);
}

/** Milliseconds of each group's last evaluations. */
async function measure(groups: readonly string[]) {
  const begun = { at: Date.now(), cpu: await cpuSeconds() };
  const seen = new Map(groups.map((name) => [name, new Map<number, number>()]));
  while ([...seen.values()].some(({ size }) => size < CYCLES)) {
    const [at, took] = await Promise.all([
      ofGroups('prometheus_rule_group_last_evaluation_timestamp_seconds'),
      ofGroups('prometheus_rule_group_last_duration_seconds'),
    ]);
    for (const [group, time] of at) if (time > 0) seen.get(group)?.set(time, (took.get(group) ?? NaN) * 1000);
    await new Promise((done) => setTimeout(done, 3000));
  }
  const cycles = (Date.now() - begun.at) / 1000 / INTERVAL;
  return {
    times: new Map([...seen].map(([group, took]) => [group, [...took.values()]])),
    cpu: (((await cpuSeconds()) - begun.cpu) / cycles) * 1000,
  };
}

async function queried(query: string): Promise<number> {
  const response = await fetch(`${URL_OF}/api/v1/query?query=${encodeURIComponent(query)}`);
  const { data } = (await response.json()) as { data: { result: readonly { value: readonly [number, string] }[] } };
  return Number(data.result[0]?.value[1] ?? 0);
}

async function ruleFigures(): Promise<readonly Figure[]> {
  const groups = (await readGroups()).map(({ interval: _, ...group }) => group);
  const build = await preparePrometheus(cacheFolder(process.env));
  const home = await mkdtemp(join(tmpdir(), 'bench-rules-'));
  const config = join(home, 'prometheus.yml');
  const global = { evaluation_interval: `${INTERVAL}s` };
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
    const { series, at } = await fill(groups);
    if (Date.now() > at) throw new Error('filled too slowly: the samples end before all is measured');
    await new Promise((done) => setTimeout(done, at - Date.now()));
    await writeFile(join(home, 'all.rules.yml'), stringify({ groups }));
    await writeFile(config, stringify({ global, rule_files: [join(home, 'all.rules.yml')] }));
    const { ok } = await fetch(`${URL_OF}/-/reload`, { method: 'POST' });
    if (!ok) throw new Error('Prometheus refuses the rules');
    return await figuresOf(await measure(groups.map(({ name }) => name)), series.toLocaleString('en'));
  } finally {
    await prometheus.stop();
    await rm(home, { recursive: true, force: true });
  }
}

type Measured = Awaited<ReturnType<typeof measure>>;

async function figuresOf({ times, cpu }: Measured, series: string): Promise<readonly Figure[]> {
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
      measured: `${seconds(cycle)} (all groups one after the other, medians of ${CYCLES}; ${seconds(cpu)} of CPU; most: ${slowest?.group} ${seconds(slowest?.typical ?? 0)}; ${series} series)`,
      met: cycle <= BAR_MS,
    },
  ];
}

report(await ruleFigures());
