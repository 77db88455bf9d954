/** How long the queries of the dashboards take in a real Prometheus: one large cluster, and a fleet of a hundred. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChild } from '../sandbox/demo/child.ts';
import { freePort } from '../sandbox/demo/free-port.ts';
import { untilReady } from '../sandbox/demo/until-ready.ts';
import { asksCloudWatch } from '../sandbox/grafana/asks-cloudwatch.ts';
import { type Dashboard, panelQueries, readDashboards, textOf } from '../sandbox/grafana/panel-queries.ts';
import { cacheFolder } from '../scripts/cache-folder.ts';
import { preparePrometheus } from '../scripts/prepare/prepare-prometheus.ts';
import { askEverything, type Asked } from './dashboard-queries.ts';
import { type Figure, report, seconds } from './figure.ts';
import { percent, watchProcess } from './processor-time.ts';
import { namesIn, readRecordRules, recordRules } from './record-rules.ts';
import { writeSeries } from './remote-write.ts';
import { syntheticFleet } from './synthetic-fleet.ts';

/** A smaller try: `BENCH_NODES=50 node bench/dashboards.ts`. */
const NODES = Number(process.env['BENCH_NODES'] ?? 1000);
/** One of them has all these nodes, the others three each. */
const CLUSTERS = 100;
const HOURS = 6;
/** Pixels of half a screen of 1,920: a point each 20 s of 6 h, where a panel does not say that fewer do. */
const POINTS = 900;
const SCRAPE = Number(process.env['BENCH_SCRAPE'] ?? 15);
/** Fewer panels, and what they read alone: `BENCH_PANELS='^emr-nodes (Read|Size of a request)$'`. */
const PANELS = new RegExp(process.env['BENCH_PANELS'] ?? '');
const BAR_QUERY_MS = 2000;
const BAR_FLEET_MS = 3000;

const say = (text: string): void => void process.stderr.write(`${text}\n`);

/** Recorded from 64 series of each node, which no panel reads: written as they are, without those. */
const WRITTEN = ['emr_node:cpu_mode:ratio_rate5m', 'emr_node:cpu_busy:ratio_rate5m', 'emr_node:cpus:count'];

/** What the queries read, and the rules that make it. */
function readBy(dashboards: readonly Dashboard[]) {
  const asked = dashboards.flatMap((one) => {
    const panels = panelQueries(one).filter(({ panel }) => PANELS.test(`${one.uid} ${panel}`));
    return panels.length === 0 ? [] : [...panels.map(({ expr }) => expr), ...one.templating.list.map(textOf)];
  });
  const names = new Set(namesIn([...asked, LARGEST, 'ALERTS', 'up'].join('\n')));
  const all = readRecordRules().filter(({ record }) => !WRITTEN.includes(record));
  // Last ones first: what makes what a later one reads.
  const rules = all.toReversed().filter(({ record, expr }) => {
    if (names.has(record)) for (const name of namesIn(expr)) names.add(name);
    return names.has(record);
  });
  return { rules: rules.toReversed(), names };
}

async function fill(url: string, dashboards: readonly Dashboard[], start: number): Promise<string> {
  const { rules, names } = readBy(dashboards);
  const ofRules = namesIn([...rules.map(({ expr }) => expr), ...WRITTEN, 'ALERTS', 'up'].join('\n'));
  const fleet = {
    clusters: [NODES, ...Array.from({ length: CLUSTERS - 1 }, () => 3)],
    seconds: HOURS * 3600,
    names,
    namesOfOthers: new Set([...ofRules, ...[...names].filter((name) => name.startsWith('emr_'))]),
  };
  const { series, samples } = await writeSeries(url, syntheticFleet(fleet), {
    start: start * 1000,
    seconds: fleet.seconds,
    step: SCRAPE,
    afterSlice: async (from, to) => {
      const written = performance.now();
      await recordRules(url, rules, start + from, start + to);
      say(
        `${(to / 3600).toFixed(1)} of ${HOURS} h are written; its rules took ${seconds(performance.now() - written)}`,
      );
    },
  });
  return `${series} series, ${(samples / 1e6).toFixed(0)} M samples`;
}

/** Blocks are made of what is older than some hours: queries beside that would be slower than they are. */
async function untilCompacted(url: string): Promise<void> {
  const limit = Date.now() + 10 * 60_000;
  for (;;) {
    const page = await (await fetch(`${url}/metrics`)).text();
    const [oldest = 0, newest = 0] = ['min', 'max'].map((which) =>
      Number(new RegExp(`^prometheus_tsdb_head_${which}_time (.*)$`, 'm').exec(page)?.[1]),
    );
    if (newest - oldest < 3 * 3600 * 1000) return;
    if (Date.now() > limit) throw new Error('the head is not made into blocks');
    await new Promise((done) => setTimeout(done, 1000));
  }
}

/** It works on for minutes after the head is blocks, on its log and on larger blocks, with rests between: that is no query's. */
async function untilQuiet(pid: number): Promise<void> {
  const limit = Date.now() + 10 * 60_000;
  for (;;) {
    const used = await watchProcess(pid);
    await new Promise((done) => setTimeout(done, 60_000));
    const { cpuMs, wallMs } = await used();
    if (cpuMs < 0.05 * wallMs) return;
    if (Date.now() > limit) throw new Error('Prometheus has not come to rest');
  }
}

