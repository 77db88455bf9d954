import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { bootNode, type SandboxNode } from '../../sandbox/nodes/boot-node.ts';
import { WORLD_ADDRESS } from '../../sandbox/nodes/world.ts';
import { cacheFolder } from '../../scripts/cache-folder.ts';
import { readContent } from '../../scripts/content/read-content.ts';
import { type HostRelease, writeHostBundle } from '../../scripts/host/host-bundle.ts';
import { prepareAlertmanager } from '../../scripts/prepare/prepare-alertmanager.ts';
import { preparePrometheus } from '../../scripts/prepare/prepare-prometheus.ts';
import { keyOf, manifestOf } from '../sidecar/content-world.ts';
import { openS3, targetFile } from '../sidecar/sidecar-account.ts';

const run = promisify(execFile);

export const PASSWORD = 'q7R-not-to-be-seen-anywhere-x2';
export const UNITS = ['prometheus', 'alertmanager', 'grafana', 'sidecar'].map((name) => `prometheus-on-emr-${name}`);

/** Grafana's two commands, as far as our units use them; the real one cannot be had here. */
const GRAFANA = `#!/opt/prometheus-on-emr/sidecar/node
const { existsSync, readFileSync, writeFileSync } = require('node:fs');
const option = (name) => process.argv.find((text) => text.startsWith(name + '='))?.slice(name.length + 1);
const ini = readFileSync(option('--config'), 'utf8');
const value = (key) => new RegExp('^' + key + ' = (.*)$', 'm').exec(ini)?.[1];
const file = (key) => readFileSync(/^\\$__file\\{(.*)\\}$/.exec(value(key))[1], 'utf8');
if (process.argv[2] === 'cli') {
  if (!process.argv.includes('--password-from-stdin')) process.exit(1);
  writeFileSync(value('data') + '/reset', readFileSync(0));
} else {
  const isNew = !existsSync(value('data') + '/grafana.db');
  if (isNew) writeFileSync(value('data') + '/grafana.db', file('admin_password'));
  if (file('secret_key').length < 32) process.exit(1);
  require('node:http').createServer((_, answer) => answer.end('ok')).listen(Number(value('http_port')), value('http_addr'));
}
`;

/** The AWS CLI of Amazon Linux, as far as our scripts use it. */
const AWS = `#!/bin/sh
[ "$1 $2" = "secretsmanager get-secret-value" ] && exec cat /srv/secret
[ "$1 $2" = "cloudwatch put-metric-data" ] && exec echo "told: $*"
exit 1
`;

const DATA = '/var/lib/prometheus-on-emr-data';
/** A file system of a node cannot grow: what the script asks for is written down. */
const RESIZE2FS = `#!/bin/sh
echo "$*" >>/run/resized
`;

/** The rules and dashboards that ship, as `npm run content -- publish` puts them into the bucket. */
async function publishContent(put: (key: string, body: string) => void): Promise<void> {
  const files = await readContent({ root: process.cwd(), promtool: undefined, say: () => undefined });
  const bodies = Object.fromEntries(files.map(({ path, text }) => [path, text]));
  for (const [path, body] of Object.entries(bodies)) put(keyOf(path, body), body);
  put('content/manifest.json', manifestOf(bodies));
}

/** A machine as its user data leaves it to the installer: bundle, releases, AWS CLI. */
export async function stageHost() {
  const home = await mkdtemp(join(tmpdir(), 'host-'));
  const account = await openS3(WORLD_ADDRESS);
  account.put('targets/j-A.json', targetFile(1));
  await publishContent(account.put);
  const releases = await makeReleases(home);
  await writeHostBundle(join(home, 'bundle'), releases);
  await writeFile(join(home, 'secret'), `${PASSWORD}\n`);
  const { PROMETHEUS_ON_EMR_BUCKET: bucket, PATH: _path, AWS_REGION: _region, ...secrets } = account.env;
  const body = Object.entries(secrets).map(([name, value]) => `Environment="${name}=${value}"`);
  const cache = cacheFolder(process.env);
  const { prometheus } = await preparePrometheus(cache);
  const { alertmanager } = await prepareAlertmanager(cache);
  const node = await bootNode({
    instanceId: 'i-00000000000000002',
    address: '10.42.0.78',
    files: [
      {
        path: '/etc/systemd/system/prometheus-on-emr-sidecar.service.d/account.conf',
        body: `[Service]\n${body.join('\n')}\n`,
      },
      { path: '/usr/local/bin/aws', body: AWS, mode: 0o755 },
      { path: '/usr/local/bin/resize2fs', body: RESIZE2FS, mode: 0o755 },
    ],
    binds: [
      { source: process.execPath, target: '/srv/node' },
      { source: dirname(prometheus), target: '/srv/prometheus' },
      { source: dirname(alertmanager), target: '/srv/alertmanager' },
      { source: home, target: '/srv/host' },
      { source: join(home, 'secret'), target: '/srv/secret' },
    ],
  });
  return {
    node,
    home,
    /** As mount-volume.sh leaves it. */
    mountData: async () => await node.run(['mount', '--mkdir', '-t', 'tmpfs', 'data', DATA]),
    bundle: join(home, 'bundle'),
    install: (...further: readonly string[]) => install(node, bucket, further),
    async close() {
      await node.kill();
      await account.face.close();
      await rm(home, { recursive: true });
    },
  };
}

const install = (node: SandboxNode, bucket: string, further: readonly string[]) => {
  const secret = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:grafana-AbCdEf';
  const place = [
    '--bucket',
    bucket,
    '--region',
    'us-east-1',
    '--stage',
    'dev',
    '--account',
    '123456789012',
    '--name',
    'the-host',
  ];
  const options = [...place, '--artifacts', '/srv/host/releases', '--secret', secret, ...further];
  return node.run(['sh', '/srv/host/bundle/install-host.sh', ...options]);
};

/** Archives as the releases have them, whose programs lead to those of this machine. */
async function makeReleases(home: string): Promise<readonly HostRelease[]> {
  const wrap = (path: string): string => `#!/bin/sh\nexec ${path} "$@"\n`;
  const contents = {
    prometheus: { prometheus: wrap('/srv/prometheus/prometheus'), promtool: wrap('/srv/prometheus/promtool') },
    alertmanager: { alertmanager: wrap('/srv/alertmanager/alertmanager'), amtool: wrap('/srv/alertmanager/amtool') },
    grafana: { 'bin/grafana': GRAFANA },
    nodejs: { 'bin/node': undefined },
  };
  const made: HostRelease[] = [];
  for (const [name, files] of Object.entries(contents)) {
    const file = `${name}-1.0.0.tar.gz`;
    for (const [path, body] of Object.entries(files)) {
      const target = join(home, name, `${name}-1.0.0`, path);
      await mkdir(dirname(target), { recursive: true });
      if (body === undefined) await symlink('/srv/node', target);
      else await writeFile(target, body, { mode: 0o755 });
    }
    await mkdir(join(home, 'releases'), { recursive: true });
    await run('tar', ['-czf', join(home, 'releases', file), '-C', join(home, name), `${name}-1.0.0`]);
    const sha256 = createHash('sha256')
      .update(await readFile(join(home, 'releases', file)))
      .digest('hex');
    made.push({ name, version: '1.0.0', artifact: { file, sha256 } });
  }
  return made;
}

/** The bundle with one of its files changed; the answer puts it back. */
export async function change(path: string, from: string | RegExp, to: string): Promise<() => Promise<void>> {
  await cp(path, `${path}.before`);
  await writeFile(path, (await readFile(path, 'utf8')).replace(from, to));
  return async () => await cp(`${path}.before`, path);
}
