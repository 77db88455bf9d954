import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { SandboxNode } from '../../sandbox/nodes/boot-node.ts';
import { startArtifactServer, type ArtifactServer } from './artifact-server.ts';
import { jmxOrders, type JmxOrders } from './jmx-orders.ts';
import { ask, metricsOf, runDocument, TOOLS } from './run-document.ts';
import { bootStandInNode, JDK, startStandIn, until } from './stand-ins.ts';
import { watchDaemons, type DaemonWatch } from './unharmed.ts';

// Who is a daemon's user, or has a container or a port of his own, against the watcher and the orders.
const PORT = 17_101;
const EXPORTER = 'prometheus-on-emr-jmx@namenode.service';
const STAND_IN = `-cp /usr/lib/stand-in org.apache.hadoop.StandIn Hadoop:service=NameNode,name=FSNamesystem CapacityTotal`;

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
  await ask(node, "systemctl stop 'stand-in-*' 'hostile-*' 2>/dev/null; systemctl reset-failed");
  await daemons.remember();
  await runDocument(node, orders.uninstall);
});
afterAll(async () => {
  await node.kill();
  server.close();
});

const install = async (parameters: Readonly<Record<string, string>> = {}) =>
  await runDocument(node, orders.install(parameters));
async function startNameNode(): Promise<void> {
  await startStandIn(node, 'namenode');
  await daemons.remember();
}
const isMeasured = { code: 0, report: { outcome: 'installed', endpoints: [{ port: PORT }] } };

/** A program of the daemon's user that calls itself java, has jcmd beside it, and answers jcmd as a JVM does. */
const IMPOSTOR = String.raw`use IO::Socket::UNIX; use Socket;
my $name = "java"; syscall 157, 15, $name; my $path = "/tmp/.java_pid$$"; my $socket;
$SIG{QUIT} = sub { $socket ||= IO::Socket::UNIX->new(Type => SOCK_STREAM, Local => $path, Listen => 5); chmod 0600, $path; };
while (1) { if ($socket) { if (my $client = $socket->accept) { sysread $client, my $asked, 4096;
  syswrite $client, "0\nURL         : service:jmx:rmi://127.0.0.1/stub/AAAA\n"; close $client; } } else { select undef, undef, undef, 0.05; } }`;

test("a program of the daemon's user that is no java is not attached to, and takes nobody else's metrics away", async () => {
  await writeFile(join(node.root, 'root/impostor'), IMPOSTOR);
  await ask(
    node,
    `cp /root/impostor /tmp/impostor && chmod 644 /tmp/impostor && ln -sf ${JDK}/bin/jcmd /usr/bin/jcmd &&
     systemd-run --quiet --unit=hostile-zkfc --uid=hdfs -p KillSignal=KILL /usr/bin/perl -Dproc_zkfc /tmp/impostor`,
  );
  await startNameNode();
  const { code, report } = await install({ Ports: `namenode=${PORT},zkfc=17110` });
  expect({ code, endpoints: report?.endpoints }).toEqual({
    code: 0,
    endpoints: [{ port: PORT, labels: { daemon: 'namenode' } }],
  });
  expect(report?.reason).toMatch(/^zkfc: .*perl is not java$/);
});

test('a process of a container is no daemon of this node, though its user has the same number', async () => {
  await ask(
    node,
    `systemd-run --quiet --unit=hostile-container -p KillSignal=KILL unshare --pid --fork --mount-proc \
       setpriv --reuid hdfs --regid hdfs --clear-groups ${JDK}/bin/java -Dproc_namenode -Xmx32m ${STAND_IN}`,
  );
  await until(node, `pgrep -u hdfs java >/dev/null`);
  const stranger = await ask(node, 'pgrep -u hdfs java');
  await startNameNode();
  expect(await install()).toMatchObject(isMeasured);
  expect(await ask(node, 'cut -d " " -f 1 /run/prometheus-on-emr-jmx/namenode.status')).toBe(
    await ask(node, 'systemctl show -P MainPID stand-in-namenode'),
  );
  expect(await ask(node, `[ -S /proc/${stranger}/root/tmp/.java_pid1 ] && echo yes || echo no`)).toBe('no');
});

test("jcmd, which the daemon's user may trace, gets no pipe of the watcher", async () => {
  const jcmd = `#!/bin/bash\nls /proc/$$/fd >>/tmp/jcmd-fds\nexec ${JDK}/bin/jcmd.own "$@"\n`;
  await writeFile(join(node.root, 'root/jcmd-fds'), jcmd, { mode: 0o755 });
  await ask(node, `: >/tmp/jcmd-fds; chmod 666 /tmp/jcmd-fds; mount --bind /root/jcmd-fds ${JDK}/bin/jcmd`);
  await startNameNode();
  await install();
  const open = await ask(node, `umount ${JDK}/bin/jcmd; sort -nu /tmp/jcmd-fds | tr '\\n' ' '`);
  expect(open.trim().replace(/ 255$/, '')).toMatch(/^0 1 2$/);
});

