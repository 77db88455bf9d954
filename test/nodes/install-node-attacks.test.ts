import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { SandboxNode } from '../../sandbox/nodes/boot-node.ts';
import { body, startArtifactServer, type ArtifactServer } from './artifact-server.ts';
import { lockOf, prepared, type Release } from './releases.ts';
import { ask, bootDocumentNode, runDocument, tracesOf, type DocumentRun } from './run-document.ts';
import { until } from './stand-ins.ts';
import { layHold, layTripwire } from './tripwire.ts';

const BASE = '/opt/prometheus-on-emr';
const LOCK = '/run/prometheus-on-emr-node.lock';
const UNIT_FILE = '/etc/systemd/system/prometheus-on-emr-node.service';

let server: ArtifactServer;
let node: SandboxNode;
let program: Buffer;
let release: Release;
let url: string;

beforeAll(async () => {
  server = await startArtifactServer();
  ({ release, program } = await prepared());
  url = server.on('/good', body(release.bytes));
  node = await bootDocumentNode(14, server.authority);
});
afterEach(async () => {
  await runDocument(node, { lock: lockOf(release), action: 'uninstall' });
});
afterAll(async () => {
  await node.kill();
  server.close();
});

const parameters = (from: string) => ({ UrlAmd64: from, UrlArm64: from, Port: '9100', Adopt: 'true' });
const order = (changes: Partial<DocumentRun> = {}): DocumentRun => ({
  lock: lockOf(release),
  parameters: parameters(url),
  ...changes,
});

test('no other user can take the lock, which would stop every run for as long as they like', async () => {
  await runDocument(node, order());
  expect(await ask(node, `runuser -u nobody -- flock -n ${LOCK} true || echo refused`)).toBe('refused');
});

test('a run that finds another one under way does not take the folder from under it', async () => {
  const hold = await layHold(node, 'df');
  const first = runDocument(node, order({ path: hold.path }));
  await hold.held();
  await ask(node, `ls ${BASE}`);
  expect(await runDocument(node, order())).toMatchObject({ code: 75 });
  await hold.letGo();
  expect(await first).toMatchObject({ code: 0, report: { outcome: 'installed' } });
});

test('uninstall also takes away the draft of a unit that a killed run left', async () => {
  const wire = await layTripwire(node);
  await wire.set(`mv -f ${UNIT_FILE}.new ${UNIT_FILE}`);
  await runDocument(node, order({ path: wire.path, isKilled: true }));
  expect(await ask(node, `ls ${UNIT_FILE}*`)).toBe(`${UNIT_FILE}.new`);
  await runDocument(node, { lock: lockOf(release), action: 'uninstall' });
  expect(await tracesOf(node)).toBe('');
});

test('a file in the bucket that somebody made huge cannot fill the disk, though it says nothing of its size', async () => {
  let sent = 0;
  const huge = server.on('/huge', (_request, response) => {
    const more = () => {
      for (; sent < 200; sent += 1) if (!response.write(Buffer.alloc(1_000_000))) return response.once('drain', more);
      return response.end();
    };
    more();
  });
  const { code, report } = await runDocument(node, order({ parameters: parameters(huge) }));
  expect(code).toBe(1);
  expect(report?.reason).toMatch(/over 50 MB/);
  expect(sent).toBeLessThan(100);
  expect(await ask(node, `ls ${BASE} 2>/dev/null; :`)).toBe('');
});

test('no other user sees the presigned URL while it is used', async () => {
  const asked = Promise.withResolvers<() => void>();
  const slow = server.on('/slow', (request, response) => {
    asked.resolve(() => body(release.bytes)(request, response));
  });
  const running = runDocument(node, order({ agent: 'text', parameters: parameters(`${slow}?X-Amz-Signature=abc`) }));
  const answer = await asked.promise;
  const visible = "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' ' '; :";
  await writeFile(join(node.root, 'root/visible'), visible);
  const seen = await ask(node, 'runuser -u nobody -- sh -c "$(cat /root/visible)"');
  expect(await ask(node, 'sh /root/visible')).toContain('X-Amz-Signature');
  answer();
  expect(await running).toMatchObject({ code: 0 });
  expect(seen).toContain('curl');
  expect(seen).not.toContain('X-Amz-Signature');
});

