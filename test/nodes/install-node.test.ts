import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SandboxNode } from '../../sandbox/nodes/boot-node.ts';
import { presignedUrl } from '../infra/exporters/hostile-values.ts';
import { body, startArtifactServer, type ArtifactServer } from './artifact-server.ts';
import { altered, lockOf, packed, prepared, type Release } from './releases.ts';
import { ask, bootDocumentNode, metricsOf, runDocument, tracesOf, type DocumentRun } from './run-document.ts';

const PID = 'systemctl show -p MainPID prometheus-on-emr-node | cut -d= -f2';
const ENDPOINTS = [{ port: 9100, labels: {} }];

let server: ArtifactServer;
let node: SandboxNode;
let program: Buffer;
let current: Release;

beforeAll(async () => {
  server = await startArtifactServer();
  ({ release: current, program } = await prepared());
  node = await bootDocumentNode(11, server.authority);
});
afterAll(async () => {
  await node.kill();
  server.close();
});

/** An order for this release, with a presigned URL as the functions send. */
function order(release: Release, parameters: Readonly<Record<string, string>> = {}): DocumentRun {
  const url = presignedUrl(server.on(`/artifacts/node/${release.version}/${release.file}`, body(release.bytes)));
  return {
    lock: lockOf(release),
    parameters: { UrlAmd64: url, UrlArm64: url, Port: '9100', Adopt: 'false', ...parameters },
  };
}

describe('on a bare node', () => {
  test('an old agent installs it: it answers on its port and the report says so', async () => {
    const { code, report } = await runDocument(node, { ...order(current), agent: 'text' });
    expect({ code, report }).toEqual({
      code: 0,
      report: { exporter: 'node', outcome: 'installed', version: current.version, changed: true, endpoints: ENDPOINTS },
    });
    expect(await metricsOf(node)).toContain(`version="${current.version}"`);
  });

  test('the second run changes no file, restarts nothing, downloads nothing and says so', async () => {
    const state = `${PID}; find /opt/prometheus-on-emr /etc -printf '%p %C@\\n' | sort`;
    const before = await ask(node, state);
    const downloads = server.asked.length;
    const { code, report } = await runDocument(node, order(current));
    expect(code).toBe(0);
    expect(report).toMatchObject({ outcome: 'installed', changed: false, endpoints: ENDPOINTS });
    expect(await ask(node, state)).toBe(before);
    expect(server.asked).toHaveLength(downloads);
  });

  test('it runs as a system user of its own, confined, and first in line for the kernel', async () => {
    expect(await ask(node, `stat -c %U /proc/$(${PID})`)).toBe('prometheus-on-emr-node');
    expect(Number(await ask(node, 'id -u prometheus-on-emr-node'))).toBeLessThan(1_000);
    expect(await ask(node, `cat /proc/$(${PID})/oom_score_adj`)).toBe('800');
    const confinement = await ask(node, `grep -E '^(Seccomp|NoNewPrivs|CapBnd):' /proc/$(${PID})/status`);
    expect(confinement.replaceAll(/\s+/g, ' ')).toBe('CapBnd: 0000000000000000 NoNewPrivs: 1 Seccomp: 2');
    expect(
      await ask(node, 'systemd-analyze verify /etc/systemd/system/prometheus-on-emr-node.service 2>&1'),
    ).not.toMatch(/[Uu]nknown|[Ff]ailed/);
  });

  test('it survives being scraped, with every collector well', async () => {
    const pid = await ask(node, PID);
    for (let scrape = 0; scrape < 10; scrape += 1) await metricsOf(node);
    const page = await metricsOf(node);
    expect(page.match(/^node_scrape_collector_success\{.*\} 1$/gm)?.length).toBeGreaterThan(15);
    expect(page).not.toMatch(/^node_scrape_collector_success\{.*\} 0$/m);
    expect(await ask(node, PID)).toBe(pid);
  });

  test('its page has at most 700 series and 8 for each CPU', async () => {
    const series = (await metricsOf(node)).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    expect(series.length).toBeGreaterThan(200);
    expect(series.length).toBeLessThanOrEqual(700 + 8 * Number(await ask(node, 'nproc')));
    expect(series.some((line) => line.startsWith('node_systemd_'))).toBe(false);
  });

  test("docker's and YARN's mounts and virtual devices are left out, data disks and the network card are not", async () => {
    const mounts = [
      '/mnt',
      '/mnt/yarn/usercache',
      '/var/lib/docker/overlay2/a/merged',
      '/mnt1/docker/overlay2/b/merged',
    ];
    await ask(
      node,
      `for dir in ${mounts.join(' ')}; do mkdir -p $dir && mount --bind /home $dir || exit 1; mkdir -p /mnt/yarn/usercache; done`,
    );
    await ask(node, 'ip link add docker0 type bridge && ip link add veth8 type veth peer name veth9');
    const page = await metricsOf(node);
    const labels = (metric: string, label: string) =>
      [...page.matchAll(new RegExp(`^${metric}\\{.*?${label}="([^"]*)"`, 'gm'))]
        .map(([, value]) => value)
        .sort((a = '', b = '') => a.localeCompare(b));
    expect(labels('node_filesystem_size_bytes', 'mountpoint')).toEqual(['/', '/mnt']);
    expect(labels('node_network_receive_bytes_total', 'device')).toEqual(['eth0']);
    expect(page).toMatch(/^node_filesystem_readonly\{.*mountpoint="\/"\} 0$/m);
    await ask(node, `umount ${[...mounts].reverse().join(' ')}; ip link del docker0; ip link del veth8`);
  });

  test('what is dropped into the textfile folder is scraped', async () => {
    await ask(node, "echo 'job_done 1' >/opt/prometheus-on-emr/node/textfile/job.prom");
    expect(await metricsOf(node)).toMatch(/^job_done 1$/m);
  });

  test('another port moves it', async () => {
    const { report } = await runDocument(node, order(current, { Port: '9200' }));
    expect(report).toMatchObject({ outcome: 'installed', changed: true, endpoints: [{ port: 9200, labels: {} }] });
    expect(await metricsOf(node, 9200)).toContain('node_exporter_build_info');
    await expect(metricsOf(node)).rejects.toThrow('fetch failed');
  });

  test('uninstall leaves nothing behind, and a second one finds nothing', async () => {
    const uninstall = { lock: lockOf(current), action: 'uninstall' } as const;
    expect(await runDocument(node, uninstall)).toMatchObject({
      code: 0,
      report: { outcome: 'removed', changed: true },
    });
    expect(await tracesOf(node)).toBe('');
    expect(await runDocument(node, uninstall)).toMatchObject({
      code: 0,
      report: { outcome: 'removed', changed: false },
    });
    expect(await tracesOf(node)).toBe('');
  });
});

