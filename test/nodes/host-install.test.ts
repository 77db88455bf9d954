import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { change, PASSWORD, stageHost, UNITS } from './host-stage.ts';
import { until } from '../sidecar/sidecar-world.ts';

/** Seconds, for what hangs. */
const HANG = 240;
let stage: Awaited<ReturnType<typeof stageHost>>;
beforeAll(async () => void (stage = await stageHost()));
afterAll(() => stage.close());

const sh = async (script: string): Promise<string> => {
  const { code, stdout, stderr } = await stage.node.run(['sh', '-c', script]);
  if (code !== 0) throw new Error(`${script}: ${code} ${stdout}${stderr}`);
  return stdout.trim();
};
const pids = async (): Promise<readonly string[]> =>
  (await sh(`systemctl show -P MainPID ${UNITS.join(' ')}`)).split(/\s+/);
const ask = async <T>(path: string): Promise<T> =>
  JSON.parse(await sh(`curl -fgsS 'http://127.0.0.1:9090${path}'`)) as T;

test('a machine without the data volume is refused before anything is changed: the data would be on the root disk', async () => {
  expect(await stage.install()).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(
      /nothing was changed:\n {2}\S+prometheus-on-emr-data: no volume is mounted there: mount-/,
    ),
  });
  expect(await sh('ls -d /opt/prometheus-on-emr /var/lib/prometheus-on-emr-data || :')).toBe('');
  expect(await stage.mountData()).toMatchObject({ code: 0, stderr: '' });
});

test('the installer makes a host whose four services run, none of them as root, and answer on loopback but for Grafana', async () => {
  const { code, stdout, stderr } = await stage.install();
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toContain('/etc/prometheus-on-emr/prometheus/prometheus.yml');
  expect(await sh(`systemctl is-active ${UNITS.join(' ')}; systemctl is-enabled ${UNITS.join(' ')}`)).toBe(
    [...UNITS.map(() => 'active'), ...UNITS.map(() => 'enabled')].join('\n'),
  );
  const owners = await Promise.all((await pids()).map((pid) => sh(`stat -c %U /proc/${pid}`)));
  expect(owners).toEqual([...UNITS.slice(0, 3), 'prometheus-on-emr']);
  const listening = (await sh("ss -Hltn | awk '{print $4}' | sort -u")).split('\n');
  expect(listening).toEqual(['*:3000', '127.0.0.1:9090', '127.0.0.1:9093', '127.0.0.1:9199']);
  const scraped = async () => {
    const { data } = await ask<{ data: { activeTargets: { scrapeUrl: string }[] } }>('/api/v1/targets?state=active');
    // Its own, and the one that the sidecar brought.
    const urls = new Set(data.activeTargets.map(({ scrapeUrl }) => scrapeUrl));
    return urls.has('http://127.0.0.1:9090/metrics') && urls.has('http://10.0.0.1:9100/metrics') ? true : undefined;
  };
  await until(scraped, HANG);
});

test('the password of Grafana is in memory for Grafana alone: in no file of a disk, journal, environment or argument', async () => {
  expect(await sh('stat -c "%U %a" /run/prometheus-on-emr-grafana /run/prometheus-on-emr-grafana/admin-password')).toBe(
    'prometheus-on-emr-grafana 700\nprometheus-on-emr-grafana 600',
  );
  expect(await sh('stat -f -c %T /run')).toBe('tmpfs');
  const data = '/var/lib/prometheus-on-emr-data';
  // The stand-in's database is the password as it read it.
  expect(await sh(`cat ${data}/grafana/grafana.db`)).toBe(PASSWORD);
  const places = `/etc /opt /var/log ${data} --exclude=grafana.db`;
  expect(await sh(`grep -rlFf /srv/secret ${places} || :`)).toBe('');
  expect(await sh(`journalctl --no-pager | grep -cFf /srv/secret || :`)).toBe('0');
  expect(await sh(`cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline | grep -caFf /srv/secret || :`)).toBe('0');
  expect(await sh(`stat -c %a ${data}/grafana/secret-key`)).toBe('600');
});

test('a second run changes and restarts nothing', async () => {
  const before = await pids();
  expect(await stage.install()).toMatchObject({ code: 0, stdout: 'changed: nothing\n' });
  expect(await pids()).toEqual(before);
});

