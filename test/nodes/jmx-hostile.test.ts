import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { jmxNode } from './jmx-node.ts';
import { bootStandInNode, JDK, startStandIn } from './stand-ins.ts';

// One daemon, or whoever is its user, holds us up: the others are watched all the same.
const WATCHER = 'prometheus-on-emr-jmx.service';
const PORTS = { namenode: 17_101, nodemanager: 17_104 } as const;
const endpoint = (daemon: keyof typeof PORTS) => ({ port: PORTS[daemon], labels: { daemon } });

const jmx = jmxNode((trust) => bootStandInNode(29, trust));
const install = async () => await jmx.install({ Ports: 'namenode=17101,nodemanager=17104' });
const put = async (file: string, body: string) =>
  await writeFile(join(jmx.node.root, 'root', file), body, { mode: 0o755 });

/** A NameNode that takes two seconds for each of twenty beans: in time for RMI, not for a page. */
const SLOW = `import javax.management.*;
public class Slow {
  public static void main(String[] arguments) throws Exception {
    for (int number = 0; number < 20; number += 1) {
      DynamicMBean bean = new StandardMBean(() -> {}, Runnable.class) {
        public MBeanInfo getMBeanInfo() {
          MBeanAttributeInfo value = new MBeanAttributeInfo("CallQueueLength", "int", "", true, false, false);
          return new MBeanInfo("Bean", "", new MBeanAttributeInfo[] {value}, null, null, null);
        }
        public AttributeList getAttributes(String[] names) {
          try { Thread.sleep(2000); } catch (InterruptedException e) { throw new RuntimeException(e); }
          return new AttributeList(java.util.List.of(new Attribute("CallQueueLength", 7)));
        }
      };
      java.lang.management.ManagementFactory.getPlatformMBeanServer().registerMBean(bean,
        new ObjectName("Hadoop:service=NameNode,name=RpcActivityForPort" + number));
    }
    Thread.sleep(Long.MAX_VALUE);
  }
}`;

beforeAll(async () => {
  await put('Slow.java', SLOW);
  await jmx.ask(`mkdir -p /usr/lib/slow && ${JDK}/bin/javac -d /usr/lib/slow /root/Slow.java`);
  await jmx.start('namenode', { program: '-cp /usr/lib/slow Slow' });
  await jmx.start('nodemanager');
});
beforeEach(async () => {
  await jmx.uninstall();
});

test('a daemon whose exporter gets no page together does not take the others from the first install, and only its exporter is started anew', async () => {
  const said = {
    code: 0,
    report: {
      outcome: 'installed',
      endpoints: [endpoint('nodemanager')],
      reason: 'namenode: its exporter does not answer in time',
    },
  };
  expect(await install()).toMatchObject(said);
  expect(await jmx.page(PORTS.nodemanager)).toMatch(/^yarn_nodemanager_/m);

  const running = [WATCHER, 'prometheus-on-emr-jmx@nodemanager', 'prometheus-on-emr-jmx@namenode'];
  const pids = async () => await Promise.all(running.map(async (unit) => await jmx.pidOf(unit)));
  const before = await pids();
  expect(await install()).toMatchObject(said);
  const after = await pids();
  expect(after.slice(0, 2)).toEqual(before.slice(0, 2));
  expect(after[2]).not.toBe(before[2]);
});

/** As hdfs, whatever that user can make of jcmd: it starts others, and stops. */
const STOPPED = `#!/bin/bash
if [ "$(id -un)" = hdfs ]; then
  for I in 1 2 3; do setsid sleep 4321 & done
  kill -STOP $$
fi
exec ${JDK}/bin/java -m jdk.jcmd/sun.tools.jcmd.JCmd "\${@: -2}"
`;

test('a jcmd that its user stops is ended with all that it started, and the other daemon is measured meanwhile', async () => {
  await put('stopped', STOPPED);
  await jmx.ask(`mount --bind /root/stopped ${JDK}/bin/jcmd`);
  const { code, report } = await install();
  await jmx.ask(`umount ${JDK}/bin/jcmd`);
  expect({ code, endpoints: report?.endpoints, reason: report?.reason }).toEqual({
    code: 0,
    endpoints: [endpoint('nodemanager')],
    reason: 'namenode: jcmd does not end',
  });
  await jmx.until(`! pgrep -u hdfs -f 'sleep 4321|/bin/jcmd'`);
  expect(await jmx.ask(`systemctl show -P ActiveState ${WATCHER}`)).toBe('active');
});

test('a process whose arguments can be read by nobody holds up neither the orders nor the watcher', async () => {
  await jmx.start('namenode');
  await jmx.start('datanode', { unit: 'hostile-java' });
  await jmx.ask('systemctl stop stand-in-nodemanager');
  await jmx.daemons.remember();
  const hidden = `/proc/${await jmx.pidOf('hostile-java')}/cmdline`;
  await jmx.ask(`mkfifo /root/never; mount --bind /root/never ${hidden}`);
  try {
    const began = performance.now();
    expect(await install()).toMatchObject({ code: 0, report: { endpoints: [endpoint('namenode')] } });
    expect((performance.now() - began) / 1_000).toBeLessThan(150);
    await startStandIn(jmx.node, 'nodemanager'); // who remembers its process reads arguments, too
    await jmx.until(`curl -s 127.0.0.1:${PORTS.nodemanager}/metrics | grep -q ^yarn_nodemanager_`);
    expect(await install()).toMatchObject({
      code: 0,
      report: { changed: false, endpoints: [endpoint('namenode'), endpoint('nodemanager')] },
    });
    expect(await jmx.uninstall()).toMatchObject({ code: 0, report: { outcome: 'removed' } });
  } finally {
    await jmx.ask(`umount ${hidden}; rm /root/never`);
    await jmx.daemons.remember();
  }
});
