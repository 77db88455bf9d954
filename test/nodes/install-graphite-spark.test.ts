import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { SandboxNode } from '../../sandbox/nodes/boot-node.ts';
import { startArtifactServer, type ArtifactServer } from './artifact-server.ts';
import { graphiteOrders, graphiteProgram, type GraphiteOrders } from './graphite-orders.ts';
import { altered, packed, type Release } from './releases.ts';
import { ask, bootDocumentNode, metricsOf, runDocument } from './run-document.ts';
import { until } from './stand-ins.ts';
import { layTripwire } from './tripwire.ts';

const UNIT = 'prometheus-on-emr-graphite';
const PID = `systemctl show -p MainPID ${UNIT} | cut -d= -f2`;
const FILE = '/etc/spark/conf/metrics.properties';
/** As on EMR: links to links. Lines as on Windows, the last one without an end, and somebody's own owner and mode. */
const SPARK = `rm -rf /etc/spark /etc/alternatives/spark-conf
  mkdir -p /etc/spark/conf.dist /etc/alternatives
  ln -s /etc/alternatives/spark-conf /etc/spark/conf && ln -s /etc/spark/conf.dist /etc/alternatives/spark-conf
  printf '*.sink.csv.class=org.apache.spark.metrics.sink.CsvSink\\r\\n# the last' >${FILE}
  chown nobody:daemon ${FILE} && chmod 640 ${FILE}`;
const STATE = `sha256sum ${FILE}; stat -c '%U %G %a' ${FILE}; ls -A /etc/spark/conf/; readlink /etc/spark/conf`;

let server: ArtifactServer;
let node: SandboxNode;
let orders: GraphiteOrders;
let broken: Release;
let careless: Release;

beforeAll(async () => {
  server = await startArtifactServer();
  orders = await graphiteOrders(server);
  const program = graphiteProgram(orders.release);
  const other = (version: string, flag: string): Buffer =>
    altered(altered(program, '0.17.0', version), flag, flag.replace('e', 'x'));
  broken = await packed(other('0.17.8', 'graphite.cache-size'), '0.17.8', 'amd64', 'graphite_exporter');
  careless = await packed(other('0.17.9', 'check-config'), '0.17.9', 'amd64', 'graphite_exporter');
  node = await bootDocumentNode(32, server.authority);
});
// What is installed stays for the next test, whose order finds it: those that need a bare node make it one.
beforeEach(async () => {
  await ask(node, SPARK);
});
afterAll(async () => {
  await node.kill();
  server.close();
});

const bare = async () => await runDocument(node, orders.uninstall);
const hasBlock = async (): Promise<boolean> => (await ask(node, `grep -c prometheus-on-emr ${FILE} || :`)) !== '0';

describe('where Spark is', () => {
  test('the block is in metrics.properties, where it comes through links; uninstall leaves the file as it was, byte for byte', async () => {
    const before = await ask(node, STATE);
    expect(await runDocument(node, orders.install())).toMatchObject({ code: 0, report: { outcome: 'installed' } });
    expect(await hasBlock()).toBe(true);
    expect(await ask(node, `stat -c '%U %G %a' ${FILE}; readlink /etc/spark/conf`)).toBe(
      'nobody daemon 640\n/etc/alternatives/spark-conf',
    );
    expect(await runDocument(node, orders.uninstall)).toMatchObject({ code: 0, report: { outcome: 'removed' } });
    expect(await ask(node, STATE)).toBe(before);
  });

  test('Spark that comes later gets its block by the next order, and another tier another regular expression and mapping', async () => {
    await bare();
    await ask(node, 'rm -rf /etc/spark');
    await runDocument(node, orders.install());
    await ask(node, `${SPARK}; rm ${FILE}`);
    const keeps = `grep -o 'sink.prometheus-on-emr.regex=.*' ${FILE}; stat -c %s /opt/prometheus-on-emr/graphite/mapping.yml`;
    const asked = async (Tier: string) => {
      await runDocument(node, orders.install({ Tier }));
      return await ask(node, keeps);
    };
    const full = (await asked('full')).split('\n');
    const essential = (await asked('essential')).split('\n');
    expect(essential[0]).not.toBe(full[0]);
    expect(Number(essential[1])).toBeLessThan(Number(full[1]));
    await runDocument(node, orders.uninstall);
    expect(await ask(node, 'ls -A /etc/spark/conf/')).toBe('');
  });

  test('a reconfiguration that takes the block away is undone by the next order; nothing is restarted', async () => {
    await runDocument(node, orders.install());
    const pid = await ask(node, PID);
    await ask(node, SPARK);
    expect(await hasBlock()).toBe(false);
    const again = await runDocument(node, orders.install());
    expect(again).toMatchObject({ code: 0, report: { outcome: 'installed', changed: true } });
    expect(await hasBlock()).toBe(true);
    expect(await runDocument(node, orders.install())).toMatchObject({ report: { changed: false } });
    expect(await ask(node, PID)).toBe(pid);
  });
});