test('a changed configuration is loaded without a restart; one that promtool or amtool refuses leaves the old one running', async () => {
  const before = await pids();
  const loaded = async () => (await ask<{ data: { yaml: string } }>('/api/v1/status/config')).data.yaml;
  const config = join(stage.bundle, 'prometheus/prometheus.yml');
  const undo = await change(config, 'evaluation_interval: 30s', 'evaluation_interval: 31s');
  expect(await stage.install()).toMatchObject({ code: 0, stdout: expect.stringContaining('/prometheus.yml\n') });
  await until(async () => ((await loaded()).includes('evaluation_interval: 31s') ? true : undefined), HANG);
  await undo();

  const topic = 'arn:aws:sns:us-east-1:123456789012:operators';
  const told = async () => await sh('cat /etc/prometheus-on-emr/alertmanager.yml');
  expect(await told()).not.toContain('sns_configs');
  expect(await stage.install('--topic', topic)).toMatchObject({ code: 0 });
  expect(await told()).toContain(`topic_arn: ${topic}`);
  expect(await told()).not.toContain('${');

  for (const [file, from, tool] of [
    [config, 'global:', 'promtool refuses the configuration of Prometheus'],
    [join(stage.bundle, 'alertmanager.yml'), 'route:', 'amtool refuses the configuration of Alertmanager'],
  ] as const) {
    const back = await change(file, new RegExp(`^${from}`, 'm'), `not_${from}`);
    const refused = await stage.install();
    expect([refused.code, refused.stdout]).toEqual([1, '']);
    expect(refused.stderr).toContain(`${tool}; nothing was changed`);
    expect(refused.stderr).toContain(`not_${from.slice(0, -1)}`);
    await back();
  }
  expect(await pids()).toEqual(before);
  // A reload is a signal, which nobody waits for.
  await until(async () => ((await loaded()).includes('evaluation_interval: 30s') ? true : undefined), HANG);
  expect(await stage.install()).toMatchObject({ code: 0 });
});

test('a release that is not the locked one, and what was written wrong, are refused with the field, and nothing is changed', async () => {
  const before = await pids();
  const undo = await change(
    join(stage.bundle, 'releases.txt'),
    /^alertmanager \S+ \S{8}/m,
    'alertmanager 1.0.1 00000000',
  );
  expect(await stage.install()).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/alertmanager-1\.0\.0\.tar\.gz is not the locked file; nothing was changed/),
  });
  await undo();
  const wrong = await stage.install('--topic', 'operators', '--stage', 'a\nb', '--retention-days', '0');
  expect(wrong.code).toBe(1);
  for (const field of ['--topic "operators"', '--stage "a\nb"', '--retention-days "0"'])
    expect(wrong.stderr).toContain(field);
  expect(await pids()).toEqual(before);
});

test('whoever is at work on it calls promtool and amtool by their names, as the runbooks do', async () => {
  const anybody = 'setpriv --reuid=65534 --clear-groups';
  // Its first look at itself comes within a scrape interval of its last start.
  const query = `${anybody} promtool query instant http://localhost:9090 'up{job="prometheus"}'`;
  await expect.poll(() => sh(query)).toContain('=> 1 @');
  expect(await sh(`${anybody} amtool --alertmanager.url=http://localhost:9093 config show`)).toContain(
    'receiver: people',
  );
});

test('what Prometheus and a query of it take is a share of the memory and of the volume, and the file system follows the volume', async () => {
  const total = Number(await sh("awk '/^MemTotal:/ { print $2 * 1024 }' /proc/meminfo"));
  const limit = Number(await sh('systemctl show -P MemoryMax prometheus-on-emr-prometheus'));
  expect(limit / total).toBeCloseTo(0.6, 2);
  const { data: flags } = await ask<{ data: Readonly<Record<string, string>> }>('/api/v1/status/flags');
  expect((Number(flags['query.max-samples']) * 16) / total).toBeCloseTo(0.04, 2);
  const { data } = await ask<{ data: { storageRetention: string } }>('/api/v1/status/runtimeinfo');
  expect(data.storageRetention).toBe('90d or 80%');
  expect(await sh('systemctl is-active prometheus-on-emr-grow.timer')).toBe('active');
  await sh('systemctl start prometheus-on-emr-grow');
  expect(await sh('tail -1 /run/resized')).toBe('data');
});

test('the rules and dashboards of the bucket reach Prometheus and the folder that Grafana reads', async () => {
  const loaded = async () => {
    const { data } = await ask<{ data: { groups: { name: string }[] } }>('/api/v1/rules');
    return data.groups.length > 0 ? data.groups.map(({ name }) => name) : undefined;
  };
  expect((await until(loaded, HANG)).length).toBeGreaterThan(10);
  const [, folder = ''] =
    /path: (\S+)/.exec(await sh('cat /etc/prometheus-on-emr/grafana/dashboards/content.yml')) ?? [];
  const look = `setpriv --reuid=prometheus-on-emr-grafana --clear-groups cat ${folder}/emr-fleet.json`;
  expect(JSON.parse(await sh(look))).toMatchObject({ uid: 'emr-fleet' });
  expect(await sh('cat /etc/prometheus-on-emr/grafana.ini')).toContain(`${folder}/emr-fleet.json`);
});

