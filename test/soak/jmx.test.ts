import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { daemons as known } from '../../infra/exporters/jmx/daemons.ts';
import { ALL_DAEMONS, type DaemonName } from '../../sandbox/hadoop/daemon-table.ts';
import { hadoopNode } from '../../sandbox/hadoop/hadoop-node.ts';
import { startDaemons, stopDaemons } from '../../sandbox/hadoop/run-daemons.ts';
import { runScript } from '../../sandbox/hadoop/run-script.ts';
import { bootNode, type SandboxNode } from '../../sandbox/nodes/boot-node.ts';
import { cacheFolder } from '../../scripts/cache-folder.ts';
import { prepareHadoop } from '../../scripts/prepare-hadoop.ts';
import { startArtifactServer, type ArtifactServer } from '../nodes/artifact-server.ts';
import { jmxOrders, type JmxOrders } from '../nodes/jmx-orders.ts';
import { linkTools, metricsOf, runDocument } from '../nodes/run-document.ts';
import { watchDaemons, type DaemonWatch } from '../nodes/unharmed.ts';
import { say } from './say.ts';

const RESTARTS = 20;
const INSTALLS = 50;
const STOPPED_MS = 60_000;
const address = '10.42.0.28';
const hadoop = known.filter(({ name }) => ALL_DAEMONS.some((daemon) => daemon === name));
const Ports = hadoop.map(({ name, port }) => `${name}=${port}`).join(',');
const ENDPOINTS = hadoop.map(({ name, port }) => ({ port, labels: { daemon: name } }));

let server: ArtifactServer;
let node: SandboxNode;
let orders: JmxOrders;
let daemons: DaemonWatch;

beforeAll(async () => {
  server = await startArtifactServer();
  orders = await jmxOrders(server);
  const parts = await hadoopNode(await prepareHadoop(cacheFolder(process.env)), {
    master: address,
    provisioning: 'SUCCESSFUL',
  });
  node = await bootNode({ instanceId: 'i-00000000000000028', address, trust: server.authority, ...parts });
  await linkTools(node);
  await startDaemons(node, ALL_DAEMONS);
  daemons = watchDaemons(node);
  await daemons.remember();
  await took(60, async () => (await install()).report?.endpoints.length === ENDPOINTS.length);
}, 300_000);
afterEach(async () => {
  await daemons.expectUnharmed();
});
afterAll(async () => {
  await node.kill();
  server.close();
});

const install = async () => await runDocument(node, orders.install({ Ports }));
const page = async (name: DaemonName): Promise<string> =>
  await metricsOf(node, known.find((daemon) => daemon.name === name)?.port).catch(() => '');

/** Has it an exporter that reads it? */
async function isMeasured(name: DaemonName): Promise<boolean> {
  const prefix = known.find((daemon) => daemon.name === name)?.prefix ?? '';
  const text = await page(name);
  return /^jmx_scrape_error 0\.0$/m.test(text) && text.includes(`\n${prefix}`);
}

/** Seconds until it holds. */
async function took(seconds: number, holds: () => Promise<boolean>): Promise<number> {
  const began = performance.now();
  while (!(await holds())) {
    if (performance.now() - began > seconds * 1_000) throw new Error(`not within ${seconds} s`);
    await sleep(200);
  }
  return (performance.now() - began) / 1_000;
}

/** Seconds of a processor that the watcher itself has had. */
const watched = async (): Promise<number> =>
  Number(
    await runScript(node, "cut -d' ' -f1 /proc/$(systemctl show -P MainPID prometheus-on-emr-jmx.service)/schedstat"),
  ) / 1e9;

test(`${RESTARTS} restarts of a daemon: measured again after each, and none of the others is another one`, async () => {
  const { datanode: _restarted, ...others } = await daemons.remember();
  const times: number[] = [];
  for (let time = 1; time <= RESTARTS; time += 1) {
    await stopDaemons(node, ['datanode']);
    await startDaemons(node, ['datanode']);
    const { datanode, ...now } = await daemons.remember();
    expect({ isUp: datanode !== undefined, others: now }).toEqual({ isUp: true, others });
    times.push(await took(30, () => isMeasured('datanode')));
  }
  for (const name of ALL_DAEMONS) expect(await isMeasured(name)).toBe(true);
  say(`${RESTARTS} restarts of the DataNode: measured ${Math.max(...times).toFixed(1)} s after its own start at most`);
}, 1_200_000);

test('a daemon that is stopped for a minute is told as such from the second page on, and is measured as soon as it goes on', async () => {
  const pid = (await daemons.remember()).namenode?.pid;
  await runScript(node, `kill -STOP ${pid}`);
  const said = new Set<string | undefined>();
  await page('namenode'); // seen whole once, with error 0: why is not known
  try {
    for (const end = performance.now() + STOPPED_MS; performance.now() < end; await sleep(1_000))
      said.add(/^jmx_scrape_error (\S+)$/m.exec(await page('namenode'))?.[1]);
  } finally {
    await runScript(node, `kill -CONT ${pid}`);
  }
  expect([...said]).toEqual(['1.0']);
  const seconds = await took(20, () => isMeasured('namenode'));
  say(`a NameNode stopped for a minute: measured ${seconds.toFixed(1)} s after it went on`);
}, 180_000);

test(`installed ${INSTALLS} times in a row with nothing changed, one download serves all`, async () => {
  const asked = server.asked.length;
  const times: number[] = [];
  for (let time = 1; time <= INSTALLS; time += 1) {
    const began = performance.now();
    expect(await install()).toMatchObject({
      code: 0,
      report: { outcome: 'installed', changed: false, endpoints: ENDPOINTS },
    });
    times.push((performance.now() - began) / 1_000);
  }
  expect(server.asked).toHaveLength(asked);
  say(`${INSTALLS} runs of the install document beside five daemons: ${Math.max(...times).toFixed(1)} s at most`);
}, 600_000);

test('the watcher of five daemons takes at most a thousandth of a processor while nothing happens', async () => {
  const before = await watched();
  await sleep(120_000); // one look at all processes is among it, wherever it begins
  const share = ((await watched()) - before) / 120;
  say(`the watcher: ${(share * 100).toFixed(3)} % of a processor`);
  expect(share).toBeLessThan(0.001);
}, 180_000);
