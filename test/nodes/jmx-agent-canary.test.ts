import { deepEqual, equal } from 'node:assert/strict';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type DaemonProcesses, daemonProcesses } from '../../sandbox/hadoop/run-daemons.ts';
import type { SandboxNode } from '../../sandbox/nodes/boot-node.ts';
import { type ArtifactServer, startArtifactServer } from './artifact-server.ts';
import { type AgentOrders, agentOrders, CONF, envFiles, JAR, PORTS, shellOn } from './jmx-agent-node.ts';
import { bootStandInNode, JDK, startStandIn } from './stand-ins.ts';

// What the canary is and what it finds, beside JVMs that look like a NameNode and are up in a moment.
const SEEN = '/var/tmp/seen';
/** Leaves what it runs in below SEEN; without -Dproc_namenode, so in the canary, it may be told to hang. */
const OTHER_AGENT = `import java.nio.file.*;
public class Other {
  public static void premain(String told) throws Exception {
    boolean isCanary = System.getProperty("proc_namenode") == null;
    if (isCanary) for (String file : new String[] { "cmdline", "status", "oom_score_adj", "environ" })
      Files.write(Paths.get("${SEEN}/" + file), Files.readAllBytes(Paths.get("/proc/self/" + file)));
    if (isCanary && "hang".equals(told)) Thread.sleep(Long.MAX_VALUE);
  }
}`;
const OTHER = '/usr/lib/other/agent.jar';

let server: ArtifactServer;
let node: SandboxNode;
let orders: AgentOrders;
let running: DaemonProcesses;
let envBefore: readonly string[];

beforeAll(async () => {
  server = await startArtifactServer();
  node = await bootStandInNode(152, server.authority);
  await shellOn(
    node,
    `mkdir /usr/lib/other && install -d -o hdfs ${SEEN} && cd /root && cat >Other.java <<'END' && ${JDK}/bin/javac Other.java
${OTHER_AGENT}
END
     echo 'Premain-Class: Other' >manifest && ${JDK}/bin/jar cfm ${OTHER} manifest Other*.class`,
  );
  orders = await agentOrders(node, server);
  envBefore = await envFiles(node);
});
beforeEach(async () => {
  await orders.uninstall();
  await shellOn(node, `rm -f ${SEEN}/*`);
});
afterEach(async () => {
  deepEqual(await daemonProcesses(node), running);
  equal(await shellOn(node, "pgrep -fa '[k]eytool' || true"), '');
});
afterAll(async () => {
  await node.kill();
  server.close();
});

async function namenode(flags: string): Promise<void> {
  await startStandIn(node, 'namenode', { user: 'hdfs', flags });
  running = await daemonProcesses(node);
}

const seen = async (file: string): Promise<string> => await shellOn(node, `tr '\\0' ' ' <${SEEN}/${file}`);
const traces = async () =>
  await shellOn(node, `ls ${CONF} -A | grep prometheus; ls /opt/prometheus-on-emr/jmx/agent 2>/dev/null; :`);

test("the canary has the daemon's java, user and agents, not its heap, log files, ports or mark", async () => {
  const daemon =
    '-XX:NativeMemoryTracking=off -Xlog:gc:file=/var/tmp/gc.log -Dcom.sun.management.jmxremote.port=3333 -Dcom.sun.management.jmxremote.authenticate=false -Dcom.sun.management.jmxremote.ssl=false';
  await namenode(`-Dtold=1 -javaagent:${OTHER}=go --add-opens=java.base/java.lang=ALL-UNNAMED ${daemon}`);
  expect((await orders.install()).report).toMatchObject({ outcome: 'pendingRestart', changed: true });
  const cmdline = await seen('cmdline');
  expect(cmdline).toMatch(
    new RegExp(
      `^${JDK}/bin/java -Dtold=1 -javaagent:${OTHER}=go --add-opens=java.base/java.lang=ALL-UNNAMED -Xmx256m -XX:\\S+ -XX:\\S+ -XX:\\S+ ` +
        `-javaagent:${JAR}=${PORTS.namenode}:/opt/prometheus-on-emr/jmx/rules/namenode.yml sun`,
    ),
  );
  const hdfs = await shellOn(node, 'id -u hdfs; id -g hdfs; id -G hdfs');
  const status = await seen('status');
  const [uid = '', gid = ''] = hdfs.split('\n');
  expect(status).toMatch(new RegExp(`^Uid:(\\t${uid}){4}$`, 'm'));
  expect(status).toMatch(new RegExp(`^Gid:(\\t${gid}){4}$`, 'm'));
  expect(status).toMatch(/^NoNewPrivs:\t1$/m);
  const groups = await shellOn(node, 'grep ^Groups: /proc/$(systemctl show -P MainPID stand-in-namenode)/status');
  expect(status).toContain(groups);
  expect((await seen('oom_score_adj')).trim()).toBe('1000');
  expect(await seen('environ')).toContain('INVOCATION_ID=');
});

test('a daemon with an agent that cannot be beside ours: failed with the reason, and nothing is written', async () => {
  const hidden = '/usr/lib/other/hidden.jar';
  await namenode('');
  await orders.install();
  await shellOn(node, `cp ${JAR} ${hidden}; echo 'rules: []' >/usr/lib/other/rules.yml`);
  await orders.uninstall();
  await namenode(`-javaagent:${hidden}=7999:/usr/lib/other/rules.yml`);
  const { code, report } = await orders.install();
  expect({ code, report }).toMatchObject({ code: 1, report: { outcome: 'failed', endpoints: [] } });
  expect(report?.reason).toMatch(/namenode: a canary JVM does not answer: .*(Exception|rror)/);
  expect(await envFiles(node)).toEqual(envBefore);
  expect(await traces()).toBe('');
});

