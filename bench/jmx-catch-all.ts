/** Two exporters over one local connector: what their scrapes cost the NameNode, in turns. */
import { runScript } from '../sandbox/hadoop/run-script.ts';
import type { SandboxNode } from '../sandbox/nodes/boot-node.ts';
import { type Figure, median } from './figure.ts';
import { cpuOf, mainProcess, scrape, UNIT } from './jmx-node.ts';

const OURS = 17_101;
const CATCH_ALL = 17_199;
const ROUNDS = 20;
/** In a turn: its CPU is some dozens of the kernel's ticks. */
const SCRAPES = 10;
/** Until the NameNode has compiled what a scrape needs, and the exporters theirs. */
const WARM_UP = 10;
const MAX_SECONDS = 0.15;
const MAX_SHARE = 0.6;

interface Turn {
  readonly cpuMs: number;
  readonly wallMs: readonly number[];
}

/** The same unit, with a rule that takes everything; the watcher knows nothing of it. */
async function startCatchAll(node: SandboxNode): Promise<void> {
  await runScript(
    node,
    `cd /run/${UNIT}
    { grep ^jmxUrl: namenode.yml && printf 'lowercaseOutputName: true\\nrules:\\n  - pattern: ".*"\\n'; } >catch-all.yml
    chmod 600 catch-all.yml && chown ${UNIT}:${UNIT} catch-all.yml
    sed s/^PORT=.*/PORT=${CATCH_ALL}/ namenode.env >catch-all.env
    systemctl start ${UNIT}@catch-all.service
    for ((I = 0; I < 200; I += 1)); do
      curl -s http://127.0.0.1:${CATCH_ALL}/metrics | grep -qi ^hadoop_namenode && exit 0
      sleep 0.1
    done
    exit 1`,
  );
}

async function takeTurn(node: SandboxNode, nameNode: number, port: number): Promise<Turn> {
  const wallMs: number[] = [];
  const before = await cpuOf(nameNode);
  for (let left = SCRAPES; left > 0; left -= 1) {
    const begun = performance.now();
    await scrape(node, port);
    wallMs.push(performance.now() - begun);
  }
  return { cpuMs: (await cpuOf(nameNode)).ownMs - before.ownMs, wallMs };
}

export async function catchAllFigures(node: SandboxNode): Promise<readonly Figure[]> {
  await startCatchAll(node);
  const nameNode = await mainProcess(node, 'hadoop-hdfs-namenode');
  const turns: { readonly ours: Turn; readonly catchAll: Turn }[] = [];
  for (let round = 0; round < WARM_UP + ROUNDS; round += 1) {
    // Who is first takes turns too.
    const isOursFirst = round % 2 === 0;
    const first = await takeTurn(node, nameNode, isOursFirst ? OURS : CATCH_ALL);
    const second = await takeTurn(node, nameNode, isOursFirst ? CATCH_ALL : OURS);
    if (round >= WARM_UP)
      turns.push(isOursFirst ? { ours: first, catchAll: second } : { ours: second, catchAll: first });
  }
  const seriesOfAll = countSeries(await scrape(node, CATCH_ALL));
  await runScript(node, `systemctl stop ${UNIT}@catch-all.service; rm -f /run/${UNIT}/catch-all.*`);
  const wall = (who: 'ours' | 'catchAll') => turns.flatMap((turn) => turn[who].wallMs);
  const perScrape = (who: 'ours' | 'catchAll') => (median(turns.map((turn) => turn[who].cpuMs)) / SCRAPES).toFixed(1);
  const [own, all] = [median(wall('ours')), median(wall('catchAll'))];
  const { share, error } = shareOf(turns.map(({ ours, catchAll }) => [ours.cpuMs, catchAll.cpuMs]));
  return [
    {
      figure: 'scrape of the NameNode with our rules',
      bar: `≤ ${MAX_SECONDS.toFixed(2)} s`,
      measured: `${(own / 1000).toFixed(3)} s (median of ${ROUNDS * SCRAPES}; 95 % within ${(percentile(wall('ours'), 0.95) / 1000).toFixed(3)} s; a catch-all rule ${(all / 1000).toFixed(3)} s)`,
      met: own <= MAX_SECONDS * 1000,
    },
    {
      figure: '… its CPU in the NameNode, of what a catch-all rule costs',
      bar: `≤ ${(MAX_SHARE * 100).toFixed(0)} %`,
      measured: `${(share * 100).toFixed(0)} % ± ${(1.96 * error * 100).toFixed(0)} (${perScrape('ours')} ms a scrape, ${perScrape('catchAll')} ms for all ${seriesOfAll} samples; medians of ${ROUNDS} turns of ${SCRAPES} scrapes each, in alternation; ± is the 95 % interval)`,
      met: share <= MAX_SHARE,
    },
  ];
}

/** The ratio of two sums that were taken in pairs, and its standard error (Cochran, Sampling Techniques, 2.11). */
function shareOf(pairs: readonly (readonly [number, number])[]): { readonly share: number; readonly error: number } {
  const below = pairs.reduce((sum, [, all]) => sum + all, 0);
  const share = pairs.reduce((sum, [own]) => sum + own, 0) / below;
  const squares = pairs.reduce((sum, [own, all]) => sum + (own - share * all) ** 2, 0);
  return { share, error: Math.sqrt((pairs.length / (pairs.length - 1)) * squares) / below };
}

const percentile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.ceil(values.length * share) - 1] ?? 0;

export const countSeries = (page: string): number => page.match(/^[^#\n]/gm)?.length ?? 0;
