import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { SandboxNode } from '../../sandbox/nodes/boot-node.ts';
import { startArtifactServer, type ArtifactServer } from './artifact-server.ts';
import { jmxOrders, type JmxOrders } from './jmx-orders.ts';
import { ask, metricsOf, runDocument } from './run-document.ts';
import { bootStandInNode, startStandIn, stopStandIn } from './stand-ins.ts';
import { watchDaemons, type DaemonWatch } from './unharmed.ts';

const PORT = 17_103;
const LIST = '/run/prometheus-on-emr-jmx/resourcemanager.queues';

let server: ArtifactServer;
let node: SandboxNode;
let orders: JmxOrders;
let daemons: DaemonWatch;

beforeAll(async () => {
  server = await startArtifactServer();
  orders = await jmxOrders(server);
  node = await bootStandInNode(26, server.authority);
  daemons = watchDaemons(node);
});
afterEach(async () => {
  await daemons.expectUnharmed();
});
afterAll(async () => {
  await node.kill();
  server.close();
});

/** As many leaves below `root.a`. */
const leaves = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `q0=root,q1=a,q2=b${String(index).padStart(4, '0')}`);
/** What JMX lets a name be, and sorts behind: YAML, shell, awk, ObjectName and the page all read it. */
const HOSTILE = [
  "'",
  '\\',
  '\\n',
  '$(id)',
  '`id`',
  '${x}',
  '# x',
  '- x',
  '{',
  '[x]',
  '&a',
  '!x',
  '|',
  '%s%n',
  '\t',
  'é',
  '队列',
  '😀x',
  ' ',
  '}',
].map((text) => `q0=root,q1=z,q2=z${text}`);

async function startWithQueues(queues: readonly string[]): Promise<void> {
  const all = ['q0=root', 'q0=root,q1=a', ...queues].flatMap((keys) => [
    `AppsRunning Hadoop:service=ResourceManager,name=QueueMetrics,${keys}`,
    `AllocatedMB Hadoop:service=ResourceManager,name=PartitionQueueMetrics,partition=CORE,${keys}`,
  ]);
  // The stand-in's own bean is of the root queue already.
  await writeFile(join(node.root, 'root/queues'), all.slice(1).join('\n'));
  await ask(node, 'install -m 644 /root/queues /usr/lib/stand-in/queues');
  await startStandIn(node, 'resourcemanager', { flags: '-Dfile.encoding=UTF-8 -Dbeans=/usr/lib/stand-in/queues' });
  await daemons.remember();
}

async function look() {
  const page = await metricsOf(node, PORT).catch(() => '');
  const queues = new Set([...page.matchAll(/queue="((?:[^"\\]|\\.)*)"/g)].map(([, queue]) => queue));
  const dropped = Number(/^yarn_resourcemanager_queues_dropped (\S+)$/m.exec(page)?.[1]);
  return { shown: queues.size, dropped, isWhole: /^jmx_scrape_error 0\.0$/m.test(page) };
}

/** Until it is so; then what was seen on the way. */
async function untilSeen(shown: number, dropped: number) {
  const seen: Awaited<ReturnType<typeof look>>[] = [];
  for (const deadline = Date.now() + 50_000; Date.now() < deadline; await sleep(500)) {
    const now = await look();
    seen.push(now);
    if (now.shown === shown && now.dropped === dropped) return seen;
  }
  throw new Error(`${JSON.stringify(seen.at(-1))}; ${await ask(node, `wc -l ${LIST}; cat ${LIST} | tail -n 30; :`)}`);
}

test('of two hundred queues fifty are on the page half a minute after, the others are counted', async () => {
  await startWithQueues(leaves(198));
  const { report } = await runDocument(node, orders.install({ Ports: `resourcemanager=${PORT}` }));
  expect(report?.endpoints).toEqual([{ port: PORT, labels: { daemon: 'resourcemanager' } }]);
  const began = Date.now();
  await untilSeen(50, 150);
  expect(Date.now() - began).toBeLessThan(40_000);
  expect(await look()).toEqual({ shown: 50, dropped: 150, isWhole: true });
});

test('a watcher that dies keeps what it dropped, and so does the next order', async () => {
  const state = `stat -c '%i %Y' ${LIST}`;
  const before = await ask(node, state);
  await ask(node, 'systemctl kill -s KILL prometheus-on-emr-jmx.service');
  expect(await runDocument(node, orders.install({ Ports: `resourcemanager=${PORT}` }))).toMatchObject({
    report: { outcome: 'installed', endpoints: [{ port: PORT }] },
  });
  expect(await look()).toEqual({ shown: 50, dropped: 150, isWhole: true });
  expect(await ask(node, state)).toBe(before);
});

test('queues with hostile names are dropped like others, and no page on the way is broken', async () => {
  await stopStandIn(node, 'resourcemanager');
  await ask(node, `for ((I = 0; I < 100; I += 1)); do [ -e ${LIST} ] || exit 0; sleep 0.1; done; exit 1`);
  await startWithQueues([...leaves(48), ...HOSTILE]);
  const seen = await untilSeen(50, HOSTILE.length);
  expect(seen.filter(({ shown, isWhole }) => shown > 0 && !isWhole)).toEqual([]);
  expect(await look()).toEqual({ shown: 50, dropped: HOSTILE.length, isWhole: true });
});
