import { expect, test } from 'vitest';
import type { JmxRelease } from './jmx-jars.ts';
import { jmxNode } from './jmx-node.ts';
import { bootStandInNode, stopStandIn } from './stand-ins.ts';

const ENDPOINTS = [{ port: 17_101, labels: { daemon: 'namenode' } }];
const MARKER = '/emr/instance-controller/lib/info/job-flow-state.txt';
const record = (status: string): string =>
  `localInstance {\\n  nodeProvisionCheckinRecord {\\n    status: ${status}\\n  }\\n}\\n`;
const HOME = '/opt/prometheus-on-emr/jmx';

const jmx = jmxNode((trust) => bootStandInNode(24, trust));

/** Another version than the one that is locked. */
const release = (version: string, standalone = jmx.orders.release.jars.standalone): JmxRelease => ({
  version,
  jars: { ...jmx.orders.release.jars, standalone },
});
const crashing = (): JmxRelease => release('1.0.9', Buffer.from('not a jar'));

/** The node seems to have booted some seconds ago, and EMR to say this of its provisioning. */
async function onNodeOf(seconds: number, state: 'IN_PROGRESS' | 'SUCCESSFUL' | undefined) {
  const said = state === undefined ? ':' : `mkdir -p $(dirname ${MARKER}) && printf '${record(state)}' >${MARKER}`;
  await jmx.ask(`${said}; echo '${seconds}.00 0.00' >/root/uptime; mount --bind /root/uptime /proc/uptime`);
  const { code, report } = await jmx.install();
  await jmx.ask(`umount /proc/uptime; rm -rf /emr`);
  await jmx.uninstall();
  return { code, outcome: report?.outcome, reason: report?.reason };
}

test('while the node is being provisioned it is tried again later, and nothing is touched', async () => {
  expect(await onNodeOf(300, 'IN_PROGRESS')).toEqual({
    code: 75,
    outcome: 'failed',
    reason: 'the node is being provisioned',
  });
  expect(await jmx.ask('ls -A /opt')).toBe('');
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
  await jmx.start('namenode');
  const { code, report } = await jmx.install({}, crashing());
  expect({ code, reason: report?.reason }).toEqual({
    code: 1,
    reason: 'jmx_exporter 1.0.9 does not answer for namenode; it was taken away again',
  });
  expect(await jmx.ask("systemctl list-units --all --plain --no-legend 'prometheus-on-emr*'")).toBe('');
});

test('a version that does not start gives way to the one that worked, and the run fails', async () => {
  expect(await jmx.installAll({}, 1)).toMatchObject({
    code: 0,
    report: { outcome: 'installed', endpoints: ENDPOINTS },
  });
  const { code, report, stderr } = await jmx.install({}, crashing());
  expect({ code, reason: report?.reason }).toEqual({
    code: 1,
    reason: 'jmx_exporter 1.0.9 does not answer for namenode; 1.0.1 runs again',
  });
  expect(stderr).toMatch(/corrupt jarfile/);
  expect(await jmx.page(17_101)).toContain('hdfs_namenode_capacity_bytes');
  expect(await jmx.ask(`readlink ${HOME}/current`)).toBe('1.0.1');
});

test('a version that starts replaces it and its folder, without another attach', async () => {
  const state = 'stat -c "%i %Y" /run/prometheus-on-emr-jmx/namenode.address';
  const before = await jmx.ask(state);
  const { code, report } = await jmx.install({}, release('1.0.2'));
  expect({ code, report }).toMatchObject({
    code: 0,
    report: { outcome: 'installed', changed: true, version: '1.0.2', endpoints: ENDPOINTS },
  });
  expect(await jmx.ask(`ls -d ${HOME}/[0-9]*`)).toBe(`${HOME}/1.0.2`);
  expect(await jmx.ask(state)).toBe(before);
});

test('another port moves it', async () => {
  const { report } = await jmx.install({ Ports: 'namenode=17201' }, release('1.0.2'));
  expect(report).toMatchObject({
    outcome: 'installed',
    changed: true,
    endpoints: [{ port: 17_201, labels: { daemon: 'namenode' } }],
  });
  expect(await jmx.page(17_201)).toContain('hdfs_namenode_capacity_bytes');
  expect(await jmx.page(17_101)).toBe('');
});

test('a daemon that came and a daemon that went are told by the next order, without a change', async () => {
  const Ports = 'namenode=17101,datanode=17102';
  await jmx.installAll({ Ports }, 1);
  await jmx.start('datanode');
  expect(await jmx.installAll({ Ports }, 2)).toMatchObject({
    report: { changed: false, endpoints: [...ENDPOINTS, { port: 17_102, labels: { daemon: 'datanode' } }] },
  });
  await stopStandIn(jmx.node, 'datanode');
  await stopStandIn(jmx.node, 'namenode');
  await jmx.daemons.remember('namenode', 'datanode');
  expect(await jmx.install({ Ports })).toMatchObject({
    code: 0,
    report: { outcome: 'installed', changed: false, endpoints: [] },
  });
});
