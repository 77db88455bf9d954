import { deepEqual } from 'node:assert/strict';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type DaemonName, MASTER_DAEMONS } from '../../sandbox/hadoop/daemon-table.ts';
import { hadoopNode } from '../../sandbox/hadoop/hadoop-node.ts';
import { type DaemonProcesses, daemonProcesses, startDaemons, stopDaemons } from '../../sandbox/hadoop/run-daemons.ts';
import { bootNode, type SandboxNode } from '../../sandbox/nodes/boot-node.ts';
import { cacheFolder } from '../../scripts/cache-folder.ts';
import { prepareHadoop } from '../../scripts/prepare-hadoop.ts';
import { type ArtifactServer, startArtifactServer } from './artifact-server.ts';
import {
  type AgentOrders,
  agentOption,
  agentOrders,
  envFiles,
  JAR,
  optionsOf,
  PORTS,
  rulesOf,
  shellOn,
} from './jmx-agent-node.ts';
import { linkTools, metricsOf, tracesOf } from './run-document.ts';

// One story on real daemons, in its order. What a test does not restart has the pid and start time it had.
const address = '10.42.0.151';
let server: ArtifactServer;
let node: SandboxNode;
let orders: AgentOrders;
let running: DaemonProcesses;
let envBefore: readonly string[];

beforeAll(async () => {
  server = await startArtifactServer();
  const hadoop = await prepareHadoop(cacheFolder(process.env));
  const parts = await hadoopNode(hadoop, { master: address, provisioning: 'SUCCESSFUL' });
  node = await bootNode({ instanceId: 'i-00000000000000151', address, trust: server.authority, ...parts });
  await linkTools(node);
  await shellOn(node, 'printf "export LAST=no-end" >>/etc/hadoop/conf/mapred-env.sh');
  orders = await agentOrders(node, server);
  await startDaemons(node, MASTER_DAEMONS);
  running = await daemonProcesses(node);
  envBefore = await envFiles(node);
});
afterEach(async () => {
  deepEqual(await daemonProcesses(node), running);
});
afterAll(async () => {
  await node.stop();
  server.close();
});

/** Its own next start: by the unit, as people do it on EMR. */
async function restart(...names: readonly DaemonName[]): Promise<void> {
  await stopDaemons(node, names);
  await startDaemons(node, names);
  const now = await daemonProcesses(node);
  for (const name of names) running = { ...running, [name]: now[name] };
}

const endpoint = (daemon: keyof typeof PORTS) => ({ port: PORTS[daemon], labels: { daemon } });
/** By the daemon's user and by a user of the cluster. */
const byHand = async () =>
  await shellOn(
    node,
    `su hdfs -c 'hdfs namenode -genclusterid' 2>&1 | grep -a 'CID-' && su hadoop -c 'hdfs dfs -ls / && hdfs dfs -mkdir -p /tmp' 2>&1`,
  );

test('on running daemons: the env files have a block, the report says pendingRestart, no daemon has the agent', async () => {
  const { code, report } = await orders.install();
  expect({ code, report }).toMatchObject({
    code: 0,
    report: { outcome: 'pendingRestart', changed: true, endpoints: [] },
  });
  expect(report?.reason).toContain('namenode');
  const now = await envFiles(node);
  now.forEach((body, index) => {
    expect(body.startsWith(envBefore[index] ?? '-')).toBe(true);
    expect(body).toContain('# BEGIN prometheus-on-emr jmx');
  });
  expect(await optionsOf(node, 'namenode')).not.toContain('javaagent');
});

test('the second run changes no file and starts no canary', async () => {
  const state = 'find /opt/prometheus-on-emr /etc -printf "%p %C@\\n" | sort';
  const before = await shellOn(node, state);
  const { report } = await orders.install();
  expect(report).toMatchObject({ outcome: 'pendingRestart', changed: false, endpoints: [] });
  expect(await shellOn(node, state)).toBe(before);
});

test('client commands work before the daemon has its agent', async () => {
  expect(await byHand()).toContain('CID-');
});

test('the NameNode carries it from its own next start on, and answers on its port; the others are still pending', async () => {
  await restart('namenode');
  expect(await optionsOf(node, 'namenode')).toContain(
    ` -Dhadoop.security.logger=INFO,RFAS ${agentOption('namenode')} `,
  );
  expect(await metricsOf(node, PORTS.namenode)).toMatch(/^hdfs_namenode_/m);
  const { report } = await orders.install();
  expect(report).toMatchObject({ outcome: 'pendingRestart', changed: false, endpoints: [endpoint('namenode')] });
  expect(report?.reason).not.toContain('namenode');
});

test('client commands work beside a daemon that carries the agent, `hdfs namenode` by hand among them', async () => {
  expect(await byHand()).toContain('CID-');
});

