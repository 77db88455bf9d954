import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { SandboxNode } from '../../sandbox/nodes/boot-node.ts';
import { lineOf, readRecording } from '../infra/exporters/spark-paths/recordings.ts';
import { say } from '../soak/say.ts';
import { body, startArtifactServer, type ArtifactServer } from './artifact-server.ts';
import { graphiteOrders } from './graphite-orders.ts';
import { lockOf, prepared } from './releases.ts';
import { ask, bootDocumentNode, metricsOf, runDocument } from './run-document.ts';
import { until } from './stand-ins.ts';
import { type Seen, spent, startOf, watchApplication, type WatchedApplication } from './watched-application.ts';

/** The sentence is 20 s with Spark's period of 10 s, where nothing else runs; the stand-in for Spark sends every second. */
const told = (what: string, { took }: Seen): void =>
  say(`${what}: the series are back after ${(took / 1000).toFixed(1)} s`);
const NODE_PID = 'systemctl show -p MainPID prometheus-on-emr-node | cut -d= -f2';

let server: ArtifactServer;
let node: SandboxNode;
let other: SandboxNode;
let application: WatchedApplication;
let nodeExporter: string;

beforeAll(async () => {
  server = await startArtifactServer();
  [node, other] = await Promise.all([
    bootDocumentNode(33, server.authority),
    bootDocumentNode(34, server.authority),
  ] as const);
  const orders = await graphiteOrders(server);
  await runDocument(node, orders.install());
  const { release } = await prepared();
  const url = server.on('/node', body(release.bytes));
  const parameters = { UrlAmd64: url, UrlArm64: url, Port: '9100', Adopt: 'false' };
  await runDocument(node, { lock: lockOf(release), parameters });
  nodeExporter = await ask(node, NODE_PID);
  application = await watchApplication(node);
});
afterEach(expectOthersUnharmed);
afterAll(async () => {
  await Promise.all([node.kill(), other.kill()]);
  server.close();
});

async function expectOthersUnharmed(): Promise<void> {
  expect(await ask(node, NODE_PID)).toBe(nodeExporter);
  expect(await metricsOf(node)).toContain('node_exporter_build_info');
}

/** One line that is as good as any but for this. */
const line = (path: string, time: number): string => `${path} 1 ${time}\n`;
const FAR = 4_000_000_000;

describe('what ends or blinds it: it is back with the series of applications, and the restart can be seen', () => {
  test.each<readonly [string, (time: number) => Buffer | string]>([
    ['a tag with a reserved name', (time) => line('bad.1.jvm.heap.used;__x=1', time)],
    ['a tag without a name', (time) => line('bad.1.jvm.heap.used;=v', time)],
    ['a byte that is no UTF-8', (time) => Buffer.from(line('b\xffd.1.jvm.heap.used', time), 'latin1')],
    ['a tag that makes two paths one series', (time) => line('good.1.jvm.heap.used;executor_id=1', time)],
    ['the same for the next seventy years', () => line('good.1.jvm.heap.used;executor_id=1', FAR)],
  ])('%s', async (what, attack) => {
    const before = await application.back(0);
    const time = await application.now();
    await application.send(attack(time));
    const back = await application.back(time + 1);
    const restarted = await application.restart(before);
    expect(startOf(restarted)).toBeGreaterThan(startOf(before));
    expect(`${back.page}${restarted.page}`).not.toMatch(/bad|;/);
    told(what, back);
  });

  test('100,000 paths for the next seventy years', async () => {
    const before = await application.back(0);
    const time = await application.now();
    await application.send(
      Array.from({ length: 100_000 }, (_, index) => line(`app${index}.1.jvm.heap.used`, FAR)).join(''),
    );
    told('100,000 paths', await application.back(time + 1));
    const { page } = await application.restart(before);
    expect(page).not.toMatch(/app99/);
  });
});

