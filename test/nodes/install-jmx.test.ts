import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { SandboxNode } from '../../sandbox/nodes/boot-node.ts';
import { startArtifactServer, type ArtifactServer } from './artifact-server.ts';
import { jmxOrders, type JmxOrders } from './jmx-orders.ts';
import { ask, metricsOf, runDocument } from './run-document.ts';
import { bootStandInNode, standIns, startStandIn, until, type StandInName } from './stand-ins.ts';
import { watchDaemons, type DaemonWatch } from './unharmed.ts';

const PORTS = 'namenode=17101,datanode=17102,resourcemanager=17103,nodemanager=17104,historyserver=17105';
/** All of them run for more than ten seconds: a younger JVM is not attached to. */
const OLD_ENOUGH = "! ps -C java -o etimes= | grep -qE '^ *([0-9]|10)$'";
const NAMES = Object.keys(standIns) as StandInName[];

let server: ArtifactServer;
let node: SandboxNode;
let orders: JmxOrders;
let daemons: DaemonWatch;

beforeAll(async () => {
  server = await startArtifactServer();
  orders = await jmxOrders(server);
  node = await bootStandInNode(21, server.authority);
  daemons = watchDaemons(node);
});
afterEach(async () => {
  await daemons.expectUnharmed();
});
afterAll(async () => {
  await node.kill();
  server.close();
});

const endpointsOf = (names: readonly StandInName[]) =>
  names.map((daemon) => ({ port: 17_101 + NAMES.indexOf(daemon), labels: { daemon } }));

test('on a node with five daemons it tells an endpoint for each', async () => {
  for (const name of NAMES) await startStandIn(node, name);
  await daemons.remember();
  await until(node, OLD_ENOUGH);
  const { code, report } = await runDocument(node, orders.install({ Ports: PORTS }));
  expect({ code, report }).toEqual({
    code: 0,
    report: {
      exporter: 'jmx',
      outcome: 'installed',
      version: '1.0.1',
      changed: true,
      endpoints: endpointsOf(NAMES),
      again: 60,
    },
  });
  for (const { port, labels } of endpointsOf(NAMES))
    expect(await metricsOf(node, port)).toMatch(
      new RegExp(`^${standIns[labels.daemon].metric}(\\{.*\\})? 7\\.0$`, 'm'),
    );
});

test('the second run changes no file, restarts nothing, downloads nothing and says so', async () => {
  const state = `systemctl show -p MainPID 'prometheus-on-emr-jmx*'; find /opt/prometheus-on-emr /etc/systemd /etc/passwd /run/prometheus-on-emr-jmx -printf '%p %C@\\n' | sort`;
  const before = await ask(node, state);
  const downloads = server.asked.length;
  const { code, report } = await runDocument(node, orders.install({ Ports: PORTS }));
  expect(code).toBe(0);
  expect(report).toMatchObject({ outcome: 'installed', changed: false, endpoints: endpointsOf(NAMES) });
  expect(await ask(node, state)).toBe(before);
  expect(server.asked).toHaveLength(downloads);
});

test('uninstall leaves nothing behind, and a second one finds nothing', async () => {
  const traces = `ls -d /opt/prometheus-on-emr /run/prometheus-on-emr* /etc/systemd/system/prometheus-on-emr* /etc/systemd/system/*.wants/prometheus-on-emr* 2>/dev/null
    grep prometheus-on-emr /etc/passwd /etc/group; systemctl list-units --all --plain --no-legend 'prometheus-on-emr*'
    grep -hE ':42C[D-F] .* 0A |:42D[0-6] .* 0A ' /proc/net/tcp /proc/net/tcp6; :`;
  expect(await runDocument(node, orders.uninstall)).toMatchObject({
    code: 0,
    report: { outcome: 'removed', changed: true },
  });
  expect(await ask(node, traces)).toBe('');
  expect(await runDocument(node, orders.uninstall)).toMatchObject({
    code: 0,
    report: { outcome: 'removed', changed: false },
  });
});
