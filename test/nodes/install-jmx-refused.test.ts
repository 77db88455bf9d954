import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { jmxNode } from './jmx-node.ts';
import { bootStandInNode, JDK, OLD_ENOUGH } from './stand-ins.ts';

const jmx = jmxNode((trust) => bootStandInNode(23, trust));

/** An attach makes the JVM open its socket. */
const isAttached = async (unit: string): Promise<boolean> =>
  (await jmx.ask(`[ -S /tmp/.java_pid$(systemctl show -P MainPID ${unit}) ] && echo yes || :`)) === 'yes';

beforeAll(async () => {
  // Older than the daemon that they pose as.
  await jmx.start('namenode', { user: 'hadoop', unit: 'stranger' });
  await jmx.start('namenode', { user: 'yarn', unit: 'another' });
  await jmx.start('namenode');
  await jmx.start('datanode', { flags: '-Xrs' });
  await jmx.start('resourcemanager', { flags: '-XX:+DisableAttachMechanism' });
  await jmx.start('nodemanager', { flags: '-Dproc_jar -XX:+PerfDisableSharedMem' });
  await jmx.start('historyserver');
  await jmx.until(OLD_ENOUGH);
});
beforeEach(async () => {
  await jmx.uninstall();
  await jmx.ask('rm -f /tmp/.java_pid*'); // a JVM that opens one at its start does not do it again
});

describe('a daemon that cannot be attached to is unsupported, with the reason, and nothing is attached:', () => {
  test.each([
    ['datanode', '-Xrs', ':', ':', 'JVM runs with -Xrs: SIGQUIT is not caught'],
    [
      'resourcemanager',
      '-XX:+DisableAttachMechanism',
      ':',
      ':',
      'attach disabled: the JVM runs with -XX:+DisableAttachMechanism',
    ],
    [
      'namenode',
      'no jcmd',
      `mount --bind /dev/null ${JDK}/bin/jcmd`,
      `umount ${JDK}/bin/jcmd`,
      `no jcmd beside ${JDK}/bin/java`,
    ],
    [
      'namenode',
      'a java that others may write to',
      `chmod g+w ${JDK}/../..`,
      `chmod g-w ${JDK}/../..`,
      `others than root may write to ${JDK}/bin/java, which is to run the exporter`,
    ],
  ])('%s: %s', async (name, _what, before, after, reason) => {
    await jmx.ask(before);
    const { code, report } = await jmx.install({ Ports: `${name}=17101` });
    await jmx.ask(after);
    expect({ code, outcome: report?.outcome, endpoints: report?.endpoints }).toEqual({
      code: 0,
      outcome: 'unsupported',
      endpoints: [],
    });
    expect(report?.reason).toBe(`${name}: ${reason}`);
    expect(await isAttached(`stand-in-${name}`)).toBe(false);
  });
});

test('one that is marked as something else first, as HiveServer2 is, and whose counters are not shared is measured all the same', async () => {
  expect(await jmx.installAll({ Ports: 'nodemanager=17104' }, 1)).toMatchObject({
    code: 0,
    report: { outcome: 'installed', endpoints: [{ port: 17_104 }] },
  });
});

const STATUS = '/run/prometheus-on-emr-jmx/namenode.status';

/** Puts another program in the place of jcmd until `umount`. */
async function layJcmd(script: string): Promise<void> {
  await writeFile(join(jmx.node.root, 'root/jcmd'), script, { mode: 0o755 });
  await jmx.ask(`mount --bind /root/jcmd ${JDK}/bin/jcmd`);
}
const restoreJcmd = async (): Promise<string> => await jmx.ask(`umount ${JDK}/bin/jcmd`);

