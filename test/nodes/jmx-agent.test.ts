import { beforeAll, expect, test } from 'vitest';
import { type DaemonName, MASTER_DAEMONS } from '../../sandbox/hadoop/daemon-table.ts';
import { daemonProcesses, startDaemons, stopDaemons } from '../../sandbox/hadoop/run-daemons.ts';
import { AGENT, agentOption, envFiles, JAR, PORTS, rulesOf } from './jmx-agent-node.ts';
import { bootHadoopNode, jmxNode } from './jmx-node.ts';
import { tracesOf } from './run-document.ts';

// One story on real daemons, in its order. What a test does not restart has the pid and start time it had.
const jmx = jmxNode((trust) => bootHadoopNode(151, trust, { provisioning: 'SUCCESSFUL' }));
let envBefore: readonly string[];

beforeAll(async () => {
  await jmx.script('printf "export LAST=no-end" >>/etc/hadoop/conf/mapred-env.sh');
  await startDaemons(jmx.node, MASTER_DAEMONS);
  await jmx.daemons.remember();
  envBefore = await envFiles(jmx.node);
});

/** Its own next start: by the unit, as people do it on EMR. */
async function restart(...names: readonly DaemonName[]): Promise<void> {
  await stopDaemons(jmx.node, names);
  await startDaemons(jmx.node, names);
  await jmx.daemons.remember(...names);
}

const install = async () => await jmx.install(AGENT);
/** Of the daemon that runs now. */
const optionsOf = async (name: DaemonName): Promise<string> =>
  await jmx.script(`tr '\\0' ' ' </proc/${(await daemonProcesses(jmx.node))[name]?.pid}/cmdline`);
const endpoint = (daemon: keyof typeof PORTS) => ({ port: PORTS[daemon], labels: { daemon } });
/** By the daemon's user and by a user of the cluster. */
const byHand = async () =>
  await jmx.script(
    `su hdfs -c 'hdfs namenode -genclusterid' 2>&1 | grep -a 'CID-' && su hadoop -c 'hdfs dfs -mkdir -p /tmp' 2>&1`,
  );

test('on running daemons: the env files have a block, the report says pendingRestart, no daemon has the agent', async () => {
  const { code, report } = await install();
  expect({ code, report }).toMatchObject({
    code: 0,
    report: { outcome: 'pendingRestart', changed: true, endpoints: [] },
  });
  expect(report?.reason).toContain('namenode');
  const now = await envFiles(jmx.node);
  now.forEach((body, index) => {
    expect(body.startsWith(envBefore[index] ?? '-')).toBe(true);
    expect(body).toContain('# BEGIN prometheus-on-emr jmx');
  });
  expect(await optionsOf('namenode')).not.toContain('javaagent');
});

test('the second run changes no file and starts no canary', async () => {
  const state = 'find /opt/prometheus-on-emr /etc -printf "%p %C@\\n" | sort';
  const before = await jmx.script(state);
  const { report } = await install();
  expect(report).toMatchObject({ outcome: 'pendingRestart', changed: false, endpoints: [] });
  expect(await jmx.script(state)).toBe(before);
});

test('client commands work before the daemon has its agent', async () => {
  expect(await byHand()).toContain('CID-');
});

test('the NameNode carries it from its own next start on, and answers on its port; the others are still pending', async () => {
  await restart('namenode');
  expect(await optionsOf('namenode')).toContain(` -Dhadoop.security.logger=INFO,RFAS ${agentOption('namenode')} `);
  expect(await jmx.page(PORTS.namenode)).toMatch(/^hdfs_namenode_/m);
  const { report } = await install();
  expect(report).toMatchObject({ outcome: 'pendingRestart', changed: false, endpoints: [endpoint('namenode')] });
  expect(report?.reason).not.toContain('namenode');
});

test('client commands work beside a daemon that carries the agent, `hdfs namenode` by hand among them', async () => {
  expect(await byHand()).toContain('CID-');
});

test('an agent whose jar and rules are taken away goes on answering, for what it had not loaded yet too', async () => {
  await restart('resourcemanager', 'historyserver');
  await jmx.script(`cp -p ${JAR} /root/agent.jar; rm ${JAR}; mv ${rulesOf('historyserver')} /root/rules.yml`);
  expect(await jmx.page(PORTS.historyserver)).toMatch(/^mapreduce_historyserver_/m);
  expect(await jmx.page(PORTS.historyserver)).toMatch(/^jmx_scrape_error 0.0$/m);
  await jmx.script(`cp -p /root/agent.jar ${JAR}; mv /root/rules.yml ${rulesOf('historyserver')}`);
});

