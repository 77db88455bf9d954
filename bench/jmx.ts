/** jmx_exporter beside five real Hadoop daemons, installed by the shipped document. Runs inside the nodes' world. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ALL_DAEMONS, hadoopDaemons, type DaemonName } from '../sandbox/hadoop/daemon-table.ts';
import { daemonProcesses, readJmx } from '../sandbox/hadoop/run-daemons.ts';
import { runScript } from '../sandbox/hadoop/run-script.ts';
import type { SandboxNode } from '../sandbox/nodes/boot-node.ts';
import { startArtifactServer } from '../test/nodes/artifact-server.ts';
import { jmxOrders, type JmxOrders } from '../test/nodes/jmx-orders.ts';
import { runDocument } from '../test/nodes/run-document.ts';
import { type Figure, median, report, seconds } from './figure.ts';
import { catchAllFigures, countSeries } from './jmx-catch-all.ts';
import {
  bootHadoopNode,
  cpuOf,
  daemons,
  isAnswered,
  mainProcess,
  residentMb,
  scrape,
  threadCpuMs,
  UNIT,
} from './jmx-node.ts';

const INSTALLS = 3;
const INSTALL_MS = 20_000;
const SCRAPES = 60;
const EXPORTER_MB = 85;
const IDLE_MS = 60_000;
const WATCHER_SHARE = 0.001;
const WATCHER_MB = 10;
const AGAIN_MS = 15_000;
const DEADLINE_MS = 120_000;
/** The rules' own bars, with one queue above and one below it. */
const SERIES: Readonly<Record<string, number>> = { namenode: 250, resourcemanager: 200 };
const SERIES_OF_OTHERS = 150;

async function installFigure(node: SandboxNode, orders: JmxOrders): Promise<Figure> {
  const order = orders.install({ Ports: daemons.map(({ name, port }) => `${name}=${port}`).join(',') });
  const times: number[] = [];
  while (times.length < INSTALLS) {
    if (times.length > 0) await runDocument(node, orders.uninstall);
    const begun = performance.now();
    const { code, report: said, stderr } = await runDocument(node, order);
    times.push(performance.now() - begun);
    if (code !== 0 || said?.endpoints?.length !== daemons.length || said.changed !== true)
      throw new Error(`install ended with ${code}: ${JSON.stringify(said)} ${stderr}`);
    progress(`installed in ${seconds(times.at(-1) ?? 0)}`);
  }
  const took = median(times);
  return {
    figure: `install on a node with ${daemons.length} running daemons, until all of them answer`,
    bar: `≤ ${seconds(INSTALL_MS)}`,
    measured: `${seconds(took)} (median of ${INSTALLS}, uninstalled between; ${times.map(seconds).join(', ')})`,
    met: took <= INSTALL_MS,
  };
}

async function seriesFigure(node: SandboxNode): Promise<Figure> {
  const counts: (readonly [string, number])[] = [];
  for (const { name, port } of daemons) {
    let page = '';
    for (let left = SCRAPES; left > 0; left -= 1) page = await scrape(node, port);
    counts.push([name, countSeries(page)]);
  }
  return {
    figure: 'series of a page, after a job, with two queues',
    bar: '≤ 250 NameNode, 200 ResourceManager (150, and 25 a queue), 150 others',
    measured: counts.map(([name, count]) => `${name} ${count}`).join(', '),
    met: counts.every(([name, count]) => count <= (SERIES[name] ?? SERIES_OF_OTHERS)),
  };
}

async function residentFigure(node: SandboxNode): Promise<Figure> {
  const found: (readonly [string, number])[] = [];
  for (const { name } of daemons) found.push([name, await residentMb(await mainProcess(node, `${UNIT}@${name}`))]);
  const most = Math.max(...found.map(([, mb]) => mb));
  return {
    figure: `exporter RSS, the largest of ${daemons.length}, after ${SCRAPES} scrapes and more`,
    bar: `≤ ${EXPORTER_MB} MB`,
    measured: `${most.toFixed(0)} MB (${found.map(([name, mb]) => `${name} ${mb.toFixed(0)}`).join(', ')})`,
    met: most <= EXPORTER_MB,
  };
}

