import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { jmxNode } from './jmx-node.ts';
import { runDocument, TOOLS } from './run-document.ts';
import { bootStandInNode, JDK, OLD_ENOUGH } from './stand-ins.ts';

// Who is a daemon's user, or has a container or a port of his own, against the watcher and the orders: all of them are on
// one node, and the NameNode beside them is measured.
const PORT = 17_101;
const STAND_IN = `-cp /usr/lib/stand-in org.apache.hadoop.StandIn Hadoop:service=NameNode,name=FSNamesystem CapacityTotal`;

const jmx = jmxNode((trust) => bootStandInNode(26, trust));

/** A program of the daemon's user that calls itself java, has jcmd beside it, and answers jcmd as a JVM does. */
const IMPOSTOR = String.raw`use IO::Socket::UNIX; use Socket;
my $name = "java"; syscall 157, 15, $name; my $path = "/tmp/.java_pid$$"; my $socket;
$SIG{QUIT} = sub { $socket ||= IO::Socket::UNIX->new(Type => SOCK_STREAM, Local => $path, Listen => 5); chmod 0600, $path; };
while (1) { if ($socket) { if (my $client = $socket->accept) { sysread $client, my $asked, 4096;
  syswrite $client, "0\nURL         : service:jmx:rmi://127.0.0.1/stub/AAAA\n"; close $client; } } else { select undef, undef, undef, 0.05; } }`;

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
        return new MBeanInfo("Bean", "", new MBeanAttributeInfo[] {new MBeanAttributeInfo("Capacity", "int", "", true, false, false)}, null, null, null);
      }
      public AttributeList getAttributes(String[] names) { return new AttributeList(List.of(new Attribute("Capacity", root))); }
    };
    java.lang.management.ManagementFactory.getPlatformMBeanServer().registerMBean(bean, new ObjectName("Hadoop:service=DataNode,name=FSDatasetState-1"));
    Thread.sleep(Long.MAX_VALUE);
  }
}`;

beforeAll(async () => {
  await Promise.all([
    writeFile(join(jmx.node.root, 'root/impostor'), IMPOSTOR),
    writeFile(join(jmx.node.root, 'root/Bomb.java'), BOMB),
  ]);
  // Older than the daemon: of two that look like it the older is taken.
  await jmx.ask(
    `systemd-run --quiet --unit=container -p KillSignal=KILL unshare --pid --fork --mount-proc \
       setpriv --reuid hdfs --regid hdfs --clear-groups ${JDK}/bin/java -Dproc_namenode -Xmx32m ${STAND_IN}
     cp /root/impostor /tmp/impostor && chmod 644 /tmp/impostor && ln -sf ${JDK}/bin/jcmd /usr/bin/jcmd &&
     systemd-run --quiet --unit=impostor --uid=hdfs -p KillSignal=KILL /usr/bin/perl -Dproc_zkfc /tmp/impostor
     mkdir -p /usr/lib/bomb && ${JDK}/bin/javac -d /usr/lib/bomb /root/Bomb.java`,
  );
  await jmx.until('pgrep -u hdfs java >/dev/null');
  await jmx.start('namenode');
  await jmx.start('datanode', { program: '-cp /usr/lib/bomb Bomb' });
  await jmx.until(OLD_ENOUGH);
});
const isMeasured = { code: 0, report: { outcome: 'installed', endpoints: [{ port: PORT }] } };

test("a program of the daemon's user that is no java is not attached to, and takes nobody else's metrics away", async () => {
  const { code, report } = await jmx.installAll({ Ports: `namenode=${PORT},zkfc=17110` }, 1);
  expect({ code, endpoints: report?.endpoints }).toEqual({
    code: 0,
    endpoints: [{ port: PORT, labels: { daemon: 'namenode' } }],
  });
  expect(report?.reason).toMatch(/^zkfc: .*perl is not java$/);
});

test('a process of a container is no daemon of this node, though its user has the same number', async () => {
  const own = await jmx.pidOf('stand-in-namenode');
  const stranger = await jmx.ask(`pgrep -u hdfs --oldest java`);
  expect(stranger).not.toBe(own);
  expect(await jmx.installAll({}, 1)).toMatchObject(isMeasured);
  expect(await jmx.ask('cut -d " " -f 1 /run/prometheus-on-emr-jmx/namenode.status')).toBe(own);
  expect(await jmx.ask(`[ -S /proc/${stranger}/root/tmp/.java_pid1 ] && echo yes || echo no`)).toBe('no');
});

test('a look at the processes that broke off is not taken for a node without daemons', async () => {
  expect(await jmx.installAll({}, 1)).toMatchObject(isMeasured);
  await jmx.ask(
    `cp -rP ${TOOLS} /root/tools && rm /root/tools/bash && printf '#!/bin/sh\\nexit 137\\n' >/root/tools/bash && chmod 755 /root/tools/bash`,
  );
  expect(await runDocument(jmx.node, { ...jmx.orders.install(), path: '/root/tools' })).toMatchObject({
    code: 75,
    report: { outcome: 'failed', endpoints: [] },
  });
});

test("jcmd, which the daemon's user may trace, gets no pipe of the watcher", async () => {
  const jcmd = '#!/bin/bash\nls /proc/$$/fd >>/tmp/jcmd-fds\nexit 1\n';
  await writeFile(join(jmx.node.root, 'root/jcmd-fds'), jcmd, { mode: 0o755 });
  await jmx.uninstall();
  await jmx.ask(`: >/tmp/jcmd-fds; chmod 666 /tmp/jcmd-fds; mount --bind /root/jcmd-fds ${JDK}/bin/jcmd`);
  await jmx.install();
  const open = await jmx.ask(`umount ${JDK}/bin/jcmd; sort -nu /tmp/jcmd-fds | tr '\\n' ' '`);
  expect(open.trim().replace(/ 255$/, '')).toMatch(/^0 1 2$/);
});

test("a file called as a stranger's socket does not make the daemon the owner of the stranger's port", async () => {
  const inode = await jmx.ask(
    `systemd-run --quiet --unit=stranger --uid=nobody systemd-socket-activate --listen 17103 --accept --inetd /bin/true
     until sed -nE 's/^ *[0-9]+: [0-9A-F]+:42CF [^ ]+ 0A( +[^ ]+){5} +([0-9]+) .*/\\2/p' /proc/net/tcp /proc/net/tcp6 | grep .; do sleep 0.1; done`,
  );
  const file = `/tmp/socket:[${inode}]`;
  await jmx.ask(`: >'${file}'`);
  await jmx.start('resourcemanager', { unitOptions: `-p 'StandardInput=file:${file}'` });
  expect(await jmx.ask(`readlink /proc/$(systemctl show -P MainPID stand-in-resourcemanager)/fd/0`)).toBe(file);
  await jmx.uninstall();
  expect(await jmx.install({ Ports: 'resourcemanager=17103' })).toMatchObject({
    code: 0,
    report: { outcome: 'conflict', changed: false, endpoints: [] },
  });
});

test('a daemon that answers with an object that takes for ever to read costs its exporter a failed scrape, not a core', async () => {
  const { code, report } = await jmx.install({ Ports: 'datanode=17102' });
  expect({ code, report }).toMatchObject({ code: 0, report: { outcome: 'installed', endpoints: [] } });
  expect(report?.reason).toMatch(/^datanode: its exporter (?:gets no metrics|does not answer in time)$/);
  const page = await jmx.page(17_102);
  expect(page).toMatch(/^jmx_scrape_error /m);
  expect(page).not.toMatch(/^hdfs_datanode_/m);
});