test("a file called as a stranger's socket does not make the daemon the owner of the stranger's port", async () => {
  const inode = await ask(
    node,
    `systemd-run --quiet --unit=hostile-port --uid=nobody systemd-socket-activate --listen ${PORT} --accept --inetd /bin/true
     for ((I = 0; I < 100; I += 1)); do sed -nE 's/^ *[0-9]+: [0-9A-F]+:42CD [^ ]+ 0A( +[^ ]+){5} +([0-9]+) .*/\\2/p' /proc/net/tcp /proc/net/tcp6 | grep . && break; sleep 0.1; done`,
  );
  const file = `/tmp/socket:[${inode}]`;
  await ask(
    node,
    `: >'${file}'; systemd-run --quiet --unit=stand-in-namenode --uid=hdfs -p KillSignal=KILL -p SuccessExitStatus=KILL \
       -p 'StandardInput=file:${file}' ${JDK}/bin/java -Dproc_namenode -Xmx32m ${STAND_IN}`,
  );
  await until(node, `[ /proc/$(systemctl show -P MainPID stand-in-namenode)/exe -ef ${JDK}/bin/java ]`);
  await daemons.remember();
  expect(await install()).toMatchObject({ code: 0, report: { outcome: 'conflict', changed: false, endpoints: [] } });
});

test('an address that was taken away is asked for again', async () => {
  await startNameNode();
  expect(await install()).toMatchObject(isMeasured);
  await ask(
    node,
    `rm /run/prometheus-on-emr-jmx/namenode.address; systemctl stop ${EXPORTER}; systemctl kill -s KILL prometheus-on-emr-jmx`,
  );
  await until(node, `[ -e /run/prometheus-on-emr-jmx/namenode.address ]`, 90);
  await until(node, `curl -s 127.0.0.1:${PORT}/metrics | grep -q ^hdfs_namenode_`);
});

test('a look at the processes that broke off is not taken for a node without daemons', async () => {
  await startNameNode();
  expect(await install()).toMatchObject(isMeasured);
  await ask(
    node,
    `cp -rP ${TOOLS} /root/tools && rm /root/tools/bash && printf '#!/bin/sh\\nexit 137\\n' >/root/tools/bash && chmod 755 /root/tools/bash`,
  );
  expect(await runDocument(node, { ...orders.install(), path: '/root/tools' })).toMatchObject({
    code: 75,
    report: { outcome: 'failed', endpoints: [] },
  });
});

/** Sets in sets, each twice: to read it is to count to two to the power of the depth. */
const BOMB = `import javax.management.*; import java.util.*;
public class Bomb {
  public static void main(String[] arguments) throws Exception {
    Set<Object> root = new HashSet<>(), one = root, two = new HashSet<>();
    for (int depth = 0; depth < 60; depth += 1) {
      Set<Object> left = new HashSet<>(), right = new HashSet<>();
      left.add("x"); one.add(left); one.add(right); two.add(left); two.add(right); one = left; two = right;
    }
    DynamicMBean bean = new StandardMBean(() -> {}, Runnable.class) {
      public MBeanInfo getMBeanInfo() {
        return new MBeanInfo("Bean", "", new MBeanAttributeInfo[] {new MBeanAttributeInfo("CapacityTotal", "int", "", true, false, false)}, null, null, null);
      }
      public AttributeList getAttributes(String[] names) { return new AttributeList(List.of(new Attribute("CapacityTotal", root))); }
    };
    java.lang.management.ManagementFactory.getPlatformMBeanServer().registerMBean(bean, new ObjectName("Hadoop:service=NameNode,name=FSNamesystem"));
    Thread.sleep(Long.MAX_VALUE);
  }
}`;

test('a daemon that answers with an object that takes for ever to read costs its exporter a failed scrape, not a core', async () => {
  await writeFile(join(node.root, 'root/Bomb.java'), BOMB);
  await ask(
    node,
    `mkdir -p /usr/lib/bomb && ${JDK}/bin/javac -d /usr/lib/bomb /root/Bomb.java && systemd-run --quiet --unit=stand-in-namenode --uid=hdfs \
       -p KillSignal=KILL -p SuccessExitStatus=KILL ${JDK}/bin/java -Dproc_namenode -Xmx32m -cp /usr/lib/bomb Bomb`,
  );
  await until(node, `[ /proc/$(systemctl show -P MainPID stand-in-namenode)/exe -ef ${JDK}/bin/java ]`);
  await daemons.remember();
  await install();
  const page = await metricsOf(node, PORT);
  expect(page).toMatch(/^jmx_scrape_error /m);
  expect(page).not.toMatch(/^hdfs_namenode_/m);
});
