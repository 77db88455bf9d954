/** graphite_exporter on a node of a busy cluster, installed by the shipped document. Runs inside the nodes' world. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Tier } from '../infra/exporters/graphite/paths/table.ts';
import { runScript } from '../sandbox/hadoop/run-script.ts';
import type { SandboxNode } from '../sandbox/nodes/boot-node.ts';
import { startArtifactServer } from '../test/nodes/artifact-server.ts';
import { graphiteOrders, type GraphiteOrders } from '../test/nodes/graphite-orders.ts';
import { bootDocumentNode, runDocument } from '../test/nodes/run-document.ts';
import { type Figure, median, report, seconds } from './figure.ts';
import { NAMES_UNIT, namesFigure, startNames, unitCpuMs } from './graphite-names.ts';
import { cpuOf, mainProcess, residentMb, scrape } from './jmx-node.ts';
import { processesOf, send, SETTING } from './spark-replay.ts';

/** Of the sink. */
const PERIOD_MS = 10_000;
const ROUNDS = 6;
const SCRAPES = 20;
const LOADS = 5;
const PORT = 9108;
const UNIT = 'prometheus-on-emr-graphite';
const HOME = '/opt/prometheus-on-emr/graphite';

const BARS = {
  residentMb: 60,
  cpuShare: 0.03,
  scrapeMs: 100,
  series: { essential: 2_500, full: 6_500 },
  keptShare: 0.6,
  goneMs: 75_000,
  loadMs: 500,
} as const;

const seriesOf = async (node: SandboxNode): Promise<number> =>
  (await scrape(node, PORT)).match(/^spark_/gm)?.length ?? 0;

interface Measured {
  readonly lines: number;
  readonly series: number;
  readonly residentMb: number;
  readonly cpuShare: number;
  readonly unitShare: number;
  readonly scrapeMs: number;
  readonly names: Figure;
}

/** A round every ten seconds, and a scrape with it, for a minute. */
async function load(node: SandboxNode, orders: GraphiteOrders, tier: Tier): Promise<Measured> {
  const { code, stderr } = await runDocument(node, orders.install({ Tier: tier, Applications: 'true' }));
  if (code !== 0) throw new Error(`install ended with ${code}: ${stderr}`);
  const all = await processesOf(tier);
  await send(node, all);
  const exporter = await mainProcess(node, UNIT);
  const begun = performance.now();
  const before = {
    own: (await cpuOf(exporter)).ownMs,
    unit: await unitCpuMs(node, UNIT),
    names: await unitCpuMs(node, NAMES_UNIT),
  };
  for (let round = 1; round <= ROUNDS; round += 1) {
    await send(node, all);
    await scrape(node, PORT);
    await sleep(Math.max(0, begun + round * PERIOD_MS - performance.now()));
  }
  const own = (await cpuOf(exporter)).ownMs - before.own;
  const unit = (await unitCpuMs(node, UNIT)) - before.unit;
  const names = (await unitCpuMs(node, NAMES_UNIT)) - before.names;
  const wall = performance.now() - begun;
  const times: number[] = [];
  for (let left = SCRAPES; left > 0; left -= 1) {
    const asked = performance.now();
    await scrape(node, PORT);
    times.push(performance.now() - asked);
  }
  const measured = {
    lines: all.reduce((sum, { lines }) => sum + lines.length, 0),
    series: await seriesOf(node),
    residentMb: await residentMb(exporter),
    cpuShare: own / wall,
    unitShare: unit / wall,
    scrapeMs: median(times),
    names: await namesFigure(node, names, wall),
  };
  process.stderr.write(`${tier}: ${JSON.stringify(measured)}\n`);
  return measured;
}

/** From the last lines, which an application sends as it ends. */
async function gone(node: SandboxNode): Promise<number> {
  await send(node, await processesOf('full'));
  const ended = performance.now();
  while ((await seriesOf(node)) > 0) {
    if (performance.now() - ended > 2 * BARS.goneMs) throw new Error('the applications do not go');
    await sleep(250);
  }
  return performance.now() - ended;
}

async function mappingLoad(node: SandboxNode): Promise<number> {
  const check = `${HOME}/current/graphite_exporter --check-config --graphite.mapping-config=${HOME}/mapping.yml`;
  const said = await runScript(
    node,
    `for time in {1..${LOADS}}; do begun=\${EPOCHREALTIME/.}; ${check} >/dev/null 2>&1; echo $((\${EPOCHREALTIME/.} - begun)); done`,
  );
  return median(said.split('\n').map(Number)) / 1_000;
}

function figuresOf(tier: Tier, measured: Measured): readonly Figure[] {
  const { lines, series, residentMb: resident, cpuShare, unitShare, scrapeMs } = measured;
  const kept = series / lines;
  return [
    {
      figure: `${SETTING}, tier ${tier}: series`,
      bar: `≤ ${BARS.series[tier]}`,
      measured: `${series}`,
      met: series <= BARS.series[tier],
    },
    {
      figure: '… exporter RSS',
      bar: `≤ ${BARS.residentMb} MB`,
      measured: `${resident.toFixed(0)} MB`,
      met: resident <= BARS.residentMb,
    },
    {
      figure: '… exporter CPU',
      bar: `≤ ${BARS.cpuShare * 100} % of a core`,
      measured: `${percent(cpuShare)}, with what watches it ${percent(unitShare)} (a round of ${lines} lines every 10 s, for ${(ROUNDS * PERIOD_MS) / 1_000} s)`,
      met: cpuShare <= BARS.cpuShare,
    },
    {
      figure: '… scrape',
      bar: `≤ ${BARS.scrapeMs / 1_000} s`,
      measured: `${(scrapeMs / 1_000).toFixed(3)} s (median of ${SCRAPES})`,
      met: scrapeMs <= BARS.scrapeMs,
    },
    {
      figure: '… lines kept of lines sent',
      bar: `≥ ${BARS.keptShare * 100} %`,
      measured: `${percent(kept)} (${series} of ${lines})`,
      met: kept >= BARS.keptShare,
    },
  ];
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

async function measure(node: SandboxNode, orders: GraphiteOrders): Promise<readonly Figure[]> {
  const tiers: Figure[] = [];
  let names: Figure | undefined;
  for (const tier of ['essential', 'full'] as const) {
    const measured = await load(node, orders, tier);
    tiers.push(...figuresOf(tier, measured));
    names = measured.names;
  }
  const loadMs = await mappingLoad(node);
  const goneMs = await gone(node);
  return [
    ...tiers,
    {
      figure: 'application end → series gone',
      bar: `≤ ${seconds(BARS.goneMs)}`,
      measured: seconds(goneMs),
      met: goneMs <= BARS.goneMs,
    },
    {
      figure: 'mapping load, full',
      bar: `≤ ${seconds(BARS.loadMs)}`,
      measured: `${(loadMs / 1_000).toFixed(2)} s (median of ${LOADS}, the program's start with it)`,
      met: loadMs <= BARS.loadMs,
    },
    ...(names === undefined ? [] : [names]),
  ];
}

const server = await startArtifactServer();
const node = await bootDocumentNode(27, server.authority);
try {
  await startNames(node);
  report(await measure(node, await graphiteOrders(server)));
} finally {
  await node.kill();
  server.close();
}