describe('the block is there only while an exporter answers', () => {
  test('one that does not start leaves the file untouched', async () => {
    await bare();
    const before = await ask(node, STATE);
    const { code, report } = await runDocument(node, orders.install({}, broken));
    expect({ code, reason: report?.reason }).toEqual({
      code: 1,
      reason: 'graphite_exporter 0.17.8 does not answer on port 9108; it was taken away again',
    });
    expect(await ask(node, STATE)).toBe(before);
  });

  test('an upgrade that does not start goes back to the version that worked, and the block stays', async () => {
    await runDocument(node, orders.install());
    const { code, report } = await runDocument(node, orders.install({}, broken));
    expect({ code, reason: report?.reason }).toEqual({
      code: 1,
      reason: 'graphite_exporter 0.17.8 does not answer on port 9108; 0.17.0 runs again on port 9108',
    });
    expect(await metricsOf(node, 9108)).toContain('version="0.17.0"');
    expect(await hasBlock()).toBe(true);
  });

  test('uninstall takes the block out before it stops the exporter', async () => {
    await runDocument(node, orders.install());
    const wire = await layTripwire(node);
    await wire.set(`systemctl stop ${UNIT}.service`);
    await runDocument(node, { ...orders.uninstall, path: wire.path, isKilled: true });
    expect(await hasBlock()).toBe(false);
    expect(await metricsOf(node, 9108)).toContain('graphite_exporter_build_info');
  });

  test('a version that refuses the mapping never takes the place of the one that runs', async () => {
    await runDocument(node, orders.install());
    const pid = await ask(node, PID);
    const { code, report, stderr } = await runDocument(node, orders.install({}, careless));
    expect({ code, reason: report?.reason }).toEqual({
      code: 1,
      reason: 'graphite_exporter 0.17.9 refuses the mapping',
    });
    expect(stderr).toContain('unknown long flag');
    expect(await ask(node, PID)).toBe(pid);
  });

  test('where the version that worked does not start again either, the block is out', async () => {
    await runDocument(node, orders.install());
    await ask(node, 'ln -sf /bin/false /opt/prometheus-on-emr/graphite/0.17.0/graphite_exporter');
    const { code, report } = await runDocument(node, orders.install({}, broken));
    expect({ code, reason: report?.reason }).toEqual({
      code: 1,
      reason: 'graphite_exporter 0.17.8 does not answer on port 9108, and the former 0.17.0 does not either',
    });
    expect(await hasBlock()).toBe(false);
  });
});

describe('a conflict, and nothing is touched:', () => {
  beforeAll(async () => void (await bare()));

  test("a Graphite sink of the user's that goes elsewhere", async () => {
    await ask(
      node,
      `printf '*.sink.g.class=org.apache.spark.metrics.sink.GraphiteSink\\n*.sink.g.host=carbon' >${FILE}`,
    );
    const before = await ask(node, STATE);
    const { code, report } = await runDocument(node, orders.install());
    expect({ code, report }).toMatchObject({ code: 0, report: { outcome: 'conflict', changed: false, endpoints: [] } });
    expect(report?.reason).toMatch(/Graphite sink of its own, g,.*have it send to 127\.0\.0\.1:9109/);
    expect(await ask(node, `${STATE}; ls -A /opt`)).toBe(before);
  });

  test.each([9108, 9109])('somebody else on port %i', async (port) => {
    const before = await ask(node, STATE);
    const listen = `systemd-socket-activate --listen 127.0.0.1:${port} --accept --inetd /bin/echo HTTP/1.0 200 OK`;
    await ask(node, `systemd-run --quiet --collect --unit stranger ${listen}`);
    await until(node, `grep -q ':${port.toString(16).toUpperCase()} .* 0A ' /proc/net/tcp`);
    const { code, report } = await runDocument(node, orders.install());
    await ask(node, 'systemctl stop stranger');
    expect({ code, reason: report?.reason }).toEqual({ code: 0, reason: `port ${port} is taken by another process` });
    expect(await ask(node, `${STATE}; ls -A /opt`)).toBe(before);
  });
});
