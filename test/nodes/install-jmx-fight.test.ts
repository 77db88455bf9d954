import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { SandboxNode } from '../../sandbox/nodes/boot-node.ts';
import { startArtifactServer, type ArtifactServer } from './artifact-server.ts';
import { jmxOrders, type JmxOrders } from './jmx-orders.ts';
import { ask, metricsOf, runDocument } from './run-document.ts';
import { bootStandInNode, startStandIn, stopStandIn, until } from './stand-ins.ts';
import { watchDaemons, type DaemonWatch } from './unharmed.ts';

const WATCHER = 'prometheus-on-emr-jmx.service';
const EXPORTER = 'prometheus-on-emr-jmx@namenode.service';
const STATUS = '/run/prometheus-on-emr-jmx/namenode.status';
const PORT = 17_101;

let server: ArtifactServer;
let node: SandboxNode;
let orders: JmxOrders;
let daemons: DaemonWatch;

beforeAll(async () => {
  server = await startArtifactServer();
  orders = await jmxOrders(server);
  node = await bootStandInNode(22, server.authority);
  daemons = watchDaemons(node);
  await startStandIn(node, 'namenode');
  await daemons.remember();
  const { report } = await runDocument(node, orders.install());
  if (report?.endpoints[0]?.port !== PORT) throw new Error(`not installed: ${JSON.stringify(report)}`);
});
afterEach(async () => {
  await daemons.expectUnharmed();
});
afterAll(async () => {
  await node.kill();
  server.close();
});

const page = async (): Promise<string> => await metricsOf(node, PORT).catch(() => '');
const pidOf = async (unit: string): Promise<string> => await ask(node, `systemctl show -P MainPID ${unit}`);
const isAnswered = async (): Promise<boolean> => /^hdfs_namenode_capacity_bytes.* 7\.0$/m.test(await page());

/** Milliseconds until it holds. */
async function took(seconds: number, holds: () => Promise<boolean>): Promise<number> {
  const began = Date.now();
  while (!(await holds())) {
    if (Date.now() - began > seconds * 1_000)
      throw new Error(`not within ${seconds} s: ${await ask(node, `cat ${STATUS}; :`)}`);
    await sleep(100);
  }
  return Date.now() - began;
}

test('an exporter that is killed comes back by itself', async () => {
  await ask(node, `kill -9 ${await pidOf(EXPORTER)}`);
  expect(await isAnswered()).toBe(false);
  await took(20, isAnswered);
});

test('a watcher that is killed comes back, attaches to nothing again and leaves the exporter running', async () => {
  const exporter = await pidOf(EXPORTER);
  const state = `stat -c '%i %Y' /run/prometheus-on-emr-jmx/namenode.address`;
  const before = await ask(node, state);
  const said = await ask(node, `stat -c %i ${STATUS}`);
  await ask(node, `kill -9 ${await pidOf(WATCHER)}`);
  await until(node, `[ "$(stat -c %i ${STATUS})" != ${said} ]`);
  await took(10, isAnswered);
  expect(await ask(node, state)).toBe(before);
  expect(await pidOf(EXPORTER)).toBe(exporter);
});

test('a daemon that hangs is told within ten seconds, and the next scrape after it goes on is whole', async () => {
  const daemon = await pidOf('stand-in-namenode');
  await ask(node, `kill -STOP ${daemon}`);
  const began = Date.now();
  const stopped = await page();
  const second = await page();
  const lasted = Date.now() - began;
  await ask(node, `kill -CONT ${daemon}`);
  expect(stopped + second).toMatch(/^jmx_scrape_error 1\.0$/m);
  expect(lasted).toBeLessThan(20_000);
  await took(5, isAnswered);
});

test('a daemon that ends takes its exporter with it, so that `up` is 0', async () => {
  await stopStandIn(node, 'namenode');
  await daemons.remember();
  await took(10, async () => (await page()) === '');
  expect(await ask(node, 'ls /run/prometheus-on-emr-jmx')).toBe('');
});

test('a daemon that starts is measured 15 seconds after at the latest', async () => {
  await startStandIn(node, 'namenode');
  await daemons.remember();
  expect(await took(30, isAnswered)).toBeLessThan(20_000);
});

