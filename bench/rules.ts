/** One cycle of all rules over 10,000 nodes, in a real Prometheus that has the series which the rules read. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { type Child, startChild } from '../sandbox/demo/child.ts';
import { untilReady } from '../sandbox/demo/until-ready.ts';
import { cacheFolder } from '../scripts/cache-folder.ts';
import { preparePrometheus } from '../scripts/prepare/prepare-prometheus.ts';
import { type Figure, median, report, seconds } from './figure.ts';
import { percent, type Used, watchProcess } from './processor-time.ts';
import { encodeLabels, encodeSamples, sender, writeSeries } from './remote-write.ts';
import { type Group, namesByReach, readGroups, SHORTEST } from './rule-groups.ts';
import { syntheticFleet } from './synthetic-fleet.ts';

/** A smaller try: `BENCH_NODES=400 npm run bench -- rules`. */
const NODES = Number(process.env['BENCH_NODES'] ?? 10_000);
const NODES_OF_CLUSTER = 50;
const BAR_MS = 5000;
const CYCLES = 3;
const LISTEN = '127.0.0.1:19790';
const URL_OF = `http://${LISTEN}`;

const CLOCK = 'node_time_seconds';
const SCRAPE_SECONDS = 15;
/** For how long there are samples while all is measured: cycles begin each 30 s, later where the last one still runs. */
const MEASURING = 240;
/** evaluation_interval as it is shipped; groups that are evaluated each minute are, too, so that a cycle has them all. */
const INTERVAL = 30;
/** Its page costs Prometheus some milliseconds, which are no rule's. */
const LOOK_MS = 5000;
const HOUR = 3600;

const clusters = Array.from({ length: Math.ceil(NODES / NODES_OF_CLUSTER) }, () => NODES_OF_CLUSTER);

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

/** What was recorded of disks an hour before the cycles: alerts compare with it. */
async function fillDisks(end: number): Promise<void> {
  const start = end - (MEASURING + HOUR + SHORTEST) * 1000;
  const names = new Set(['node_filesystem_avail_bytes']);
  const shapes = Array.from(syntheticFleet({ clusters, seconds: 1, names }));
  const disks = shapes.map((disk) => ({
    ...disk,
    to: Infinity,
    labels: { ...disk.labels, __name__: 'emr_filesystem:available:ratio' },
  }));
  await writeSeries(URL_OF, disks, { start, seconds: MEASURING + SHORTEST, step: INTERVAL });
}

