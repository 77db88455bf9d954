import { join, resolve } from 'node:path';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { bootNode, type SandboxNode } from '../../sandbox/nodes/boot-node.ts';
import { WORLD_ADDRESS } from '../../sandbox/nodes/world.ts';
import { bundleSidecar } from '../../scripts/package/bundle-sidecar.ts';
import { BUCKET, openS3, targetFile } from '../sidecar/sidecar-account.ts';
import { until } from '../sidecar/sidecar-world.ts';

const UNIT = 'prometheus-on-emr-sidecar';
const root = resolve(import.meta.dirname, '../..');
let bundle: string;
beforeAll(async () => void (bundle = await bundleSidecar()));

async function host() {
  const account = await openS3(WORLD_ADDRESS);
  onTestFinished(() => account.face.close());
  account.put('targets/j-A.json', targetFile(1));
  const { PROMETHEUS_ON_EMR_BUCKET: _bucket, PATH: _path, AWS_REGION: _region, ...secrets } = account.env;
  const body = Object.entries(secrets).map(([name, value]) => `Environment="${name}=${value}"`);
  const node = await bootNode({
    instanceId: 'i-00000000000000001',
    address: '10.42.0.77',
    files: [
      {
        path: `/etc/systemd/system/${UNIT}.service.d/account.conf`,
        body: `[Service]\n${body.join('\n')}\nTimeoutStopSec=240\n`,
      },
    ],
    binds: [
      { source: process.execPath, target: '/srv/node' },
      { source: bundle, target: '/srv/sidecar.mjs' },
      { source: join(root, 'infra/host'), target: '/srv/host' },
    ],
  });
  onTestFinished(() => node.kill());
  return { ...account, node };
}

const install = (node: SandboxNode, bucket = BUCKET) =>
  node.run(
    `sh /srv/host/install-sidecar.sh --region us-east-1 --node /srv/node --bundle /srv/sidecar.mjs --bucket`
      .split(' ')
      .concat(bucket),
  );
const property = async (node: SandboxNode, name: string) =>
  (await node.run(['systemctl', 'show', '-P', name, UNIT])).stdout.trim();

test('the install script makes a hardened service that writes targets, and its second run changes and restarts nothing', async () => {
  const { node, put } = await host();
  const first = await install(node);
  expect(first).toMatchObject({ code: 0, stdout: expect.stringContaining('/opt/prometheus-on-emr/sidecar/node') });
  const look = async () => {
    const { code, stdout } = await node.run(['cat', '/var/lib/prometheus-on-emr/targets/j-A.json']);
    return code === 0 ? stdout : undefined;
  };
  expect(await until(look, 240)).toBe(targetFile(1));
  // Prometheus is another user.
  const reader = ['setpriv', '--reuid=65534', '--clear-groups', 'cat', '/var/lib/prometheus-on-emr/targets/j-A.json'];
  expect(await node.run(reader)).toMatchObject({ code: 0 });

  const pid = await property(node, 'MainPID');
  expect(await install(node)).toMatchObject({ code: 0, stdout: expect.stringMatching(/^changed: nothing\n/) });
  expect(await property(node, 'MainPID')).toBe(pid);
  expect(await property(node, 'NRestarts')).toBe('0');
  expect((await node.run(['stat', '-c', '%U', `/proc/${pid}`])).stdout.trim()).toBe('prometheus-on-emr');
  expect((await node.run(['cat', `/proc/${pid}/cmdline`])).stdout).toContain('--max-old-space-size=64');

  put('targets/j-A.json', targetFile(2));
  await until(async () => ((await look()) === targetFile(2) ? true : undefined), 240);
  await node.run(['systemctl', 'stop', UNIT]);
  // Not killed, as what hangs would be.
  expect(await property(node, 'Result')).toBe('success');

  const bad = await install(node, 'Not A Bucket');
  expect(bad).toMatchObject({ code: 1, stderr: expect.stringContaining('nothing was changed') });
  expect(await install(node, 'another-bucket')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^changed: \/etc\/prometheus-on-emr\/sidecar.env\n/),
  });
  expect(await property(node, 'ActiveState')).toBe('active');
  expect(await look()).toBe(targetFile(2));
});
