import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SandboxNode } from '../../sandbox/nodes/boot-node.ts';
import { startArtifactServer, type ArtifactServer } from './artifact-server.ts';
import { graphiteOrders, type GraphiteOrders } from './graphite-orders.ts';
import { ask, bootDocumentNode, metricsOf, runDocument, tracesOf } from './run-document.ts';
import { until } from './stand-ins.ts';

const PID = 'systemctl show -p MainPID prometheus-on-emr-graphite | cut -d= -f2';
const ENDPOINTS = [{ port: 9108, labels: {} }];
const INSTALLED = { exporter: 'graphite', outcome: 'installed', version: '0.17.0', endpoints: ENDPOINTS };

let server: ArtifactServer;
let node: SandboxNode;
let orders: GraphiteOrders;

beforeAll(async () => {
  server = await startArtifactServer();
  orders = await graphiteOrders(server);
  node = await bootDocumentNode(31, server.authority);
});
afterAll(async () => {
  await node.kill();
  server.close();
});

describe('on a node without Spark', () => {
  test('an old agent installs it: it answers on its port and the report says so', async () => {
    const { code, report } = await runDocument(node, { ...orders.install(), agent: 'text' });
    expect({ code, report }).toEqual({ code: 0, report: { ...INSTALLED, changed: true } });
    expect(await metricsOf(node, 9108)).toContain('graphite_exporter_build_info{');
    expect(await ask(node, 'ls -d /etc/spark 2>/dev/null; :')).toBe('');
  });

  test('the second run changes no file, restarts nothing, downloads nothing and says so', async () => {
    const state = `${PID}; find /opt/prometheus-on-emr /etc -printf '%p %C@\\n' | sort`;
    const before = await ask(node, state);
    const downloads = server.asked.length;
    const { code, report } = await runDocument(node, orders.install());
    expect({ code, report }).toEqual({ code: 0, report: { ...INSTALLED, changed: false } });
    expect(await ask(node, state)).toBe(before);
    expect(server.asked).toHaveLength(downloads);
  });

  test('it runs as a system user of its own, confined, and first in line for the kernel', async () => {
    expect(await ask(node, `stat -c %U /proc/$(${PID})`)).toBe('prometheus-on-emr-graphite');
    expect(Number(await ask(node, 'id -u prometheus-on-emr-graphite'))).toBeLessThan(1_000);
    expect(await ask(node, `cat /proc/$(${PID})/oom_score_adj`)).toBe('800');
    const confinement = await ask(node, `grep -E '^(Seccomp|NoNewPrivs|CapBnd):' /proc/$(${PID})/status`);
    expect(confinement.replaceAll(/\s+/g, ' ')).toBe('CapBnd: 0000000000000000 NoNewPrivs: 1 Seccomp: 2');
    expect(
      await ask(node, 'systemd-analyze verify /etc/systemd/system/prometheus-on-emr-graphite.service 2>&1'),
    ).not.toMatch(/[Uu]nknown|[Ff]ailed/);
  });

  test("a line of Spark's becomes a series with its application and executor, another line none", async () => {
    const lines = 'application_1_0001.3.jvm.heap.used 42 NOW\\napplication_1_0001.3.jvm.heap.bogus 43.0625 NOW\\n';
    await ask(node, `printf "${lines.replaceAll('NOW', '$(date +%s)')}" >/dev/tcp/127.0.0.1/9109`);
    const series =
      /^spark_jvm_memory_used_bytes\{application_id="application_1_0001",area="heap",executor_id="3"\} 42$/m;
    await until(node, 'curl -s 127.0.0.1:9108/metrics | grep -q application_1_0001');
    expect(await metricsOf(node, 9108)).toMatch(series);
    expect(await metricsOf(node, 9108)).not.toContain(' 43.0625');
  });

  test('uninstall leaves nothing behind, and a second one finds nothing', async () => {
    const removed = { exporter: 'graphite', outcome: 'removed', version: '0.17.0', endpoints: [] };
    const first = await runDocument(node, orders.uninstall);
    expect(first).toMatchObject({ code: 0, report: { ...removed, changed: true } });
    expect(await tracesOf(node)).toBe('');
    const second = await runDocument(node, orders.uninstall);
    expect(second).toMatchObject({ code: 0, report: { ...removed, changed: false } });
    expect(await tracesOf(node)).toBe('');
  });
});
