import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { SandboxNode } from '../../sandbox/nodes/boot-node.ts';
import { startArtifactServer, type ArtifactServer } from './artifact-server.ts';
import { jmxOrders, type JmxOrders } from './jmx-orders.ts';
import { ask, runDocument } from './run-document.ts';
import { bootStandInNode, JDK, startStandIn } from './stand-ins.ts';
import { watchDaemons, type DaemonWatch } from './unharmed.ts';

let server: ArtifactServer;
let node: SandboxNode;
let orders: JmxOrders;
let daemons: DaemonWatch;

beforeAll(async () => {
  server = await startArtifactServer();
  orders = await jmxOrders(server);
  node = await bootStandInNode(23, server.authority);
  daemons = watchDaemons(node);
});
afterEach(async () => {
  await daemons.expectUnharmed();
  await ask(node, "systemctl stop 'stand-in-*'");
  await daemons.remember();
  await runDocument(node, orders.uninstall);
});
afterAll(async () => {
  await node.kill();
  server.close();
});

const install = async (parameters: Readonly<Record<string, string>> = {}) =>
  await runDocument(node, orders.install(parameters));
/** An attach makes the JVM open its socket. */
const isAttached = async (unit: string): Promise<boolean> =>
  (await ask(node, `[ -S /tmp/.java_pid$(systemctl show -P MainPID ${unit}) ] && echo yes || :`)) === 'yes';

describe('a daemon that cannot be attached to is unsupported, with the reason, and nothing is attached:', () => {
  test.each([
    ['-Xrs', '', 'namenode: JVM runs with -Xrs: SIGQUIT is not caught'],
    ['-XX:+DisableAttachMechanism', '', 'namenode: attach disabled: the JVM runs with -XX:+DisableAttachMechanism'],
    ['', `mount --bind /dev/null ${JDK}/bin/jcmd`, `namenode: no jcmd beside ${JDK}/bin/java`],
    [
      '',
      `chmod g+w ${JDK}/../..`,
      `namenode: others than root may write to ${JDK}/bin/java, which is to run the exporter`,
    ],
  ])('%s %s', async (flags, before, reason) => {
    await startStandIn(node, 'namenode', { flags });
    await daemons.remember();
    await ask(node, before);
    const { code, report } = await install();
    if (before.startsWith('mount')) await ask(node, `umount ${JDK}/bin/jcmd`);
    await ask(node, `chmod g-w ${JDK}/../..`);
    expect({ code, outcome: report?.outcome, endpoints: report?.endpoints }).toEqual({
      code: 0,
      outcome: 'unsupported',
      endpoints: [],
    });
    expect(report?.reason).toBe(reason);
    expect(await isAttached('stand-in-namenode')).toBe(flags === '-Xrs'); // that JVM opens it at its start
  });

  test('one that is marked as something else first, as HiveServer2 is, and whose counters are not shared is measured all the same', async () => {
    await startStandIn(node, 'namenode', { flags: '-Dproc_jar -XX:+PerfDisableSharedMem' });
    await daemons.remember();
    expect(await install()).toMatchObject({ code: 0, report: { outcome: 'installed', endpoints: [{ port: 17_101 }] } });
  });
});

test('an attach that fails is tried again after minutes, also by a watcher that was started anew', async () => {
  const jcmd =
    '#!/bin/sh\necho x >>/tmp/asked\necho "AttachNotSupportedException: Unable to open socket file"\nexit 1\n';
  await writeFile(join(node.root, 'root/jcmd'), jcmd, { mode: 0o755 });
  await ask(node, `mount --bind /root/jcmd ${JDK}/bin/jcmd`);
  await startStandIn(node, 'namenode');
  await daemons.remember();
  const first = await install();
  await ask(node, 'systemctl restart prometheus-on-emr-jmx && sleep 5'); // five seconds in which nothing may happen
  const second = await install();
  await ask(node, `umount ${JDK}/bin/jcmd`);
  expect(first).toMatchObject({ code: 0, report: { outcome: 'installed', endpoints: [], again: 60 } });
  expect(first.report?.reason).toBe('namenode: attach socket lost, or attach disabled: the JVM does not answer');
  expect(second.report).toMatchObject({ outcome: 'installed', endpoints: [], reason: first.report?.reason });
  expect(await ask(node, 'wc -l </tmp/asked')).toBe('1');
});

test("a stranger's java that calls itself a NameNode is neither attached to nor told", async () => {
  await startStandIn(node, 'namenode', { user: 'hadoop', unit: 'stranger', flags: '-Dproc_namenode' });
  await startStandIn(node, 'namenode', { user: 'yarn', unit: 'another' });
  await startStandIn(node, 'datanode');
  await daemons.remember();
  const { code, report } = await install({ Ports: 'namenode=17101,datanode=17102' });
  expect({ code, endpoints: report?.endpoints }).toEqual({
    code: 0,
    endpoints: [{ port: 17_102, labels: { daemon: 'datanode' } }],
  });
  expect(await ask(node, 'ls /run/prometheus-on-emr-jmx/*.status')).toBe('/run/prometheus-on-emr-jmx/datanode.status');
  expect([await isAttached('stranger'), await isAttached('another'), await isAttached('stand-in-datanode')]).toEqual([
    false,
    false,
    true,
  ]);
  await ask(node, 'systemctl stop stranger another');
});

test('of two processes that look like one daemon the older is measured, for as long as it lives', async () => {
  await startStandIn(node, 'datanode');
  await startStandIn(node, 'datanode', { unit: 'by-hand' });
  await daemons.remember();
  const pid = await ask(node, 'systemctl show -P MainPID stand-in-datanode');
  await install({ Ports: 'datanode=17102' });
  expect(await ask(node, "cut -d' ' -f1 /run/prometheus-on-emr-jmx/datanode.status")).toBe(pid);
  await ask(node, 'systemctl stop by-hand');
  await daemons.remember();
});

describe('bad input is refused before anything is touched', () => {
  test.each([
    ['namenode=17101,tasktracker=17102', 'there is no daemon tasktracker'],
    ['namenode=17101,namenode=17102', 'namenode=17102, the name or the port is there twice'],
    ['namenode=17101,datanode=17101', 'datanode=17101, the name or the port is there twice'],
    ['namenode=70000', 'namenode=70000, expected at most 65535'],
    ['namenode=80', 'expected'],
    ['namenode=17101; touch /canary', 'expected'],
  ])('Ports %s', async (Ports, reason) => {
    const state = 'find /opt /etc/systemd -printf "%p %C@\\n" | sort';
    const before = await ask(node, state);
    const { code, report } = await install({ Ports });
    expect({ code, outcome: report?.outcome }).toEqual({ code: 1, outcome: 'failed' });
    expect(report?.reason).toContain(`parameter Ports is not valid: ${reason}`);
    expect(await ask(node, `${state}; ls /canary 2>/dev/null || :`)).toBe(before);
  });
});
