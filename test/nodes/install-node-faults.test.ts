import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { SandboxNode } from '../../sandbox/nodes/boot-node.ts';
import { HOSTILE } from '../infra/exporters/hostile-values.ts';
import {
  body,
  HIDDEN_HOST,
  startArtifactServer,
  startProxy,
  status,
  truncated,
  type ArtifactServer,
} from './artifact-server.ts';
import { lockOf, packed, prepared, type Release } from './releases.ts';
import { ask, bootDocumentNode, runDocument, tracesOf, TOOLS, type DocumentRun } from './run-document.ts';
import { until } from './stand-ins.ts';

let server: ArtifactServer;
let node: SandboxNode;
let program: Buffer;
let release: Release;
let good: string;

beforeAll(async () => {
  server = await startArtifactServer();
  ({ release, program } = await prepared());
  good = server.on('/good', body(release.bytes));
  node = await bootDocumentNode(12, server.authority);
});
afterAll(async () => {
  await node.kill();
  server.close();
});

const order = (url: string, parameters: Readonly<Record<string, string>> = {}): DocumentRun => ({
  lock: lockOf(release),
  parameters: { UrlAmd64: url, UrlArm64: url, Port: '9100', Adopt: 'false', ...parameters },
});
const uninstall = async () => await runDocument(node, { lock: lockOf(release), action: 'uninstall' });

describe('a download that goes wrong', () => {
  test.each<readonly [string, number, RegExp, () => string]>([
    ['is tried again when the URL has expired (403)', 75, /403/, () => server.on('/403', status(403, 'AccessDenied'))],
    [
      'is tried again when the token has expired (400)',
      75,
      /400/,
      () => server.on('/400', status(400, 'ExpiredToken')),
    ],
    ['is tried again when S3 is overloaded (503)', 75, /503/, () => server.on('/503', status(503, 'SlowDown'))],
    ['is tried again when it breaks half-way', 75, /broke off/, () => server.on('/half', truncated(release.bytes))],
    ['is tried again when nobody listens', 75, /broke off/, () => 'https://artifacts.test:444/x'],
    ['is tried again when the name is unknown', 75, /broke off/, () => `https://${HIDDEN_HOST}/x`],
    ['fails when there is no such artifact (404)', 1, /404/, () => server.on('/404', status(404, 'NoSuchKey'))],
    ['fails when it is another file', 1, /wrong checksum/, () => server.on('/other', body(Buffer.from('other')))],
    ['fails when the file is cut', 1, /wrong checksum/, () => server.on('/cut', body(release.bytes.subarray(0, -9)))],
    ['fails when the certificate is not trusted', 1, /not trusted/, () => 'https://10.42.0.1/good'],
  ])('%s, and leaves nothing', async (_title, exit, reason, url) => {
    const { code, report } = await runDocument(node, order(url()));
    expect(report).toMatchObject({ outcome: 'failed', endpoints: [] });
    expect(report?.reason).toMatch(reason);
    expect(code).toBe(exit);
    expect(await ask(node, 'ls -d /opt/prometheus-on-emr /etc/systemd/system/prometheus-on-emr* 2>/dev/null; :')).toBe(
      '',
    );
  });

  test('is tried again when the network is down', async () => {
    await ask(node, 'ip link set eth0 down');
    const { code, report } = await runDocument(node, order(good));
    await ask(node, 'ip link set eth0 up');
    expect({ code, reason: report?.reason }).toEqual({ code: 75, reason: 'the download broke off: curl error 7' });
  });

  test('never says the URL, which is a secret', async () => {
    const { report, stderr } = await runDocument(
      node,
      order(`${server.on('/403', status(403, 'x'))}?X-Amz-Signature=abc`),
    );
    expect(JSON.stringify(report) + stderr).not.toContain('abc');
  });
});

