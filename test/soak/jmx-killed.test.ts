import { beforeAll, expect, test } from 'vitest';
import { jmxNode } from '../nodes/jmx-node.ts';
import { runDocument, tracesOf, type DocumentRun } from '../nodes/run-document.ts';
import { bootStandInNode } from '../nodes/stand-ins.ts';
import { layTripwire, type Tripwire } from '../nodes/tripwire.ts';
import { say } from './say.ts';

const PORT = 17_101;
const DONE = { code: 0, report: { outcome: 'installed', endpoints: [{ port: PORT }] } };
const jmx = jmxNode((trust) => bootStandInNode(27, trust));
let wire: Tripwire;

beforeAll(async () => {
  wire = await layTripwire(jmx.node);
  await jmx.start('namenode');
});

async function stepsOf(order: DocumentRun): Promise<readonly string[]> {
  await wire.set();
  await runDocument(jmx.node, { ...order, path: wire.path });
  return [...new Set(await wire.calls())];
}

async function runKilled(order: DocumentRun, step: string): Promise<void> {
  await wire.set(step);
  await runDocument(jmx.node, { ...order, path: wire.path, isKilled: true });
  await jmx.daemons.expectUnharmed();
}

test('orders that are killed before each of their steps in turn harm no daemon, and the next ones finish', async () => {
  const install = () => jmx.orders.install();
  const { uninstall } = jmx.orders;
  const steps = await stepsOf(install());
  const backwards = await stepsOf(uninstall);
  expect(Math.min(steps.length, backwards.length)).toBeGreaterThan(5);
  for (const step of steps) await runKilled(install(), step);
  expect(await jmx.install()).toMatchObject(DONE);
  expect(await jmx.page(PORT)).toMatch(/^hdfs_namenode_capacity_bytes/m);
  expect(await jmx.install()).toMatchObject({ code: 0, report: { changed: false } });
  for (const step of backwards) await runKilled(uninstall, step);
  expect(await jmx.uninstall()).toMatchObject({ code: 0, report: { outcome: 'removed' } });
  expect(await tracesOf(jmx.node)).toBe('');
  expect(await jmx.ask(`ls /tmp/.attach_pid* 2>/dev/null; :`)).toBe('');
  say(`killed before each of ${steps.length} steps of an install and ${backwards.length} of an uninstall`);
}, 400_000);

test('a full /run costs the exporter, no daemon, and once there is room the next order brings it back', async () => {
  expect(await jmx.install()).toMatchObject(DONE);
  await jmx.ask(
    `mount -t tmpfs -o size=4k,mode=755 full /run/prometheus-on-emr-jmx && head -c 4096 /dev/zero >/run/prometheus-on-emr-jmx/much
     systemctl kill -s KILL prometheus-on-emr-jmx.service prometheus-on-emr-jmx@namenode.service`,
  );
  await jmx.until(`[ -e /run/prometheus-on-emr-jmx/namenode.status.new ]`); // as far as it comes
  expect(await jmx.page(PORT)).toBe('');
  await jmx.ask(`umount /run/prometheus-on-emr-jmx`);
  expect(await jmx.install()).toMatchObject(DONE);
});
