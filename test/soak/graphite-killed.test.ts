import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SandboxNode } from '../../sandbox/nodes/boot-node.ts';
import { startArtifactServer, type ArtifactServer } from '../nodes/artifact-server.ts';
import { graphiteOrders, type GraphiteOrders } from '../nodes/graphite-orders.ts';
import { ask, bootDocumentNode, metricsOf, runDocument, tracesOf, type DocumentRun } from '../nodes/run-document.ts';
import { layTripwire, type Tripwire } from '../nodes/tripwire.ts';
import { say } from './say.ts';

const FILE = '/etc/spark/conf/metrics.properties';
const STATE = `sha256sum ${FILE}; stat -c '%U %G %a' ${FILE}; ls -A /etc/spark/conf`;
const BLOCK = `grep -c '^# BEGIN prometheus-on-emr' ${FILE} || :`;

let server: ArtifactServer;
let node: SandboxNode;
let orders: GraphiteOrders;
let wire: Tripwire;

beforeAll(async () => {
  server = await startArtifactServer();
  orders = await graphiteOrders(server);
  node = await bootDocumentNode(33, server.authority);
  wire = await layTripwire(node);
  await ask(node, `mkdir -p /etc/spark/conf && printf '*.sink.csv.period=1' >${FILE} && chmod 640 ${FILE}`);
});
afterAll(async () => {
  await node.kill();
  server.close();
});

async function stepsOf(order: DocumentRun): Promise<readonly string[]> {
  await wire.set();
  expect(await runDocument(node, { ...order, path: wire.path })).toMatchObject({ code: 0 });
  // A temporary file's name is never called for again.
  return [...new Set(await wire.calls())].filter((step) => !step.includes('/tmp.'));
}

/** A sink that finds nobody logs a stack trace every ten seconds: no block without an exporter, whatever died when. */
async function runKilled(order: DocumentRun, step: string): Promise<boolean> {
  await wire.set(step);
  await runDocument(node, { ...order, path: wire.path, isKilled: true });
  const page = metricsOf(node, 9108).catch(() => '');
  const isHeard = (await ask(node, BLOCK)) === '0' || (await page).includes('graphite_exporter_build_info');
  expect({ step, isHeard }).toEqual({ step, isHeard: true });
  return (await wire.calls()).at(-1) === step;
}

test('orders that are killed before each of their steps in turn leave no block without an exporter, and the next ones finish', async () => {
  const before = await ask(node, STATE);
  const install = orders.install({ Tier: 'essential' });
  const steps = await stepsOf(install);
  const backwards = await stepsOf(orders.uninstall);
  expect(Math.min(steps.length, backwards.length)).toBeGreaterThan(5);

  // Nothing is tidied up between: whatever a death leaves behind is there for all the runs that follow.
  let died = 0;
  for (const step of steps) died += Number(await runKilled(install, step));
  expect(died).toBeGreaterThan(steps.length / 2);
  expect(await runDocument(node, install)).toMatchObject({ code: 0, report: { outcome: 'installed' } });
  expect(await ask(node, `${BLOCK}; ls -A /etc/spark/conf`)).toBe('1\nmetrics.properties');
  expect(await metricsOf(node, 9108)).toContain('graphite_exporter_build_info');
  expect(await runDocument(node, install)).toMatchObject({ report: { outcome: 'installed', changed: false } });

  for (const step of backwards) await runKilled(orders.uninstall, step);
  expect(await runDocument(node, orders.uninstall)).toMatchObject({ code: 0, report: { outcome: 'removed' } });
  expect(await tracesOf(node)).toBe('');
  expect(await ask(node, STATE)).toBe(before);
  say(`killed before each of ${steps.length} steps of an install and ${backwards.length} of an uninstall`);
}, 400_000);
