import type { SandboxNode } from '../nodes/boot-node.ts';
import { runScript } from '../hadoop/run-script.ts';
import { until } from '../until.ts';

/** Starts the standalone master on a node and a worker on each of others; waits until all of them have joined. */
export async function startSpark(master: SandboxNode, workers: readonly SandboxNode[]): Promise<void> {
  await runScript(master, 'systemctl start spark-master');
  // A worker whose master does not answer yet tries again after ten seconds or so.
  await untilAlive(master, [master], 0);
  await Promise.all(workers.map((node) => runScript(node, 'systemctl start spark-worker')));
  await untilAlive(master, workers, workers.length);
}

/** Waits until so many workers have joined; fails where something of Spark on these nodes has. */
export const untilAlive = (master: SandboxNode, nodes: readonly SandboxNode[], workers: number): Promise<true> =>
  until(`a Spark master with ${workers} workers`, async () => {
    if ((await aliveWorkers(master).catch(() => undefined)) === workers) return true;
    for (const node of nodes) await expectActive(node);
    return undefined;
  });

async function aliveWorkers({ address }: SandboxNode): Promise<number> {
  const answer = await fetch(`http://${address}:8080/json/`, { signal: AbortSignal.timeout(5_000) });
  return ((await answer.json()) as { readonly aliveworkers: number }).aliveworkers;
}

async function expectActive(node: SandboxNode): Promise<void> {
  const failed = await runScript(node, "systemctl list-units --plain --no-legend --state=failed 'spark-*'");
  if (failed !== '') throw new Error(`${failed}\n${await runScript(node, "journalctl -n 30 -u 'spark-*' --no-pager")}`);
}