test('a heartbeat goes out while Prometheus evaluates rules and Alertmanager answers, and none while one of them does not', async () => {
  const beat = async () => (await stage.node.run(['systemctl', 'start', 'prometheus-on-emr-heartbeat'])).code;
  // With what journald has not read yet.
  const journal = 'journalctl --sync; journalctl -o cat -u prometheus-on-emr-heartbeat';
  const told = `${journal} | grep -c "^told: " || :`;
  expect(await sh('systemctl is-active prometheus-on-emr-heartbeat.timer')).toBe('active');
  await until(async () => ((await beat()) === 0 ? true : undefined), HANG);
  expect(await sh(`${journal} | grep "^told: " | tail -1`)).toContain(
    '--metric-name Heartbeat --dimensions Host=the-host --value 1',
  );
  // What it asks for is what this Alertmanager has.
  const asked = await sh("grep -o 'alertmanager_[a-z_]*' /opt/prometheus-on-emr/host/heartbeat.sh | sort -u");
  const told9093 = await sh('curl -fsS http://127.0.0.1:9093/metrics');
  expect(asked.split('\n').filter((name) => !told9093.includes(`\n${name}{integration="sns"} `))).toEqual([]);
  await sh('systemctl stop prometheus-on-emr-alertmanager prometheus-on-emr-heartbeat.timer');
  const before = await sh(told);
  expect(await beat()).not.toBe(0);
  expect(await sh(told)).toBe(before);
  await sh('systemctl start prometheus-on-emr-alertmanager prometheus-on-emr-heartbeat.timer');
});

test('another release of Prometheus takes its place by a restart of that and the sidecar, which takes its promtool, alone', async () => {
  const before = await pids();
  await change(join(stage.bundle, 'releases.txt'), 'prometheus 1.0.0', 'prometheus 1.0.1');
  expect(await stage.install()).toMatchObject({ code: 0, stderr: '' });
  const after = await pids();
  expect(after.map((pid, at) => pid === before[at])).toEqual([false, true, true, false]);
  expect(await sh('ls /opt/prometheus-on-emr/prometheus')).toMatch(/^1\.0\.1-[0-9a-f]{8}\ncurrent$/);
  expect(await sh(`readlink /proc/${after[0]}/root/opt/prometheus-on-emr/prometheus/current`)).toContain('/1.0.1-');
});

test('data outlives the machine: on a new one, with other user ids, Prometheus has its samples and Grafana its database and the password of now', async () => {
  const sampled = async () =>
    (await ask<{ data: { result: unknown[] } }>('/api/v1/query?query=up[1h]')).data.result.length > 0
      ? true
      : undefined;
  await until(sampled, HANG);
  const series = async () =>
    (await ask<{ data: { result: { values: unknown[][] }[] } }>('/api/v1/query?query=up{job="prometheus"}[1h]')).data
      .result[0]?.values[0];
  const first = await series();
  const key = await sh('cat /var/lib/prometheus-on-emr-data/grafana/secret-key');
  await sh(`systemctl disable -q --now ${UNITS.join(' ')} prometheus-on-emr-grafana-secret`);
  await sh(`rm -rf /opt/prometheus-on-emr /etc/prometheus-on-emr /var/lib/prometheus-on-emr /etc/systemd/system/prometheus-on-emr-*.service
    for USER in prometheus alertmanager grafana; do userdel prometheus-on-emr-$USER; done
    useradd --system prometheus-on-emr-grafana; useradd --system somebody; useradd --system prometheus-on-emr-prometheus`);
  const { code, stdout, stderr } = await stage.install();
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toContain('user:alertmanager');
  expect(await series()).toEqual(first);
  expect(await sh('cat /var/lib/prometheus-on-emr-data/grafana/secret-key')).toBe(key);
  expect(await sh('cat /var/lib/prometheus-on-emr-data/grafana/reset')).toBe(PASSWORD);
});

test('each unit is hardened: systemd sees little that it could do', async () => {
  const units = [...UNITS, 'prometheus-on-emr-grafana-secret', 'prometheus-on-emr-heartbeat', 'prometheus-on-emr-grow'];
  const table = await sh(
    `systemd-analyze security --no-pager ${units.map((unit) => `${unit}.service`).join(' ')} | grep 'Overall exposure'`,
  );
  const exposures = [...table.matchAll(/: ([\d.]+)/g)].map(([, exposure]) => Number(exposure));
  expect(exposures).toHaveLength(units.length);
  expect(Math.max(...exposures)).toBeLessThan(2.5);
  expect(
    await sh(`systemd-analyze verify ${units.map((unit) => `/etc/systemd/system/${unit}.service`).join(' ')} 2>&1`),
  ).toBe('');
});
