import { equal } from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { AGENT, CONF, envFiles, JAR, layOtherAgent, OTHER, PORTS, SEEN } from './jmx-agent-node.ts';
import { jmxNode } from './jmx-node.ts';
import { bootStandInNode, JDK } from './stand-ins.ts';

// What the canary is and what it finds, beside JVMs that look like a NameNode and are up in a moment.
const jmx = jmxNode((trust) => bootStandInNode(152, trust));
let envBefore: readonly string[];

beforeAll(async () => {
  await layOtherAgent(jmx);
  envBefore = await envFiles(jmx.node);
});
beforeEach(async () => {
  await jmx.uninstall();
  await jmx.script(`rm -f ${SEEN}/*`);
});
afterEach(async () => {
  equal(await jmx.script("pgrep -fa '[k]eytool' || true"), '');
});

const install = async (parameters: Readonly<Record<string, string>> = {}) =>
  await jmx.install({ ...AGENT, ...parameters });
const namenode = async (flags: string): Promise<void> => await jmx.start('namenode', { flags });
const seen = async (file: string): Promise<string> => await jmx.script(`tr '\\0' ' ' <${SEEN}/${file}`);
const traces = async () =>
  await jmx.script(`ls ${CONF} -A | grep prometheus; ls /opt/prometheus-on-emr/jmx/agent 2>/dev/null; :`);

test("the canary has the daemon's java, user and agents, not its heap, log files, ports or mark", async () => {
  const daemon =
    '-XX:NativeMemoryTracking=off -Xlog:gc:file=/var/tmp/gc.log -Dcom.sun.management.jmxremote.port=3333 -Dcom.sun.management.jmxremote.authenticate=false -Dcom.sun.management.jmxremote.ssl=false';
  await namenode(`-Dtold=1 -javaagent:${OTHER}=go --add-opens=java.base/java.lang=ALL-UNNAMED ${daemon}`);
  expect((await install()).report).toMatchObject({ outcome: 'pendingRestart', changed: true });
  const cmdline = await seen('cmdline');
  expect(cmdline).toMatch(
    new RegExp(
      `^${JDK}/bin/java -Dtold=1 -javaagent:${OTHER}=go --add-opens=java.base/java.lang=ALL-UNNAMED -Xmx256m -XX:\\S+ -XX:\\S+ -XX:\\S+ ` +
        `-javaagent:${JAR}=${PORTS.namenode}:/opt/prometheus-on-emr/jmx/rules/namenode.yml sun`,
    ),
  );
  const hdfs = await jmx.script('id -u hdfs; id -g hdfs; id -G hdfs');
  const status = await seen('status');
  const [uid = '', gid = ''] = hdfs.split('\n');
  expect(status).toMatch(new RegExp(`^Uid:(\\t${uid}){4}$`, 'm'));
  expect(status).toMatch(new RegExp(`^Gid:(\\t${gid}){4}$`, 'm'));
  expect(status).toMatch(/^NoNewPrivs:\t1$/m);
  const groups = await jmx.script('grep ^Groups: /proc/$(systemctl show -P MainPID stand-in-namenode)/status');
  expect(status).toContain(groups);
  expect((await seen('oom_score_adj')).trim()).toBe('1000');
  expect(await seen('environ')).toContain('INVOCATION_ID=');
});

test('a daemon with an agent that cannot be beside ours: failed with the reason, and nothing is written', async () => {
  const hidden = '/usr/lib/other/hidden.jar';
  await writeFile(join(jmx.node.root, hidden), jmx.orders.release.jars.agent);
  await jmx.script("echo 'rules: []' >/usr/lib/other/rules.yml");
  await namenode(`-javaagent:${hidden}=7999:/usr/lib/other/rules.yml`);
  const { code, report } = await install();
  expect({ code, report }).toMatchObject({ code: 1, report: { outcome: 'failed', endpoints: [] } });
  expect(report?.reason).toMatch(/namenode: a canary JVM does not answer: .*(Exception|rror)/);
  expect(await envFiles(jmx.node)).toEqual(envBefore);
  expect(await traces()).toBe('');
});