async function watcherFigures(node: SandboxNode): Promise<readonly Figure[]> {
  const watcher = await mainProcess(node, UNIT);
  const begun = performance.now();
  const before = { own: await threadCpuMs(watcher), children: (await cpuOf(watcher)).childrenMs };
  await sleep(IDLE_MS);
  const own = (await threadCpuMs(watcher)) - before.own;
  const children = (await cpuOf(watcher)).childrenMs - before.children;
  const share = (own + children) / (performance.now() - begun);
  const resident = await residentMb(watcher);
  return [
    {
      figure: `watcher of ${daemons.length} daemons, CPU while nothing changes`,
      bar: `≤ ${WATCHER_SHARE * 100} % of a core`,
      measured: `${(share * 100).toFixed(3)} % (${own.toFixed(0)} ms, and ${children} ms of programs that it started, in ${IDLE_MS / 1000} s)`,
      met: share <= WATCHER_SHARE,
    },
    {
      figure: '… RSS',
      bar: `≤ ${WATCHER_MB} MB`,
      measured: `${resident.toFixed(1)} MB`,
      met: resident <= WATCHER_MB,
    },
  ];
}

interface Restart {
  readonly name: DaemonName;
  /** Milliseconds from the new process's start: until it answers for itself, and until we answer for it. */
  readonly upMs: number;
  readonly againMs: number;
}

async function restart(node: SandboxNode, name: DaemonName): Promise<Restart> {
  const { port = 0, prefix = '' } = daemons.find((daemon) => daemon.name === name) ?? {};
  await runScript(node, `systemctl restart ${hadoopDaemons[name].unit}`);
  const { startTime } = (await daemonProcesses(node))[name] ?? {};
  if (startTime === undefined) throw new Error(`${name} did not start again`);
  // Hundredths of a second after boot, which is when Linux's monotonic clock began.
  const age = () => Number(process.hrtime.bigint() / 1_000_000n) - startTime * 10;
  const first = async (ask: () => Promise<boolean>): Promise<number> => {
    while (age() < DEADLINE_MS) {
      if (await ask().catch(() => false)) return age();
      await sleep(250);
    }
    throw new Error(`${name}: not within ${DEADLINE_MS / 1000} s`);
  };
  const [upMs, againMs] = await Promise.all([
    first(async () => (await readJmx(node, name, 'java.lang:type=Runtime')).length > 0),
    first(async () => isAnswered(await scrape(node, port), prefix)),
  ]);
  progress(`${name} up after ${seconds(upMs)}, its metrics after ${seconds(againMs)}`);
  return { name, upMs, againMs };
}

async function restartFigure(node: SandboxNode): Promise<Figure> {
  const restarts: Restart[] = [];
  for (const name of ALL_DAEMONS) restarts.push(await restart(node, name));
  const again = median(restarts.map(({ againMs }) => againMs));
  const up = median(restarts.map(({ upMs }) => upMs));
  return {
    figure: 'daemon restarted → metrics again, from the start of its new process',
    bar: `≤ ${seconds(AGAIN_MS)}`,
    measured: `${seconds(again)} (median of ${restarts.length}; ${restarts.map(({ name, againMs }) => `${name} ${seconds(againMs)}`).join(', ')}; its own /jmx answered after ${seconds(up)})`,
    met: again <= AGAIN_MS,
  };
}

const progress = (line: string): void => void process.stderr.write(`${line}\n`);

async function measure(node: SandboxNode, orders: JmxOrders): Promise<readonly Figure[]> {
  const before = JSON.stringify(await daemonProcesses(node));
  const install = await installFigure(node, orders);
  const series = await seriesFigure(node);
  progress(series.measured);
  const scrapes = await catchAllFigures(node);
  progress(scrapes.map(({ measured }) => measured).join('\n'));
  const resident = await residentFigure(node);
  progress(resident.measured);
  const watcher = await watcherFigures(node);
  const after = JSON.stringify(await daemonProcesses(node));
  if (after !== before) throw new Error(`daemons were ${before} and are ${after}`);
  return [resident, ...scrapes, ...watcher, await restartFigure(node), install, series];
}

const server = await startArtifactServer();
const node = await bootHadoopNode('10.42.0.26', server.authority);
try {
  report(await measure(node, await jmxOrders(server)));
} finally {
  await node.kill();
  server.close();
}
