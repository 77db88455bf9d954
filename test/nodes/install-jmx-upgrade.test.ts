import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { SandboxNode } from '../../sandbox/nodes/boot-node.ts';
import { startArtifactServer, type ArtifactServer } from './artifact-server.ts';
import type { JmxRelease } from './jmx-jars.ts';
import { jmxOrders, type JmxOrders } from './jmx-orders.ts';
import { ask, metricsOf, runDocument } from './run-document.ts';
import { bootStandInNode, startStandIn, stopStandIn } from './stand-ins.ts';
import { watchDaemons, type DaemonWatch } from './unharmed.ts';

const ENDPOINTS = [{ port: 17_101, labels: { daemon: 'namenode' } }];
const MARKER = '/emr/instance-controller/lib/info/job-flow-state.txt';
const record = (status: string): string =>
  `localInstance {\\n  nodeProvisionCheckinRecord {\\n    status: ${status}\\n  }\\n}\\n`;
const HOME = '/opt/prometheus-on-emr/jmx';

let server: ArtifactServer;
let node: SandboxNode;
let orders: JmxOrders;
let daemons: DaemonWatch;
let crashing: JmxRelease;

beforeAll(async () => {
  server = await startArtifactServer();
  orders = await jmxOrders(server);
  crashing = { version: '1.0.9', jars: { ...orders.release.jars, standalone: Buffer.from('not a jar') } };
  node = await bootStandInNode(24, server.authority);
  daemons = watchDaemons(node);
});
afterEach(async () => {
  await daemons.expectUnharmed();
});
afterAll(async () => {
  await node.kill();
  server.close();
});

const install = async (release?: JmxRelease, parameters: Readonly<Record<string, string>> = {}) =>
  await runDocument(node, orders.install(parameters, release));

/** The node seems to have booted some seconds ago, and EMR to say this of its provisioning. */
async function onNodeOf(seconds: number, state: 'IN_PROGRESS' | 'SUCCESSFUL' | undefined) {
  const said = state === undefined ? ':' : `mkdir -p $(dirname ${MARKER}) && printf '${record(state)}' >${MARKER}`;
  await ask(node, `${said}; echo '${seconds}.00 0.00' >/root/uptime; mount --bind /root/uptime /proc/uptime`);
  const { code, report } = await install();
  await ask(node, `umount /proc/uptime; rm -rf /emr`);
  await runDocument(node, orders.uninstall);
  return { code, outcome: report?.outcome, reason: report?.reason };
}

test('while the node is being provisioned it is tried again later, and nothing is touched', async () => {
  expect(await onNodeOf(300, 'IN_PROGRESS')).toEqual({
    code: 75,
    outcome: 'failed',
    reason: 'the node is being provisioned',
  });
  expect(await ask(node, 'ls -A /opt')).toBe('');
});

test('as long as a young node has no daemon it is tried again later', async () => {
  const later = { code: 75, outcome: 'failed', reason: 'no Hadoop daemon runs yet' };
  expect(await onNodeOf(300, undefined)).toEqual(later);
  expect(await onNodeOf(300, 'SUCCESSFUL')).toEqual(later);
});

test('an old node without a daemon, for clients, is done without endpoints', async () => {
  expect(await onNodeOf(1_000, undefined)).toEqual({ code: 0, outcome: 'installed', reason: undefined });
});

test('a version that does not start is taken away again where there was none', async () => {
  await startStandIn(node, 'namenode');
  await daemons.remember();
  const { code, report } = await install(crashing);
  expect({ code, reason: report?.reason }).toEqual({
    code: 1,
    reason: 'jmx_exporter 1.0.9 does not answer for namenode; it was taken away again',
  });
  expect(await ask(node, "systemctl list-units --all --plain --no-legend 'prometheus-on-emr*'")).toBe('');
});

test('a version that does not start gives way to the one that worked, and the run fails', async () => {
  expect(await install()).toMatchObject({ code: 0, report: { outcome: 'installed', endpoints: ENDPOINTS } });
  const { code, report, stderr } = await install(crashing);
  expect({ code, reason: report?.reason }).toEqual({
    code: 1,
    reason: 'jmx_exporter 1.0.9 does not answer for namenode; 1.0.1 runs again',
  });
  expect(stderr).toMatch(/corrupt jarfile/);
  expect(await metricsOf(node, 17_101)).toContain('hdfs_namenode_capacity_bytes');
  expect(await ask(node, `readlink ${HOME}/current`)).toBe('1.0.1');
});

test('a version that starts replaces it and its folder, without another attach', async () => {
  const state = 'stat -c "%i %Y" /run/prometheus-on-emr-jmx/namenode.address';
  const before = await ask(node, state);
  const { code, report } = await install({ ...orders.release, version: '1.0.2' });
  expect({ code, report }).toMatchObject({
    code: 0,
    report: { outcome: 'installed', changed: true, version: '1.0.2', endpoints: ENDPOINTS },
  });
  expect(await ask(node, `ls -d ${HOME}/[0-9]*`)).toBe(`${HOME}/1.0.2`);
  expect(await ask(node, state)).toBe(before);
});

test('another port moves it', async () => {
  const { report } = await install({ ...orders.release, version: '1.0.2' }, { Ports: 'namenode=17201' });
  expect(report).toMatchObject({
    outcome: 'installed',
    changed: true,
    endpoints: [{ port: 17_201, labels: { daemon: 'namenode' } }],
  });
  expect(await metricsOf(node, 17_201)).toContain('hdfs_namenode_capacity_bytes');
  await expect(metricsOf(node, 17_101)).rejects.toThrow('fetch failed');
});

test('a daemon that came and a daemon that went are told by the next order, without a change', async () => {
  const Ports = 'namenode=17101,datanode=17102';
  await install(undefined, { Ports });
  await startStandIn(node, 'datanode');
  await daemons.remember();
  expect(await install(undefined, { Ports })).toMatchObject({
    report: { changed: false, endpoints: [...ENDPOINTS, { port: 17_102, labels: { daemon: 'datanode' } }] },
  });
  await stopStandIn(node, 'datanode');
  await stopStandIn(node, 'namenode');
  await daemons.remember();
  expect(await install(undefined, { Ports })).toMatchObject({
    code: 0,
    report: { outcome: 'installed', changed: false, endpoints: [] },
  });
});