test('all of them answer after their own next start: installed, with an endpoint for each', async () => {
  await restart('resourcemanager', 'historyserver');
  const { report } = await orders.install();
  expect(report).toMatchObject({
    outcome: 'installed',
    changed: false,
    endpoints: [endpoint('namenode'), endpoint('resourcemanager'), endpoint('historyserver')],
  });
  expect(await metricsOf(node, PORTS.resourcemanager)).toMatch(/^yarn_resourcemanager_/m);
  expect(await metricsOf(node, PORTS.historyserver)).toMatch(/^mapreduce_historyserver_/m);
});

test('an agent whose jar and rules are taken away goes on answering, for what it had not loaded yet too', async () => {
  await restart('historyserver');
  await shellOn(node, `mv ${JAR} /root/agent.jar; mv ${rulesOf('historyserver')} /root/rules.yml`);
  expect(await metricsOf(node, PORTS.historyserver)).toMatch(/^mapreduce_historyserver_/m);
  expect(await metricsOf(node, PORTS.historyserver)).toMatch(/^jmx_scrape_error 0.0$/m);
});

test.each([
  ['the jar is gone', 'true'],
  ['the rules are broken', `cp /root/agent.jar ${JAR}; echo 'rules: [' >${rulesOf('historyserver')}`],
])('%s: the daemon starts, without the agent', async (_name, damage) => {
  await shellOn(node, damage);
  await restart('historyserver');
  expect(await optionsOf(node, 'historyserver')).not.toContain('javaagent');
});

test('the next run repairs it, without touching the daemon', async () => {
  await shellOn(node, `chmod 600 ${rulesOf('namenode')}`);
  const { report } = await orders.install();
  expect(report).toMatchObject({ outcome: 'pendingRestart', changed: true });
  expect(await shellOn(node, `su hdfs -c 'head -c 1 ${rulesOf('namenode')}'`)).toBe('#');
  expect((await orders.install()).report).toMatchObject({ changed: false });
  await restart('historyserver');
  expect((await orders.install()).report).toMatchObject({ outcome: 'installed', changed: false });
});

test('the port is taken when the daemon starts: it starts without the agent, and the report names the port', async () => {
  const [socket] = ['systemd-socket-activate'];
  await stopDaemons(node, ['historyserver']);
  await shellOn(node, `systemd-run --quiet --unit=squatter ${socket} --listen=${PORTS.historyserver} /bin/sleep 1000`);
  await startDaemons(node, ['historyserver']);
  running = await daemonProcesses(node);
  expect(await optionsOf(node, 'historyserver')).not.toContain('javaagent');
  const { report } = await orders.install();
  expect(report).toMatchObject({ outcome: 'pendingRestart', changed: false });
  expect(report?.reason).toContain(`port ${PORTS.historyserver} is taken by another process`);
  await shellOn(node, 'systemctl stop squatter');
});

test('somebody added an agent by hand: the daemon has that one alone', async () => {
  const own = `-javaagent:/opt/own/jmx_prometheus_javaagent.jar=7005:/opt/own/rules.yml`;
  await shellOn(
    node,
    `mkdir /opt/own; cp ${JAR} /opt/own/jmx_prometheus_javaagent.jar; echo 'rules: []' >/opt/own/rules.yml
     cp -p /etc/hadoop/conf/mapred-env.sh /root/; sed -i '1i export MAPRED_HISTORYSERVER_OPTS=${own}' /etc/hadoop/conf/mapred-env.sh`,
  );
  await restart('historyserver');
  expect((await optionsOf(node, 'historyserver')).match(/-javaagent:\S+/g)).toEqual([own]);
  expect((await orders.install()).report?.reason).toContain('historyserver: it carries another jmx_exporter');
  await shellOn(node, 'cp -p /root/mapred-env.sh /etc/hadoop/conf/mapred-env.sh');
  await restart('historyserver');
});

test("EMR's reconfiguration wrote an env file anew: the next run puts the block back", async () => {
  await shellOn(node, "echo 'export RECONFIGURED=1' >/etc/hadoop/conf/yarn-env.sh");
  expect((await orders.install()).report).toMatchObject({ outcome: 'installed', changed: true });
  const yarn = (await envFiles(node))[1];
  expect(yarn).toMatch(/^export RECONFIGURED=1\n\n# BEGIN prometheus-on-emr jmx\n/);
  envBefore = envBefore.with(1, 'export RECONFIGURED=1\n');
});

test('uninstall: the env files are as they were, byte for byte, and daemons that carry the agent live on with it', async () => {
  await orders.uninstall();
  expect(await envFiles(node)).toEqual(envBefore);
  expect(await metricsOf(node, PORTS.namenode)).toMatch(/^hdfs_namenode_/m);
});

test('after their next start, nothing is left', async () => {
  await restart(...MASTER_DAEMONS);
  expect(await orders.uninstall()).toMatchObject({ code: 0, report: { outcome: 'removed' } });
  expect(await tracesOf(node)).toBe('');
  expect(await optionsOf(node, 'namenode')).not.toContain('javaagent');
  await expect(metricsOf(node, PORTS.namenode)).rejects.toThrow('fetch failed');
  expect(await orders.uninstall()).toMatchObject({ report: { outcome: 'removed', changed: false } });
});