test('all of them answer after their own next start: installed, with an endpoint for each', async () => {
  const { report } = await install();
  expect(report).toMatchObject({
    outcome: 'installed',
    changed: false,
    endpoints: [endpoint('namenode'), endpoint('resourcemanager'), endpoint('historyserver')],
  });
  expect(await jmx.page(PORTS.resourcemanager)).toMatch(/^yarn_resourcemanager_/m);
});

// What each of them does alone: test/infra/exporters/jmx-agent-env.test.ts.
test('a daemon whose rules are broken and whose jar is gone starts, without the agent', async () => {
  await jmx.script(`rm ${JAR}; echo 'rules: [' >${rulesOf('historyserver')}`);
  await restart('historyserver');
  expect(await optionsOf('historyserver')).not.toContain('javaagent');
});

test('the next run repairs it, without touching the daemon', async () => {
  await jmx.script(`chmod 600 ${rulesOf('namenode')}`);
  const { report } = await install();
  expect(report).toMatchObject({ outcome: 'pendingRestart', changed: true });
  expect(await jmx.script(`su hdfs -c 'head -c 1 ${rulesOf('namenode')}'`)).toBe('#');
  expect((await install()).report).toMatchObject({ changed: false });
  await restart('historyserver');
  expect((await install()).report).toMatchObject({ outcome: 'installed', changed: false });
});

test('the port is taken when the daemon starts: it starts without the agent, and the report names the port', async () => {
  await stopDaemons(jmx.node, ['historyserver']);
  await jmx.script(`systemd-run --quiet --unit=squatter systemd-socket-activate --listen=${PORTS.historyserver} /bin/sleep 1000
    until grep -q :$(printf %04X ${PORTS.historyserver}) /proc/net/tcp6; do sleep 0.1; done`);
  await startDaemons(jmx.node, ['historyserver']);
  await jmx.daemons.remember('historyserver');
  expect(await optionsOf('historyserver')).not.toContain('javaagent');
  const { report } = await install();
  expect(report).toMatchObject({ outcome: 'pendingRestart', changed: false });
  expect(report?.reason).toContain(`port ${PORTS.historyserver} is taken by another process`);
  await jmx.script('systemctl stop squatter');
});

test('somebody added an agent by hand: the daemon has that one alone', async () => {
  const own = `-javaagent:/opt/own/jmx_prometheus_javaagent.jar=7005:/opt/own/rules.yml`;
  await jmx.script(`mkdir /opt/own; cp ${JAR} /opt/own/jmx_prometheus_javaagent.jar; echo 'rules: []' >/opt/own/rules.yml
     cp -p /etc/hadoop/conf/mapred-env.sh /root/; sed -i '1i export MAPRED_HISTORYSERVER_OPTS=${own}' /etc/hadoop/conf/mapred-env.sh`);
  await restart('historyserver');
  expect((await optionsOf('historyserver')).match(/-javaagent:\S+/g)).toEqual([own]);
  expect((await install()).report?.reason).toContain('historyserver: it carries another jmx_exporter');
  await jmx.script('cp -p /root/mapred-env.sh /etc/hadoop/conf/mapred-env.sh');
});

test("EMR's reconfiguration wrote an env file anew: the next run puts the block back", async () => {
  await jmx.script("echo 'export RECONFIGURED=1' >/etc/hadoop/conf/yarn-env.sh");
  expect((await install()).report).toMatchObject({ changed: true });
  const yarn = (await envFiles(jmx.node))[1];
  expect(yarn).toMatch(/^export RECONFIGURED=1\n\n# BEGIN prometheus-on-emr jmx\n/);
  envBefore = envBefore.with(1, 'export RECONFIGURED=1\n');
});

test('uninstall: the env files are as they were, byte for byte, and daemons that carry the agent live on with it', async () => {
  await jmx.uninstall();
  expect(await envFiles(jmx.node)).toEqual(envBefore);
  expect(await jmx.page(PORTS.namenode)).toMatch(/^hdfs_namenode_/m);
});

test('after their next start, nothing is left', async () => {
  await restart(...MASTER_DAEMONS);
  expect(await jmx.uninstall()).toMatchObject({ code: 0, report: { outcome: 'removed' } });
  expect(await tracesOf(jmx.node)).toBe('');
  expect(await optionsOf('namenode')).not.toContain('javaagent');
  expect(await jmx.page(PORTS.namenode)).toBe('');
  expect(await jmx.uninstall()).toMatchObject({ report: { outcome: 'removed', changed: false } });
});
