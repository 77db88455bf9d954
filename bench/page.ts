/** The sidecar's page for people at 500 clusters: how long it takes, how long it is, and what it costs in memory. */
import { readFile } from 'node:fs/promises';
import type { ClusterId } from '../shared/core/model.ts';
import { aNode, idOf, objectsOf, unfinished } from '../test/sidecar/page/page-records.ts';
import { pageSidecar } from '../test/sidecar/page/page-sidecar.ts';
import { type Figure, median, report } from './figure.ts';
import { percent, processorTime, watchProcess } from './processor-time.ts';

const CLUSTERS = 500;
const NODES = 20;
const LOADS = 50;
/** Looks at S3 as often as it does by itself. */
const FLAGS = ['--interval=5s'];

/** `sick`: no exporter of any node is installed, each for a reason of its own; otherwise one cluster in ten has such a node. */
function fleet(isSick: boolean): Readonly<Record<string, string>> {
  const now = new Date();
  const cluster = (n: number) => {
    const id: ClusterId = `j-2EXAMPLE${String(n).padStart(5, '0')}`;
    const isIll = (node: number): boolean => isSick || (n % 10 === 0 && node === 7);
    const reason = (node: number) => `exit 1: curl: (28) connection timed out after ${node} ms, ${n} of 60 MB received`;
    const nodes = Array.from({ length: NODES }, (_, node) => {
      const work = unfinished(now, 'jmx', node + 1, { phase: 'gaveUp', attempt: 6, reason: reason(node) });
      return [idOf(n, node), aNode(now, node, isIll(node) ? { node: work, jmx: work, graphite: work } : {})] as const;
    });
    return objectsOf(id, now, Object.fromEntries(nodes), { name: `team-${n % 40}-etl-nightly-${n}` });
  };
  return Object.assign({}, ...Array.from({ length: CLUSTERS }, (_, n) => cluster(n))) as Record<string, string>;
}

const residentMegabytes = async (pid: number): Promise<number> =>
  Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

async function measure(isSick: boolean) {
  const sidecar = await pageSidecar(fleet(isSick), FLAGS);
  try {
    await sidecar.shows(`${CLUSTERS} clusters`, 120);
    await sidecar.shows(`${CLUSTERS}, with`, 120);
    const times: number[] = [];
    const resident: number[] = [];
    let bytes = 0;
    let spent = 0;
    const used = await watchProcess(sidecar.pid);
    for (let load = 0; load < LOADS; load += 1) {
      const [start, before] = [performance.now(), await processorTime(sidecar.pid)];
      bytes = Buffer.byteLength(await sidecar.text('/'));
      times.push(performance.now() - start);
      spent += (await processorTime(sidecar.pid)) - before;
      await sidecar.text('/metrics');
      resident.push(await residentMegabytes(sidecar.pid));
    }
    return {
      median: median(times),
      worst: Math.max(...times),
      spent: spent / LOADS,
      stolen: (await used()).stolen,
      bytes,
      resident: Math.max(...resident),
    };
  } finally {
    await sidecar.close();
  }
}

function figuresOf(
  name: string,
  { median: usual, worst, spent, stolen, bytes, resident }: Awaited<ReturnType<typeof measure>>,
): readonly Figure[] {
  return [
    {
      figure: `sidecar's page, ${CLUSTERS} clusters of ${NODES} nodes, ${name}`,
      measured: `${usual.toFixed(0)} ms (median of ${LOADS}; ${worst.toFixed(0)} ms at most; ${spent.toFixed(0)} ms of processor time each; ${percent(stolen)} of the processors stolen)`,
      bar: '≤ 200 ms',
      met: usual <= 200,
    },
    {
      figure: `… its size, ${name}`,
      measured: `${(bytes / 1000).toFixed(0)} kB`,
      bar: '≤ 300 kB',
      met: bytes <= 300_000,
    },
    {
      figure: `… sidecar RSS while it and /metrics are loaded ${LOADS} times, ${name}`,
      measured: `${resident.toFixed(0)} MB at most`,
      bar: '≤ 130 MB',
      met: resident <= 130,
    },
  ];
}

report([...figuresOf('one in ten ill', await measure(false)), ...figuresOf('every node ill', await measure(true))]);