describe('a node that is not as it should be', () => {
  const withOpt = async (mount: string, probe: () => Promise<void>) => {
    await ask(node, `mount -t tmpfs ${mount} tmpfs /opt`);
    try {
      await probe();
    } finally {
      await ask(node, 'umount /opt');
    }
  };

  test('says unsupported where /opt is mounted noexec', async () => {
    await withOpt('-o noexec,size=300m', async () => {
      const { code, report } = await runDocument(node, order(good));
      expect({ code, outcome: report?.outcome }).toEqual({ code: 0, outcome: 'unsupported' });
      expect(report?.reason).toMatch(/noexec/);
      expect(await ask(node, 'ls /opt')).toBe('');
    });
  });

  test('fails before the download where /opt has too little room', async () => {
    await withOpt('-o size=20m', async () => {
      const downloads = server.asked.length;
      const { code, report } = await runDocument(node, order(good));
      expect({ code, reason: report?.reason }).toEqual({
        code: 1,
        reason: 'only 20 MB are free under /opt/prometheus-on-emr and 100 MB are wanted',
      });
      expect(server.asked).toHaveLength(downloads);
    });
  });

  test('fails where the disk is full in the middle, and leaves nothing there', async () => {
    // Room for bytes, but not for files: what df cannot say.
    await withOpt('-o size=300m,nr_inodes=7', async () => {
      const { code, report } = await runDocument(node, order(good));
      expect({ code, outcome: report?.outcome }).toEqual({ code: 1, outcome: 'failed' });
      expect(report?.reason).toMatch(/full/);
      expect(await ask(node, 'ls /opt')).toBe('');
    });
  });

  /** A run on which this tool is another one, before all others on PATH. */
  const runWith = async (tool: string, script: string, run: DocumentRun) => {
    await ask(node, 'mkdir -p /root/fake && rm -f /root/fake/*');
    await writeFile(join(node.root, 'root/fake', tool), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return await runDocument(node, { ...run, path: `/root/fake:${TOOLS}` });
  };

  test('takes the arm64 file on an arm64 machine, and none where the architecture is another', async () => {
    const arm64 = await packed(program, release.version, 'arm64');
    const url = server.on('/arm64', body(arm64.bytes));
    const run = { ...order(good, { UrlArm64: url }), lock: lockOf(release, arm64) };
    expect(await runWith('uname', 'echo riscv64', run)).toMatchObject({ code: 0, report: { outcome: 'unsupported' } });
    server.asked.length = 0;
    expect(await runWith('uname', 'echo aarch64', run)).toMatchObject({ code: 0, report: { outcome: 'installed' } });
    expect(server.asked).toEqual(['/arm64']);
    expect(await ask(node, `cat /opt/prometheus-on-emr/node/${release.version}/archive.sha256`)).toBe(arm64.sha256);
    await uninstall();
  });

  test('gets no drop-in where systemd is 219, and nothing where it is older', async () => {
    const systemd = (version: number) =>
      `[ "$1" != --version ] || { echo systemd ${version}; exit; }\nexec ${TOOLS}/systemctl "$@"`;
    expect(await runWith('systemctl', systemd(218), order(good))).toMatchObject({
      code: 0,
      report: { outcome: 'unsupported', reason: 'systemd 218 is older than 219' },
    });
    expect(await runWith('systemctl', systemd(219), order(good))).toMatchObject({ report: { outcome: 'installed' } });
    expect(await ask(node, 'ls -d /etc/systemd/system/prometheus-on-emr*')).toMatch(/node\.service$/);
    await uninstall();
  });

  test('has the files labelled where it has SELinux', async () => {
    await runWith('restorecon', 'echo "$@" >/root/labelled', order(good));
    expect(await ask(node, 'cat /root/labelled')).toMatch(
      /^-RF \/opt\/prometheus-on-emr\/node \/etc\/systemd\/system\//,
    );
    await uninstall();
  });
});

test('a proxy in the environment carries the download, and the health check goes past it', async () => {
  const proxy = await startProxy();
  const env = { https_proxy: proxy.url, http_proxy: proxy.url, HTTPS_PROXY: proxy.url };
  const { code, report } = await runDocument(node, { ...order(`https://${HIDDEN_HOST}/good`), env });
  proxy.close();
  expect({ code, outcome: report?.outcome }).toEqual({ code: 0, outcome: 'installed' });
  expect(proxy.asked).toEqual([`CONNECT ${HIDDEN_HOST}:443`]);
  await uninstall();
});

test('of two runs at once the second says try again later, and the first is not disturbed', async () => {
  let release1: () => void = () => undefined;
  const isHeld = new Promise<void>((held) => {
    server.on('/slow', (request, response) => {
      release1 = () => body(release.bytes)(request, response);
      held();
    });
  });
  const first = runDocument(node, order('https://artifacts.test/slow'));
  await isHeld;
  const second = await runDocument(node, order(good));
  release1();
  expect(second).toMatchObject({ code: 75, report: { outcome: 'failed', reason: 'another run is under way' } });
  expect(await first).toMatchObject({ code: 0, report: { outcome: 'installed' } });
  await uninstall();
});

describe('a port that is taken', () => {
  const NODE_EXPORTER = '/root/other/node_exporter --collector.disable-defaults --web.listen-address';
  const occupy = async (command: string) => {
    await ask(node, `systemd-run --quiet --collect --unit stranger ${command}`);
    await until(node, 'grep -qE ":238C .* 0A " /proc/net/tcp /proc/net/tcp6');
  };
  beforeAll(async () => {
    await ask(node, 'mkdir -p /root/other');
    await writeFile(join(node.root, 'root/other/node_exporter'), program, { mode: 0o755 });
  });
  afterEach(async () => {
    await ask(node, 'systemctl stop stranger');
  });

  test.each([
    [
      'a stranger',
      'systemd-socket-activate --listen 9100 --accept --inetd /bin/echo HTTP/1.0 200 OK',
      'true',
      /not node_exporter/,
    ],
    ['another node_exporter', `${NODE_EXPORTER} :9100`, 'false', /adopt is off/],
    ['another node_exporter on loopback only', `${NODE_EXPORTER} 127.0.0.1:9100`, 'true', /loopback only/],
  ])('by %s is a conflict, and nothing is touched', async (_who, command, Adopt, reason) => {
    await occupy(command);
    const { code, report } = await runDocument(node, order(good, { Adopt }));
    expect({ code, report }).toMatchObject({ code: 0, report: { outcome: 'conflict', changed: false, endpoints: [] } });
    expect(report?.reason).toMatch(reason);
    expect(await ask(node, 'systemctl is-active stranger')).toBe('active');
    expect(await tracesOf(node)).toMatch(/^\/run\/prometheus-on-emr-node\.lock\n +\d+: \w+:238C .*$/);
  });

  test('by another node_exporter becomes the endpoint when adopt is on', async () => {
    await occupy(`${NODE_EXPORTER} :9100`);
    const { code, report } = await runDocument(node, order(good, { Adopt: 'true' }));
    expect({ code, report }).toMatchObject({
      code: 0,
      report: { outcome: 'installed', changed: false, adopted: true, endpoints: [{ port: 9100, labels: {} }] },
    });
  });
});

describe('a parameter that passed no pattern', () => {
  test.each(Object.entries({ ...HOSTILE, '5,000 characters': `https://x/${'a'.repeat(4_990)}` }))(
    'is refused by the script and runs nothing: %s',
    async (_what, value) => {
      const { code, report } = await runDocument(node, order(value));
      expect({ code, outcome: report?.outcome }).toEqual({ code: 1, outcome: 'failed' });
      expect(report?.reason).toMatch(/^parameter UrlAmd64 is not valid/);
      expect(existsSync(join(node.root, 'canary'))).toBe(false);
    },
  );

  test.each([
    ['Port', '99999'],
    ['Port', '80'],
    ['Port', '9100;reboot'],
    ['Adopt', 'maybe'],
  ])('is refused by the script: %s=%s', async (name, value) => {
    const { code, report } = await runDocument(node, order(good, { [name]: value }));
    expect({ code, reason: report?.reason?.split(' is')[0] }).toEqual({ code: 1, reason: `parameter ${name}` });
  });

  test('is refused when an old agent pasted it and it is too long', async () => {
    const { code, report } = await runDocument(node, { ...order(`https://x/${'a'.repeat(4_990)}`), agent: 'text' });
    expect({ code, outcome: report?.outcome }).toEqual({ code: 1, outcome: 'failed' });
    expect(report?.reason).toMatch(/^parameter UrlAmd64 is not valid/);
  });
});
