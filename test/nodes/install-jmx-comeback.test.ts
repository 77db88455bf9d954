import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { SandboxNode } from '../../sandbox/nodes/boot-node.ts';
import { startArtifactServer, type ArtifactServer } from './artifact-server.ts';
import { jmxOrders, type JmxOrders } from './jmx-orders.ts';
import { ask, metricsOf, runDocument } from './run-document.ts';
import { bootStandInNode, startStandIn, until } from './stand-ins.ts';
import { layTripwire, type Tripwire } from './tripwire.ts';
import { watchDaemons, type DaemonWatch } from './unharmed.ts';

const WATCHER = 'prometheus-on-emr-jmx.service';
const EXPORTER = 'prometheus-on-emr-jmx@namenode.service';
const RUN = '/run/prometheus-on-emr-jmx';
const ENDPOINTS = [{ port: 17_101, labels: { daemon: 'namenode' } }];

let server: ArtifactServer;
let node: SandboxNode;
let orders: JmxOrders;
let daemons: DaemonWatch;
let wire: Tripwire;

beforeAll(async () => {
  server = await startArtifactServer();
  orders = await jmxOrders(server);
  node = await bootStandInNode(27, server.authority);
  wire = await layTripwire(node);
  daemons = watchDaemons(node);
  await startNamenode();
});
afterEach(async () => {
  await daemons.expectUnharmed();
});
afterAll(async () => {
  await node.kill();
  server.close();
});

async function startNamenode(): Promise<void> {
  await startStandIn(node, 'namenode');
  await daemons.remember();
}
const pidOf = async (unit: string): Promise<string> => await ask(node, `systemctl show -P MainPID ${unit}`);
const isMeasured = async (): Promise<boolean> =>
  /^hdfs_namenode_capacity_bytes.* 7\.0$/m.test(await metricsOf(node, 17_101).catch(() => ''));

async function untilMeasured(): Promise<void> {
  for (const deadline = Date.now() + 40_000; Date.now() < deadline; await sleep(100)) if (await isMeasured()) return;
  throw new Error(`not measured: ${await ask(node, `cat ${RUN}/namenode.status; :`)}`);
}

test('an order that is killed before each of its greater steps in turn harms no daemon, and the next one finishes', async () => {
  await wire.set();
  await runDocument(node, { ...orders.install(), path: wire.path });
  const steps = [...new Set(await wire.calls())].filter((step) => /^(?:curl|mv|ln|systemctl|useradd) /.test(step));
  expect(steps.length).toBeGreaterThan(15);
  await runDocument(node, orders.uninstall);
  for (const step of steps) {
    await wire.set(step);
    await runDocument(node, { ...orders.install(), path: wire.path, isKilled: true });
    await daemons.expectUnharmed();
  }
  expect(await runDocument(node, orders.install())).toMatchObject({
    code: 0,
    report: { outcome: 'installed', endpoints: ENDPOINTS },
  });
}, 240_000);

test('an attach socket that is lost does no harm: the address is kept for as long as the daemon lives', async () => {
  const state = `stat -c '%i %Y' ${RUN}/namenode.address`;
  const before = await ask(node, state);
  await ask(node, `rm /tmp/.java_pid${await pidOf('stand-in-namenode')}`);
  await ask(node, `kill -9 ${await pidOf(WATCHER)}; systemctl kill -s KILL ${EXPORTER}`);
  expect(await runDocument(node, orders.install())).toMatchObject({
    code: 0,
    report: { outcome: 'installed', endpoints: ENDPOINTS },
  });
  expect(await ask(node, state)).toBe(before);
  expect(await ask(node, 'ls -A /tmp | grep -c java_pid || :')).toBe('0'); // so nothing was attached to
});

test('socket and address lost both: it is attached to once more, and lives', async () => {
  await ask(node, `systemctl stop ${WATCHER}; rm -rf ${RUN} && systemctl start ${WATCHER}`);
  // The exporter of before may answer for a moment more.
  await until(node, `[ -S /tmp/.java_pid${await pidOf('stand-in-namenode')} ] && [ -s ${RUN}/namenode.yml ]`);
  await untilMeasured();
  expect(await isMeasured()).toBe(true);
});

test('a wall clock that jumped back, as files seem to be of tomorrow, hides no restart from the exporter', async () => {
  await ask(node, `touch -d '+1 day' ${RUN}/namenode.yml`);
  expect(await isMeasured()).toBe(true); // so it has been read
  const exporter = await pidOf(EXPORTER);
  await ask(node, 'systemctl kill -s KILL stand-in-namenode');
  await startNamenode();
  await untilMeasured();
  expect(await pidOf(EXPORTER)).toBe(exporter);
});

// The sandbox cannot boot a file system twice: this is what a boot does to it. All processes end, /run and /tmp are empty,
// and systemd starts what is enabled.
test('after a reboot it is all there again, by itself', async () => {
  await ask(
    node,
    `systemctl stop ${WATCHER} stand-in-namenode; systemctl daemon-reexec
     rm -rf ${RUN} /run/prometheus-on-emr* /tmp/.java_pid* /tmp/hsperfdata_*`,
  );
  await daemons.remember();
  await ask(node, 'systemctl start --no-block multi-user.target');
  await until(node, `systemctl is-active --quiet ${WATCHER}`);
  expect(await isMeasured()).toBe(false);
  await startNamenode();
  await untilMeasured();
  expect(await runDocument(node, orders.install())).toMatchObject({
    code: 0,
    report: { outcome: 'installed', changed: false, endpoints: ENDPOINTS },
  });
});

test('from beside to inside and back: one exporter or none has the port, and the env files are as they were', async () => {
  const files = 'cat /etc/hadoop/conf/*-env.sh | sha256sum';
  const before = await ask(node, files);
  const inside = await runDocument(node, orders.install({ Mode: 'agent' }));
  expect(inside).toMatchObject({ code: 0, report: { outcome: 'pendingRestart', changed: true, endpoints: [] } });
  expect(await ask(node, files)).not.toBe(before);
  expect(
    await ask(
      node,
      `systemctl list-units --all --plain --no-legend 'prometheus-on-emr*'; ls -d ${RUN} 2>/dev/null || :`,
    ),
  ).toBe('');
  const back = await runDocument(node, orders.install());
  expect(back).toMatchObject({ code: 0, report: { outcome: 'installed', changed: true, endpoints: ENDPOINTS } });
  expect(await ask(node, files)).toBe(before);
  expect(await ask(node, 'ls -d /opt/prometheus-on-emr/jmx/agent 2>/dev/null || :')).toBe('');
});