test('a canary that hangs is ended and nothing is written; so it is when the run is killed, and the next one works', async () => {
  await namenode(`-javaagent:${OTHER}=hang`);
  const { code, report } = await orders.install();
  expect({ code, report }).toMatchObject({ code: 1, report: { outcome: 'failed' } });
  expect(await envFiles(node)).toEqual(envBefore);
  expect(await traces()).toBe('');
  // The order once more, where nothing but its own end takes its children away.
  await shellOn(
    node,
    `rm ${SEEN}/*; systemd-run --quiet --unit=order -p KillMode=process sh $(ls -t /root/document-*.launch | head -n 1)
     until [ -s ${SEEN}/environ ]; do sleep 0.1; done
     kill -9 $(systemctl show -P MainPID order); pgrep -f '[k]eytool' >/dev/null`,
  );
  await shellOn(node, "for i in {1..500}; do pgrep -f '[k]eytool' >/dev/null || exit 0; sleep 0.1; done; exit 1");
  await namenode('');
  expect((await orders.install()).report).toMatchObject({ outcome: 'pendingRestart' });
}, 180_000);

test('a daemon that carries a jmx_exporter already: conflict, and nothing is written', async () => {
  await shellOn(node, `cp ${OTHER} /usr/lib/other/jmx_prometheus_javaagent-0.20.0.jar`);
  await namenode('-javaagent:/usr/lib/other/jmx_prometheus_javaagent-0.20.0.jar=7001:/x.yml');
  const { code, report } = await orders.install();
  expect({ code, report }).toMatchObject({ code: 0, report: { outcome: 'conflict', endpoints: [] } });
  expect(report?.reason).toContain(
    'another jmx_exporter: -javaagent:/usr/lib/other/jmx_prometheus_javaagent-0.20.0.jar',
  );
  expect(await envFiles(node)).toEqual(envBefore);
});

test('the port is taken: conflict, naming it and what to do, and nothing is written', async () => {
  await namenode('');
  await shellOn(
    node,
    `systemd-run --quiet --unit=squatter systemd-socket-activate --listen=${PORTS.namenode} /bin/sleep 1000
    until grep -q :$(printf %04X ${PORTS.namenode}) /proc/net/tcp6; do sleep 0.1; done`,
  );
  const { code, report } = await orders.install();
  await shellOn(node, 'systemctl stop squatter');
  expect({ code, report }).toMatchObject({ code: 0, report: { outcome: 'conflict' } });
  expect(report?.reason).toContain('port 17101 is taken by another process: give namenode another one in ports');
  expect(await envFiles(node)).toEqual(envBefore);
});

test('a daemon of an env file that is missing: failed with its name', async () => {
  await namenode('');
  await shellOn(node, `mv ${CONF}/hadoop-env.sh /root/`);
  const { code, report } = await orders.install();
  await shellOn(node, `mv /root/hadoop-env.sh ${CONF}/`);
  expect({ code, outcome: report?.outcome }).toEqual({ code: 1, outcome: 'failed' });
  expect(report?.reason).toContain('there is no /etc/hadoop/conf/hadoop-env.sh');
});

test('links, owner, mode and a read-only file: all as it was, but for the block', async () => {
  await namenode('');
  const look = `ls -ld ${CONF} | cut -d ' ' -f 1,3-; stat -Lc '%u %g %a' ${CONF}/hadoop-env.sh; readlink ${CONF}/hadoop-env.sh`;
  await shellOn(
    node,
    `mv ${CONF} /etc/hadoop/conf.dist; ln -s conf.dist ${CONF}; cd ${CONF}; mv hadoop-env.sh real.sh; ln -s real.sh hadoop-env.sh
     chown hdfs:hadoop real.sh; chmod 0440 real.sh`,
  );
  const before = await shellOn(node, look);
  expect((await orders.install()).report).toMatchObject({ outcome: 'pendingRestart' });
  expect((await envFiles(node))[0]).toContain('if prometheus_on_emr_jmx namenode 42CD ');
  expect(await shellOn(node, look)).toBe(before);
  await orders.uninstall();
  expect(await shellOn(node, look)).toBe(before);
  expect(await envFiles(node)).toEqual(envBefore);
  await shellOn(node, `rm ${CONF}; mv /etc/hadoop/conf.dist ${CONF}`);
});

test('HiveServer2 alone: unsupported, for it is not known to this mode', async () => {
  await namenode('');
  await shellOn(
    node,
    `mkdir -p /usr/lib/sleeper; cd /usr/lib/sleeper
     echo 'public class Sleeper { public static void main(String[] a) throws Exception { Thread.sleep(Long.MAX_VALUE); } }' >Sleeper.java
     ${JDK}/bin/javac Sleeper.java; id hive >/dev/null 2>&1 || useradd --system hive
     systemd-run --quiet --unit=hiveserver2 --uid=hive --same-dir ${JDK}/bin/java -Dproc_hiveserver2 -cp . Sleeper
     until [ /proc/$(systemctl show -P MainPID hiveserver2)/exe -ef ${JDK}/bin/java ]; do sleep 0.1; done`,
  );
  const { report } = await orders.install({ Ports: 'hiveserver2=17106' });
  expect(report).toMatchObject({ outcome: 'unsupported', endpoints: [] });
  expect(report?.reason).toBe('hiveserver2: is not known to mode agent');
  await shellOn(node, 'systemctl stop hiveserver2');
});