describe('what does nothing to it: the same process goes on with the same series', () => {
  test.each<readonly [string, (time: number) => Buffer | string]>([
    ['a tag that has no value', (time) => line('odd.1.jvm.heap.used;x', time)],
    ['a line of 1 MB', (time) => line(`bad.1.${'a'.repeat(1_000_000)}`, time)],
    ['1 MB without an end', () => 'a'.repeat(1_000_000)],
    ['a line that breaks off', () => 'bad.1.jvm.heap.us'],
    ['a namespace with dots', (time) => line('my.bad.app.1.jvm.heap.used', time)],
    ['a timestamp in the future', () => line('later.1.jvm.heap.used', FAR)],
    ['values and times that are none', () => 'bad.1.jvm.heap.used x 1\nbad.1.jvm.heap.used 1 x\n\n \nbad\n'],
    ['zero bytes', () => Buffer.alloc(100_000)],
  ])('%s', async (_what, attack) => {
    const before = await application.back(0);
    const time = await application.now();
    await application.send(attack(time));
    const after = await application.back(time + 1);
    expect(startOf(after)).toBe(startOf(before));
    expect(after.page).not.toMatch(/bad/);
  });

  // Of processor: 1.2 s were measured, and 7.5 s where each rule of the mapping is a regular expression.
  test('20,000 lines of what Spark sends, which take five seconds at most', async () => {
    const before = await application.back(0);
    const time = await application.now();
    const sent = (await readRecording('3.5')).map((one) => `${lineOf(one, time)}\n`);
    const lines = Array.from({ length: 20_000 }, (_, index) => sent[index % sent.length]);
    await application.send(`${lines.join('')}${line('whole.1.jvm.heap.used', time)}`);
    await until(node, 'curl -s 127.0.0.1:9108/metrics | grep -q \'"whole"\'');
    const after = await application.back(time + 1);
    expect(startOf(after)).toBe(startOf(before));
    expect(spent(before, after)).toBeLessThan(5);
  });

  test('500 connections that are held open', async () => {
    const before = await application.back(0);
    const hold = 'for I in {1..500}; do exec {FD}<>/dev/tcp/127.0.0.1/9109; done; touch /root/held; sleep 300';
    await ask(node, `systemd-run --quiet --collect --unit holder bash -c '${hold}'`);
    await until(node, '[ -e /root/held ]');
    const after = await application.back(await application.now());
    await ask(node, 'systemctl stop holder');
    expect(startOf(after)).toBe(startOf(before));
  });
});

test('its memory is bounded: by the cgroup where the kernel has one for it, and by its data in any case', async () => {
  const limit = 'systemctl show -p MemoryMax prometheus-on-emr-graphite | cut -d= -f2';
  expect(await ask(node, limit)).toBe('268435456');
  const pid = '$(systemctl show -p MainPID prometheus-on-emr-graphite | cut -d= -f2)';
  expect(await ask(node, `grep '^Max data size' /proc/${pid}/limits`)).toMatch(/536870912 +536870912/);
  const file = `/sys/fs/cgroup$(grep -E '^0::|memory' /proc/${pid}/cgroup | cut -d: -f3)/memory.max`;
  const inKernel = await ask(node, `cat ${file} 2>/dev/null || echo none`);
  expect(['268435456', 'none']).toContain(inKernel);
});

test('only its own machine can send to it, by TCP and by UDP; anybody may scrape it', async () => {
  const { address } = node;
  const to = (host: string, path: string) => `printf '${path}.1.jvm.heap.used 1 ${FAR}\\n' >/dev/udp/${host}/9109`;
  expect(await ask(other, `timeout 60 bash -c '</dev/tcp/${address}/9108' && echo open`)).toBe('open');
  expect(await ask(other, `timeout 60 bash -c '</dev/tcp/${address}/9109' 2>&1 || :`)).toMatch(/refused/);
  await ask(other, `timeout 3 bash -c "${to(address, 'stranger')}" || :`);
  await ask(node, to('127.0.0.1', 'native'));
  await until(node, 'curl -s 127.0.0.1:9108/metrics | grep -q native');
  expect(await metricsOf(node, 9108)).not.toContain('stranger');
});