test.each([
  ['belongs to another user', `chown nobody ${BASE}`],
  ['can be written to by another user', `chmod 777 ${BASE}/node`],
])('a folder that %s is refused before root runs or installs anything from it', async (_what, spoil) => {
  const worked = `${BASE}/node/1.0.0/worked`;
  await ask(node, `mkdir -p ${worked} && echo 1 >${worked}/PORT && cp ${worked}/PORT ${worked}/HARDENING && ${spoil}`);
  await ask(node, `printf '[Service]\\nExecStart=/bin/touch /canary\\n' >${worked}/SERVICE`);
  const { code, report } = await runDocument(node, order());
  expect({ code, outcome: report?.outcome }).toEqual({ code: 1, outcome: 'failed' });
  expect(report?.reason).toMatch(/^\/opt\/prometheus-on-emr\S* must belong to root/);
  expect(existsSync(join(node.root, 'canary'))).toBe(false);
  expect(existsSync(join(node.root, UNIT_FILE))).toBe(false);
});

test('a system user of our name that is root is refused: the exporter would be root', async () => {
  await ask(node, 'echo prometheus-on-emr-node:x:0:0::/:/bin/sh >>/etc/passwd');
  const { code, report } = await runDocument(node, order());
  await ask(node, "sed -i '/^prometheus-on-emr-node:/d' /etc/passwd");
  expect({ code, reason: report?.reason }).toEqual({ code: 1, reason: 'the user prometheus-on-emr-node is root' });
  expect(existsSync(join(node.root, UNIT_FILE))).toBe(false);
});

test.each([
  ['a page that only mentions node_exporter', 'echo "# node_exporter_build_info{"', /not node_exporter/],
  ['a page that never ends', 'exec yes "no metric"', /not node_exporter/],
  ['a page that drips', 'while echo 1; do sleep 1; done', /not node_exporter/],
])('%s is not adopted, and holds no run up', async (_what, page, reason) => {
  await writeFile(join(node.root, 'root/page'), `#!/bin/sh\nprintf 'HTTP/1.0 200 OK\\r\\n\\r\\n'\n${page}\n`, {
    mode: 0o755,
  });
  await occupy('systemd-socket-activate --listen 9100 --accept --inetd /root/page');
  const began = Date.now();
  const { code, report } = await runDocument(node, order());
  await ask(node, 'systemctl stop stranger');
  expect({ code, outcome: report?.outcome }).toEqual({ code: 0, outcome: 'conflict' });
  expect(report?.reason).toMatch(reason);
  expect(Date.now() - began).toBeLessThan(60_000); // five seconds, and a busy machine
});

test('who takes the port while a run is under way, with a page like ours, is not taken for ours', async () => {
  await writeFile(join(node.root, 'root/other'), program, { mode: 0o755 });
  const taken = server.on('/taken', (request, response) => {
    const answer = () => body(release.bytes)(request, response);
    void occupy('/root/other --collector.disable-defaults --web.listen-address :9100').then(answer);
  });
  // Ours lives for some time before it finds that it cannot listen: a second, so that the test does not depend on luck.
  const slow = '/run/systemd/system/prometheus-on-emr-node.service.d';
  const late = `ExecStart=\\nExecStart=${BASE}/node/current/node_exporter --web.listen-address=:9101\\nRuntimeMaxSec=1`;
  await ask(node, `mkdir -p ${slow} && printf '[Service]\\n${late}\\n' >${slow}/slow.conf`);
  const { code, report } = await runDocument(node, order({ parameters: parameters(taken) }));
  await ask(node, `rm -r ${slow}`);
  await ask(node, 'systemctl stop stranger');
  expect({ code, outcome: report?.outcome, endpoints: report?.endpoints }).toEqual({
    code: 1,
    outcome: 'failed',
    endpoints: [],
  });
});

test('an exporter on two addresses of loopback cannot be scraped from outside, and is not adopted', async () => {
  await writeFile(join(node.root, 'root/other'), program, { mode: 0o755 });
  const listen = ['127.0.0.1', '127.0.0.2', '[::1]'].map((host) => `--web.listen-address ${host}:9100`).join(' ');
  await occupy(`/root/other --collector.disable-defaults ${listen}`);
  const { report } = await runDocument(node, order());
  await ask(node, 'systemctl stop stranger');
  expect(report).toMatchObject({ outcome: 'conflict' });
  expect(report?.reason).toMatch(/loopback only/);
});

async function occupy(command: string): Promise<void> {
  await ask(node, `systemd-run --quiet --collect --unit stranger ${command}`);
  const listens = 'grep -qE ":238C .* 0A " /proc/net/tcp /proc/net/tcp6';
  await until(node, listens);
}