test('an attach that fails is tried again after minutes, also by a watcher that was started anew, and then given up', async () => {
  await layJcmd(
    '#!/bin/sh\necho x >>/tmp/asked\necho "AttachNotSupportedException: Unable to open socket file"\nexit 1\n',
  );
  const first = await jmx.install();
  await jmx.ask('systemctl restart prometheus-on-emr-jmx && sleep 5'); // five seconds in which nothing may happen
  const second = await jmx.install();
  expect(await jmx.ask('wc -l </tmp/asked')).toBe('1');
  // A minute later, as it would be: the fifth word is when it is tried again, in seconds after boot.
  await jmx.ask(
    `sed -i -E 's/^(([^ ]+ ){4})[0-9]+ /\\10 /' ${STATUS}; systemctl kill -s KILL prometheus-on-emr-jmx.service`,
  );
  await jmx.until(`grep -q ' refused 2 ' ${STATUS}`);
  const third = await jmx.install();
  await restoreJcmd();
  expect(first).toMatchObject({ code: 0, report: { outcome: 'installed', endpoints: [], again: 60 } });
  expect(first.report?.reason).toBe('namenode: attach socket lost, or attach disabled: the JVM does not answer');
  expect(second.report).toMatchObject({ outcome: 'installed', endpoints: [], reason: first.report?.reason });
  expect(third).toMatchObject({ code: 0, report: { outcome: 'unsupported', reason: first.report?.reason } });
  expect(await jmx.ask('wc -l </tmp/asked')).toBe('2');
});

/** The namenode's, for as long as it lives. */
let address: string | undefined;
async function addressOfNamenode(): Promise<string> {
  await jmx.installAll({}, 1);
  const url = await jmx.ask('sed -n 2p /run/prometheus-on-emr-jmx/namenode.address');
  await jmx.uninstall();
  return url;
}

// Whoever dials goes by what is behind /stub/: the address before it may be any of the machine's.
test.each(['[::1]', '10.42.0.23'])(
  'a JVM of Java 8, whose jcmd knows no ManagementAgent.status, tells its address, %s, by its counters',
  async (host) => {
    const url = (address ??= await addressOfNamenode());
    await layJcmd(`#!/bin/sh
case "$*" in
  *PerfCounter.print) echo 'sun.management.JMXConnectorServer.address="${url.replace(/(?<=rmi:\/\/)[^/]+/, host)}"' ;;
  *) echo 'java.lang.IllegalArgumentException: Unknown diagnostic command' && exit 1 ;;
esac
`);
    const { report } = await jmx.installAll({}, 1);
    await restoreJcmd();
    expect(url).toContain('service:jmx:rmi://127.0.0.1/stub/');
    expect(report).toMatchObject({ outcome: 'installed', endpoints: [{ port: 17_101 }] });
    expect(await jmx.ask('sed -n 2p /run/prometheus-on-emr-jmx/namenode.address')).toContain(`rmi://${host}/stub/`);
  },
);

test("a stranger's java that calls itself a NameNode is neither attached to nor told", async () => {
  const { code, report } = await jmx.installAll({}, 1);
  expect({ code, endpoints: report?.endpoints }).toEqual({
    code: 0,
    endpoints: [{ port: 17_101, labels: { daemon: 'namenode' } }],
  });
  expect(await jmx.ask('ls /run/prometheus-on-emr-jmx/*.status')).toBe(STATUS);
  expect(await jmx.ask(`cut -d' ' -f1 ${STATUS}`)).toBe(await jmx.pidOf('stand-in-namenode'));
  expect([await isAttached('stranger'), await isAttached('another'), await isAttached('stand-in-namenode')]).toEqual([
    false,
    false,
    true,
  ]);
});

test('of two processes that look like one daemon the older is measured, for as long as it lives', async () => {
  const pid = await jmx.pidOf('stand-in-historyserver');
  await jmx.start('historyserver', { unit: 'by-hand' });
  await jmx.install({ Ports: 'historyserver=17105' });
  expect(await jmx.ask("cut -d' ' -f1 /run/prometheus-on-emr-jmx/historyserver.status")).toBe(pid);
  await jmx.ask('systemctl stop by-hand');
  expect((await jmx.daemons.remember('historyserver')).historyserver?.pid).toBe(Number(pid));
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
    const before = await jmx.ask(state);
    const { code, report } = await jmx.install({ Ports });
    expect({ code, outcome: report?.outcome }).toEqual({ code: 1, outcome: 'failed' });
    expect(report?.reason).toContain(`parameter Ports is not valid: ${reason}`);
    expect(await jmx.ask(`${state}; ls /canary 2>/dev/null || :`)).toBe(before);
  });
});
