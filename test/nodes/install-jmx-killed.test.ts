import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SandboxNode } from '../../sandbox/nodes/boot-node.ts';
import { startArtifactServer, type ArtifactServer } from './artifact-server.ts';
import { jmxOrders, type JmxOrders } from './jmx-orders.ts';
import { ask, metricsOf, runDocument, tracesOf, type DocumentRun } from './run-document.ts';
import { bootStandInNode, startStandIn } from './stand-ins.ts';
import { layTripwire, type Tripwire } from './tripwire.ts';
import { watchDaemons, type DaemonWatch } from './unharmed.ts';

const PORT = 17_101;

let server: ArtifactServer;
let node: SandboxNode;
let orders: JmxOrders;
let wire: Tripwire;
let daemons: DaemonWatch;

beforeAll(async () => {
  server = await startArtifactServer();
  orders = await jmxOrders(server);
  node = await bootStandInNode(27, server.authority);
  daemons = watchDaemons(node);
  wire = await layTripwire(node);
  await startStandIn(node, 'namenode');
  await daemons.remember();
});
afterAll(async () => {
  await node.kill();
  server.close();
});

async function stepsOf(order: DocumentRun): Promise<readonly string[]> {
  await wire.set();
  await runDocument(node, { ...order, path: wire.path });
  return [...new Set(await wire.calls())];
}

async function runKilled(order: DocumentRun, step: string): Promise<void> {
  await wire.set(step);
  await runDocument(node, { ...order, path: wire.path, isKilled: true });
  await daemons.expectUnharmed();
}

test('orders that are killed before each of their steps in turn harm no daemon, and the next ones finish', async () => {
  const steps = await stepsOf(orders.install());
  const backwards = await stepsOf(orders.uninstall);
  for (const step of steps) await runKilled(orders.install(), step);
  expect(await runDocument(node, orders.install())).toMatchObject({
    code: 0,
    report: { outcome: 'installed', endpoints: [{ port: PORT }] },
  });
  expect(await metricsOf(node, PORT)).toMatch(/^hdfs_namenode_capacity_bytes/m);
  expect(await runDocument(node, orders.install())).toMatchObject({ code: 0, report: { changed: false } });
  for (const step of backwards) await runKilled(orders.uninstall, step);
  expect(await runDocument(node, orders.uninstall)).toMatchObject({ code: 0, report: { outcome: 'removed' } });
  expect(await tracesOf(node)).toBe('');
  expect(await ask(node, `ls /tmp/.attach_pid* 2>/dev/null; :`)).toBe('');
}, 300_000);