test('a daemon that carries a jmx_exporter already: conflict, and nothing is written', async () => {
  await jmx.script(`cp ${OTHER} /usr/lib/other/jmx_prometheus_javaagent-0.20.0.jar`);
  await namenode('-javaagent:/usr/lib/other/jmx_prometheus_javaagent-0.20.0.jar=7001:/x.yml');
  const { code, report } = await install();
  expect({ code, report }).toMatchObject({ code: 0, report: { outcome: 'conflict', endpoints: [] } });
  expect(report?.reason).toContain(
    'another jmx_exporter: -javaagent:/usr/lib/other/jmx_prometheus_javaagent-0.20.0.jar',
  );
  expect(await envFiles(jmx.node)).toEqual(envBefore);
});

test('the port is taken: conflict, naming it and what to do, and nothing is written', async () => {
  await namenode('');
  await jmx.script(`systemd-run --quiet --unit=squatter systemd-socket-activate --listen=${PORTS.namenode} /bin/sleep 1000
    until grep -q :$(printf %04X ${PORTS.namenode}) /proc/net/tcp6; do sleep 0.1; done`);
  const { code, report } = await install();
  await jmx.script('systemctl stop squatter');
  expect({ code, report }).toMatchObject({ code: 0, report: { outcome: 'conflict' } });
  expect(report?.reason).toContain('port 17101 is taken by another process: give namenode another one in ports');
  expect(await envFiles(jmx.node)).toEqual(envBefore);
});

test('a daemon of an env file that is missing: failed with its name', async () => {
  await namenode('');
  await jmx.script(`mv ${CONF}/hadoop-env.sh /root/`);
  const { code, report } = await install();
  await jmx.script(`mv /root/hadoop-env.sh ${CONF}/`);
  expect({ code, outcome: report?.outcome }).toEqual({ code: 1, outcome: 'failed' });
  expect(report?.reason).toContain('there is no /etc/hadoop/conf/hadoop-env.sh');
});

test('links, owner, mode and a read-only file: all as it was, but for the block', async () => {
  await namenode('');
  const look = `ls -ld ${CONF} | cut -d ' ' -f 1,3-; stat -Lc '%u %g %a' ${CONF}/hadoop-env.sh; readlink ${CONF}/hadoop-env.sh`;
  await jmx.script(`mv ${CONF} /etc/hadoop/conf.dist; ln -s conf.dist ${CONF}; cd ${CONF}; mv hadoop-env.sh real.sh; ln -s real.sh hadoop-env.sh
     chown hdfs:hadoop real.sh; chmod 0440 real.sh`);
  const before = await jmx.script(look);
  expect((await install()).report).toMatchObject({ outcome: 'pendingRestart' });
  expect((await envFiles(jmx.node))[0]).toContain('if prometheus_on_emr_jmx namenode 42CD ');
  expect(await jmx.script(look)).toBe(before);
  await jmx.uninstall();
  expect(await jmx.script(look)).toBe(before);
  expect(await envFiles(jmx.node)).toEqual(envBefore);
  await jmx.script(`rm ${CONF}; mv /etc/hadoop/conf.dist ${CONF}`);
});

test('HiveServer2 alone: unsupported, for it is not known to this mode', async () => {
  await namenode('');
  await jmx.script(`mkdir -p /usr/lib/sleeper; cd /usr/lib/sleeper
     echo 'public class Sleeper { public static void main(String[] a) throws Exception { Thread.sleep(Long.MAX_VALUE); } }' >Sleeper.java
     ${JDK}/bin/javac Sleeper.java; id hive >/dev/null 2>&1 || useradd --system hive
     systemd-run --quiet --unit=hiveserver2 --uid=hive --same-dir ${JDK}/bin/java -Dproc_hiveserver2 -cp . Sleeper
     until [ /proc/$(systemctl show -P MainPID hiveserver2)/exe -ef ${JDK}/bin/java ]; do sleep 0.1; done`);
  const { report } = await install({ Ports: 'hiveserver2=17106' });
  expect(report).toMatchObject({ outcome: 'unsupported', endpoints: [] });
  expect(report?.reason).toBe('hiveserver2: is not known to mode agent');
  await jmx.script('systemctl stop hiveserver2');
});
