import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SandboxNode } from '../../sandbox/nodes/boot-node.ts';
import { startArtifactServer, type ArtifactServer } from '../nodes/artifact-server.ts';
import { graphiteOrders } from '../nodes/graphite-orders.ts';
import { ask, bootDocumentNode, runDocument } from '../nodes/run-document.ts';
import { startOf, watchApplication, type WatchedApplication } from '../nodes/watched-application.ts';
import { say } from './say.ts';

const PATHS = 1_000_000;
/** LimitDATA of the unit, and what a program has besides. */
const MAX_KB = 600_000;

let server: ArtifactServer;
let node: SandboxNode;
let application: WatchedApplication;

beforeAll(async () => {
  server = await startArtifactServer();
  node = await bootDocumentNode(35, server.authority);
  const orders = await graphiteOrders(server);
  await runDocument(node, orders.install());
  application = await watchApplication(node);
});
afterAll(async () => {
  await node.kill();
  server.close();
});

test('a million paths for the next seventy years: memory stays bounded, and applications are back', async () => {
  const before = await application.back(0);
  const lines = Array.from({ length: PATHS }, (_, index) => `app${index}.1.jvm.heap.used 1 4000000000\n`);
  await writeFile(join(node.root, 'root/peak.sh'), PEAK);
  await ask(node, 'systemd-run --quiet --unit peak bash /root/peak.sh');
  await application.send(lines.join(''));
  const sent = await application.now();
  const seen = await application.back(sent + 1);
  const restarted = await application.restart(before);
  const peak = Number(await ask(node, 'systemctl stop peak; cat /root/peak'));
  say(`${PATHS} paths: ${peak} kB at most, back ${Math.round(seen.took)} ms after the last one`);
  expect(peak).toBeGreaterThan(20_000);
  expect(peak).toBeLessThan(MAX_KB);
  expect(startOf(restarted)).toBeGreaterThan(startOf(before));
});

/** The most memory that any of its processes ever had, kB. */
const PEAK = `PEAK=0
while sleep 0.2; do
  PID=$(systemctl show -p MainPID prometheus-on-emr-graphite | cut -d= -f2)
  HIGH=$(grep -s ^VmHWM: /proc/$PID/status) && HIGH=\${HIGH//[!0-9]/} || continue
  [ "$HIGH" -le "$PEAK" ] || PEAK=$HIGH
  echo "$PEAK" >/root/peak
done`;