/** By Prometheus's processor time, and by the clock: the one is the program's, the other this machine's too. */
const figures = (name: string, bar: number, { cpuMs, ms }: Pick<Asked, 'cpuMs' | 'ms'>, more: string) =>
  [
    { figure: `${name}: Prometheus's CPU`, took: cpuMs, note: ` (${more})` },
    { figure: '… by the clock', took: ms, note: '' },
  ].map(({ figure, took, note }): Figure => ({
    figure,
    bar: `≤ ${seconds(bar)}`,
    measured: `${(took / 1000).toFixed(2)} s${note}`,
    met: took <= bar,
  }));

async function ask(url: string, pid: number, dashboards: readonly Dashboard[], end: number) {
  const range = { start: end - HOURS * 3600, end, points: POINTS, scrape: SCRAPE };
  const answer = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(LARGEST)}&time=${end}`);
  const { data } = (await answer.json()) as { data: { result: readonly { metric: { cluster_id: string } }[] } };
  const cluster = data.result[0]?.metric.cluster_id ?? '';
  const used = await watchProcess(pid);
  const asked: Asked[] = [];
  for (const dashboard of dashboards)
    asked.push(...(await askEverything({ url, pid, panels: PANELS }, dashboard, cluster, range)));
  const stolen = percent((await used()).stolen);
  const costliest = asked.toSorted((a, b) => b.cpuMs - a.cpuMs);
  for (const { dashboard, panel, ms, cpuMs, bytes, series } of costliest.slice(0, 25)) {
    const took = `${cpuMs.toFixed(0).padStart(6)} ms of CPU, ${ms.toFixed(0).padStart(6)} ms`;
    say(`${took} ${dashboard} ${panel}: ${series} series, ${(bytes / 1e6).toFixed(1)} MB`);
  }
  const empty = asked.filter(({ panel, series }) => series === 0 && !panel.startsWith('$'));
  const others = dashboards.flatMap(panelQueries).filter(asksCloudWatch);
  say(`${asked.length} queries were asked; ${others.length} are CloudWatch’s`);
  say(`Without data: ${empty.map(({ dashboard, panel }) => `${dashboard} ${panel}`).join('; ')}`);
  const [first] = costliest;
  const most = { cpuMs: first?.cpuMs ?? 0, ms: Math.max(...asked.map(({ ms }) => ms)) };
  const middle = costliest[Math.floor(costliest.length / 2)]?.cpuMs.toFixed(0);
  const where = `${first?.dashboard} “${first?.panel}”, mean of 3; of ${asked.length} queries half within ${middle} ms; ${stolen} of the processors stolen`;
  const ofFleet = asked.filter(({ dashboard }) => dashboard === 'emr-fleet');
  const fleet = {
    cpuMs: ofFleet.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
    ms: ofFleet.reduce((sum, { ms }) => sum + ms, 0),
  };
  const slowest = figures(
    `slowest dashboard query, a cluster of ${NODES} nodes, ${HOURS} h`,
    BAR_QUERY_MS,
    most,
    where,
  );
  if (ofFleet.length === 0) return slowest;
  const note = `sum of ${ofFleet.length} means of 3; ${stolen} of the processors stolen`;
  return [...slowest, ...figures(`Fleet dashboard, all queries, ${CLUSTERS} clusters`, BAR_FLEET_MS, fleet, note)];
}

const LARGEST = 'topk(1, emr_cluster:nodes:count)';

async function dashboardFigures(): Promise<readonly Figure[]> {
  const build = await preparePrometheus(cacheFolder(process.env));
  const dashboards = await readDashboards();
  const home = await mkdtemp(join(tmpdir(), 'bench-dashboards-'));
  const listen = `127.0.0.1:${await freePort('127.0.0.1')}`;
  const url = `http://${listen}`;
  const config = join(home, 'prometheus.yml');
  await writeFile(config, '{}\n');
  const flags = [`--config.file=${config}`, `--storage.tsdb.path=${home}/data`, `--web.listen-address=${listen}`];
  const prometheus = startChild([build.prometheus, ...build.flags, ...flags, '--web.enable-remote-write-receiver'], {
    env: {},
    log: join(home, 'log'),
    onExit: (code) => {
      throw new Error(`Prometheus ended with ${code}: see ${home}/log`);
    },
  });
  try {
    await untilReady('Prometheus', url, join(home, 'log'));
    const end = Math.floor(Date.now() / 1000 / 3600) * 3600;
    const began = Date.now();
    say(`${await fill(url, dashboards, end - HOURS * 3600)}, written in ${seconds(Date.now() - began)}`);
    await untilCompacted(url);
    await untilQuiet(prometheus.pid);
    return await ask(url, prometheus.pid, dashboards, end - SCRAPE);
  } finally {
    await prometheus.stop();
    await rm(home, { recursive: true, force: true });
  }
}

report(await dashboardFigures());