test('a daemon that restarts between two looks keeps its exporter, which reads the new address', async () => {
  const exporter = await pidOf(EXPORTER);
  await ask(node, `systemctl kill -s KILL stand-in-namenode`);
  await startStandIn(node, 'namenode');
  await daemons.remember();
  await took(30, isAnswered);
  expect(await pidOf(EXPORTER)).toBe(exporter);
});

test('the address of the connector is nowhere but in files of root and of the exporter', async () => {
  const files = '/run/prometheus-on-emr-jmx/namenode.{address,yml}';
  expect(await ask(node, `grep -l /stub/ ${files} && stat -c '%U %a' ${files}`)).toMatch(
    /address\n.*yml\nroot 600\nprometheus-on-emr-jmx 600$/,
  );
  expect(
    await ask(node, "journalctl --no-pager -u 'prometheus-on-emr-jmx*' | grep -v run-u | grep -c '/stub/' || :"),
  ).toBe('0');
  const seen = 'for F in /proc/[0-9]*; do tr "\\0" " " <$F/cmdline; tr "\\0" " " <$F/environ; done 2>/dev/null';
  expect(await ask(node, `${seen} | grep -c rmi://1[2]7 || :`)).toBe('0');
});

test('an exporter whose port somebody else took is not started again and again, and comes back when it is free', async () => {
  await ask(
    node,
    `systemctl stop ${EXPORTER}; systemd-run --quiet --collect --unit stranger systemd-socket-activate --listen ${PORT} --accept --inetd /bin/echo HTTP/1.0 200 OK`,
  );
  await until(node, `grep -q 'is port ${PORT} taken' ${STATUS}`);
  const starts = async () => await ask(node, `journalctl --no-pager -u '${EXPORTER}' | grep -c 'Started' `);
  const before = Number(await starts());
  await sleep(8_000);
  expect(Number(await starts()) - before).toBeLessThanOrEqual(1);
  const { report } = await runDocument(node, orders.install());
  expect(report).toMatchObject({ outcome: 'conflict', changed: false, endpoints: [] });
  expect(report?.reason).toBe(`port ${PORT}, for namenode, is taken by another process`);
  await ask(node, 'systemctl stop stranger');
  expect(await runDocument(node, orders.install())).toMatchObject({
    code: 0,
    report: { outcome: 'installed', endpoints: [{ port: PORT }] },
  });
});

test.each([
  ['truncated', `: >/run/prometheus-on-emr-jmx/namenode.yml`],
  ['broken', `echo 'rules: [' >/run/prometheus-on-emr-jmx/namenode.yml`],
  ['unreadable', 'chmod 0 /run/prometheus-on-emr-jmx/namenode.yml'],
])('a YAML that somebody left %s is mended by the next order', async (_what, spoil) => {
  await ask(node, spoil);
  await ask(node, `systemctl kill -s KILL ${EXPORTER}`);
  expect(await runDocument(node, orders.install())).toMatchObject({
    code: 0,
    report: { outcome: 'installed', endpoints: [{ port: PORT }] },
  });
});

test('a jar that was cut is fetched anew by the next order', async () => {
  await ask(node, 'truncate -s 100000 /opt/prometheus-on-emr/jmx/current/standalone.jar');
  await ask(node, `systemctl kill -s KILL ${EXPORTER}`);
  expect(await runDocument(node, orders.install())).toMatchObject({
    code: 0,
    report: { outcome: 'installed', changed: true, endpoints: [{ port: PORT }] },
  });
});

test('of two orders at once the second says try again later, and the first is not disturbed', async () => {
  await writeFile(join(node.root, 'root/slow'), '');
  const [first, second] = await Promise.all([runDocument(node, orders.install()), runDocument(node, orders.install())]);
  expect([first.code, second.code].toSorted((a, b) => a - b)).toEqual([0, 75]);
});

test('a full disk fails the order, and the daemon is measured on', async () => {
  await ask(node, 'mount -t tmpfs -o size=40m full /opt && mount | grep -q /opt');
  const { code, report } = await runDocument(node, orders.install());
  await ask(node, 'umount /opt');
  expect({ code, reason: report?.reason }).toEqual({
    code: 1,
    reason: 'only 40 MB are free under /opt/prometheus-on-emr and 100 MB are wanted',
  });
  expect(await isAnswered()).toBe(true);
});
