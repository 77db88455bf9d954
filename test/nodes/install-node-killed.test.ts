import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SandboxNode } from '../../sandbox/nodes/boot-node.ts';
import { body, startArtifactServer, type ArtifactServer } from './artifact-server.ts';
import { altered, lockOf, packed, prepared, type Release } from './releases.ts';
import { ask, bootDocumentNode, metricsOf, runDocument, tracesOf, type DocumentRun } from './run-document.ts';
import { layTripwire, type Tripwire } from './tripwire.ts';

let server: ArtifactServer;
let node: SandboxNode;
let wire: Tripwire;
let program: Buffer;
let release: Release;

beforeAll(async () => {
  server = await startArtifactServer();
  ({ release, program } = await prepared());
  node = await bootDocumentNode(13, server.authority);
  wire = await layTripwire(node);
});
afterAll(async () => {
  await node.kill();
  server.close();
});

function order(wanted: Release): DocumentRun {
  const url = server.on(`/${wanted.version}`, body(wanted.bytes));
  return { lock: lockOf(wanted), parameters: { UrlAmd64: url, UrlArm64: url, Port: '9100', Adopt: 'false' } };
}

async function runKilled(wanted: Release, call: string): Promise<void> {
  await wire.set(call);
  await runDocument(node, { ...order(wanted), path: wire.path, isKilled: true });
  expect((await wire.calls()).at(-1)).toBe(call);
}
const uninstall = async () => await runDocument(node, { lock: lockOf(release), action: 'uninstall' });

test('killed before each of its steps in turn, every run gets past where the one before died; the last one finishes', async () => {
  await wire.set();
  await runDocument(node, { ...order(release), path: wire.path });
  const steps = [...new Set(await wire.calls())];
  const tools = new Set(steps.map((step) => step.split(' ')[0]));
  expect(tools).toEqual(new Set(['chmod', 'curl', 'ln', 'mkdir', 'mv', 'rm', 'systemctl', 'tar', 'useradd']));
  await uninstall();

  // Nothing is tidied up between: whatever a death leaves behind is there for all the runs that follow.
  for (const step of steps) await runKilled(release, step);
  expect(await runDocument(node, order(release))).toMatchObject({
    code: 0,
    report: { outcome: 'installed', changed: true },
  });
  expect(await metricsOf(node)).toContain('node_exporter_build_info');
  expect(await ask(node, 'ls -A /opt/prometheus-on-emr/node')).toBe(`${release.version}\ncurrent\ntextfile`);
  await uninstall();
  expect(await tracesOf(node)).toBe('');
});

test('an upgrade that was killed after the switch still finds the version that worked', async () => {
  const older = await packed(altered(program, release.version, '1.11.0'), '1.11.0');
  const flag = 'web.listen-address';
  const crashing = await packed(
    altered(altered(program, release.version, '1.12.9'), flag, flag.replace('w', 'x')),
    '1.12.9',
  );
  await runDocument(node, order(older));
  await runKilled(crashing, 'systemctl restart prometheus-on-emr-node.service');
  expect(await ask(node, 'readlink /opt/prometheus-on-emr/node/current')).toBe('1.12.9');
  const { code, report } = await runDocument(node, order(crashing));
  expect({ code, reason: report?.reason }).toEqual({
    code: 1,
    reason: 'node_exporter 1.12.9 does not answer on port 9100; 1.11.0 runs again on port 9100',
  });
  expect(await metricsOf(node)).toContain('version="1.11.0"');
});