/** Answers how many series there are, and when they can be looked at: a time that is past. */
async function fill(groups: readonly Group[]) {
  let [series, end] = [0, Date.now()];
  await fillDisks(end);
  for (const [back, all] of namesByReach(groups)) {
    const begun = Date.now();
    const start = end - (MEASURING + back) * 1000;
    const span = { start, seconds: (end - start) / 1000, step: SCRAPE_SECONDS };
    const names = new Set([...all].filter((name) => name !== CLOCK));
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

/** Milliseconds of each group's evaluations, and what the process used for a cycle: for each group once. */
async function measure(groups: readonly string[], pid: number) {
  const seen = new Map(groups.map((name) => [name, new Map<number, number>()]));
  const look = async (): Promise<number> => {
    const [at, took] = await Promise.all([
      ofGroups('prometheus_rule_group_last_evaluation_timestamp_seconds'),
      ofGroups('prometheus_rule_group_last_duration_seconds'),
    ]);
    for (const [group, time] of at) if (time > 0) seen.get(group)?.set(time, (took.get(group) ?? NaN) * 1000);
    await new Promise((done) => setTimeout(done, LOOK_MS));
    return Math.min(...[...seen.values()].map(({ size }) => size));
  };
  // The first evaluation of all makes the recorded series: that happens once.
  while ((await look()) < 1);
  const before = new Map([...seen].map(([group, took]) => [group, took.size]));
  const used = await watchProcess(pid);
  while ((await look()) < 1 + CYCLES);
  const times = new Map([...seen].map(([group, took]) => [group, [...took.values()].slice(before.get(group))]));
  // Groups begin at moments of their own, so that some ran once more than others: each counts by what it takes.
  const all = [...times.values()].flat().reduce((sum, took) => sum + took, 0);
  const cycle = [...times.values()].reduce((sum, some) => sum + median(some), 0);
  return { times, cycle, used: await used(), cycles: all / cycle };
}

async function queried(query: string, at: number): Promise<number> {
  const response = await fetch(`${URL_OF}/api/v1/query?query=${encodeURIComponent(query)}&time=${at}`);
  const { data } = (await response.json()) as { data: { result: readonly { value: readonly [number, string] }[] } };
  return Number(data.result[0]?.value[1] ?? 0);
}

async function ruleFigures(): Promise<readonly Figure[]> {
  const groups = (await readGroups()).map(({ interval: _, ...group }) => group);
  const build = await preparePrometheus(cacheFolder(process.env));
  const home = await mkdtemp(join(tmpdir(), 'bench-rules-'));
  const config = join(home, 'prometheus.yml');
  await writeFile(config, '{}\n');
  const flags = [`--config.file=${config}`, `--storage.tsdb.path=${home}/data`, `--web.listen-address=${LISTEN}`];
  // A connection may wait for long while a busy machine makes series.
  const more = ['--web.enable-remote-write-receiver', '--web.enable-lifecycle', '--web.read-timeout=1h'];
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
    // However long the filling took: rules look at the time from which on there are samples to measure with.
    const query_offset = `${Math.ceil((Date.now() - at) / 1000)}s`;
    await writeFile(
      join(home, 'all.rules.yml'),
      stringify({ groups: groups.map((one) => ({ ...one, query_offset })) }),
    );
    const global = { evaluation_interval: `${INTERVAL}s` };
    await writeFile(config, stringify({ global, rule_files: [join(home, 'all.rules.yml')] }));
    const { ok } = await fetch(`${URL_OF}/-/reload`, { method: 'POST' });
    if (!ok) throw new Error('Prometheus refuses the rules');
    return await figuresOf(await evaluated(groups, prometheus, at), series.toLocaleString('en'));
  } finally {
    await prometheus.stop();
    await rm(home, { recursive: true, force: true });
  }
}

async function evaluated(groups: readonly Group[], { pid }: Child, at: number) {
  const begun = Date.now();
  const measured = await measure(
    groups.map(({ name }) => name),
    pid,
  );
  const took = (Date.now() - begun) / 1000;
  if (took > MEASURING) throw new Error(`${CYCLES} cycles took ${took} s: the samples ended before`);
  return { ...measured, end: at / 1000 + took };
}

type Measured = Awaited<ReturnType<typeof evaluated>>;

async function figuresOf({ times, cycle, used, cycles, end }: Measured, series: string): Promise<readonly Figure[]> {
  const failures = [...(await ofGroups('prometheus_rule_evaluation_failures_total')).values()].reduce((a, b) => a + b);
  const nodes = await queried('count(emr_node:cpu_busy:ratio_rate5m)', end);
  if (failures > 0 || nodes !== NODES) throw new Error(`${failures} rules failed; CPU recorded of ${nodes} nodes`);
  const groups = [...times].map(([group, some]) => ({ group, typical: median(some), worst: Math.max(...some) }));
  groups.sort((a, b) => b.typical - a.typical);
  for (const { group, typical, worst } of groups)
    process.stderr.write(`${group} ${seconds(typical)}, at most ${seconds(worst)}\n`);
  process.stderr.write(
    `${await queried('count({__name__=~"emr_.+:.+"})', end)} recorded, ${await queried('count(ALERTS)', end)} alerts\n`,
  );
  const fleet = `rules of ${NODES.toLocaleString('en')} nodes (8 vCPUs) in ${clusters.length} clusters, one cycle`;
  const [longest] = groups;
  if (longest === undefined) throw new Error('no groups');
  return [processorFigure(fleet, used, cycles, series), clockFigure(fleet, cycle, longest)];
}

const processorFigure = (fleet: string, { cpuMs, stolen }: Used, cycles: number, series: string): Figure => ({
  figure: `${fleet}: Prometheus's CPU`,
  bar: `≤ ${seconds(BAR_MS)}`,
  measured: `${seconds(cpuMs / cycles)} (mean of ${cycles.toFixed(1)}; ${series} series; ${percent(stolen)} of the processors stolen)`,
  met: cpuMs / cycles <= BAR_MS,
});

const clockFigure = (
  fleet: string,
  cycle: number,
  { group, typical }: { readonly group: string; readonly typical: number },
): Figure => ({
  figure: `${fleet}: by the clock`,
  bar: `≤ ${seconds(BAR_MS)}`,
  measured: `${seconds(cycle)} (groups one after the other, medians of ${CYCLES}; most: ${group} ${seconds(typical)})`,
  met: cycle <= BAR_MS,
});

report(await ruleFigures());
