import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { ALL_DAEMONS } from '../../sandbox/hadoop/daemon-table.ts';
import { hadoopNode } from '../../sandbox/hadoop/hadoop-node.ts';
import { startDaemons } from '../../sandbox/hadoop/run-daemons.ts';
import { bootNode, type SandboxNode } from '../../sandbox/nodes/boot-node.ts';
import { daemons as known } from '../../infra/exporters/jmx/daemons.ts';
import { cacheFolder } from '../../scripts/cache-folder.ts';
import { prepareHadoop } from '../../scripts/prepare-hadoop.ts';
import { startArtifactServer, type ArtifactServer } from './artifact-server.ts';
import { jmxOrders, type JmxOrders } from './jmx-orders.ts';
import { ask, linkTools, metricsOf, runDocument } from './run-document.ts';
import { until } from './stand-ins.ts';
import { watchDaemons, type DaemonWatch } from './unharmed.ts';

const address = '10.42.0.25';
const hadoop = known.filter(({ name }) => ALL_DAEMONS.some((daemon) => daemon === name));
const Ports = hadoop.map(({ name, port }) => `${name}=${port}`).join(',');

let server: ArtifactServer;
let node: SandboxNode;
let orders: JmxOrders;
let daemons: DaemonWatch;

beforeAll(async () => {
  server = await startArtifactServer();
  orders = await jmxOrders(server);
  const parts = await hadoopNode(await prepareHadoop(cacheFolder(process.env)), {
    master: address,
    provisioning: 'SUCCESSFUL',
  });
  node = await bootNode({ instanceId: 'i-00000000000000025', address, trust: server.authority, ...parts });
  await linkTools(node);
  await startDaemons(node, ALL_DAEMONS);
  daemons = watchDaemons(node);
  await daemons.remember();
});
afterEach(async () => {
  await daemons.expectUnharmed();
});
afterAll(async () => {
  await node.kill();
  server.close();
});

test('five real daemons are told, each with its own metrics, and a second order changes nothing', async () => {
  await until(node, "! ps -C java -o etimes= | grep -qE '^ *([0-9]|10)$'");
  const { code, report } = await runDocument(node, orders.install({ Ports }));
  expect(code).toBe(0);
  expect(report?.endpoints).toEqual(hadoop.map(({ name, port }) => ({ port, labels: { daemon: name } })));
  for (const { port, prefix } of hadoop) {
    const page = await metricsOf(node, port);
    expect(page).toMatch(new RegExp(`^${prefix}`, 'm'));
    expect(page).toMatch(/^jmx_scrape_error 0\.0$/m);
  }
  expect(await runDocument(node, orders.install({ Ports }))).toMatchObject({
    code: 0,
    report: { outcome: 'installed', changed: false, endpoints: report?.endpoints },
  });
});

test('clients and commands by hand beside them are taken for nobody', async () => {
  const pid = 'cut -d" " -f1 /run/prometheus-on-emr-jmx/namenode.status';
  const before = await ask(node, pid);
  await ask(node, 'su hdfs -c "hdfs dfs -ls / && hdfs namenode -metadataVersion" </dev/null >/dev/null 2>&1');
  expect(await ask(node, pid)).toBe(before);
});

test('uninstall leaves the daemons as they were', async () => {
  expect(await runDocument(node, orders.uninstall)).toMatchObject({ code: 0, report: { outcome: 'removed' } });
  expect(await ask(node, 'ls -A /opt; ls -d /run/prometheus-on-emr* 2>/dev/null || :')).toBe('');
});