describe('with another version', () => {
  const broken = 'web.listen-address';
  let older: Release;
  let crashing: Release;
  beforeAll(async () => {
    older = await packed(altered(program, current.version, '1.11.0'), '1.11.0');
    const wont = altered(altered(program, current.version, '1.12.9'), broken, broken.replace('w', 'x'));
    crashing = await packed(wont, '1.12.9');
    await runDocument(node, order(older));
  });

  test('one that does not start gives way to the version that worked, and the run fails', async () => {
    const { code, report, stderr } = await runDocument(node, order(crashing));
    expect({ code, outcome: report?.outcome }).toEqual({ code: 1, outcome: 'failed' });
    expect(report?.reason).toMatch(/1\.12\.9 does not answer.*1\.11\.0 runs again/);
    expect(stderr).toContain('unknown long flag');
    expect(await metricsOf(node)).toContain('version="1.11.0"');
    expect(await ask(node, 'readlink /opt/prometheus-on-emr/node/current')).toBe('1.11.0');
  });

  test('one that starts replaces it and its folder', async () => {
    const { code, report } = await runDocument(node, order(current));
    expect({ code, report }).toMatchObject({
      code: 0,
      report: { outcome: 'installed', changed: true, version: current.version },
    });
    expect(await metricsOf(node)).toContain(`version="${current.version}"`);
    expect(await ask(node, 'ls /opt/prometheus-on-emr/node')).toBe(`${current.version}\ncurrent\ntextfile`);
  });

  test('on a bare node, one that does not start is taken away again', async () => {
    await runDocument(node, { lock: lockOf(current), action: 'uninstall' });
    const { code, report } = await runDocument(node, order(crashing));
    expect({ code, outcome: report?.outcome }).toEqual({ code: 1, outcome: 'failed' });
    expect(await ask(node, "systemctl list-units --all --plain --no-legend 'prometheus-on-emr*'")).toBe('');
    await runDocument(node, { lock: lockOf(current), action: 'uninstall' });
  });
});
