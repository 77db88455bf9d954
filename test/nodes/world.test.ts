import { once } from 'node:events';
import { createServer } from 'node:http';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bootNode, type SandboxNode } from '../../sandbox/nodes/boot-node.ts';
import { addHostNames, REGISTRY_FOLDER } from '../../sandbox/nodes/world.ts';

const ADDRESSES = ['10.42.0.11', '10.42.0.12', '10.42.0.13'] as const;
const AUTHORITY = '-----BEGIN CERTIFICATE-----\nc2FuZGJveA==\n-----END CERTIFICATE-----\n';

let nodes: readonly SandboxNode[];
const first = (): SandboxNode => nodes[0]!;
const second = (): SandboxNode => nodes[1]!;
const out = async (node: SandboxNode, script: string): Promise<string> =>
  (await node.run(['bash', '-c', script])).stdout.trim();

beforeAll(async () => {
  await writeFile('/run/tmp/authority.pem', AUTHORITY);
  const trust = '/run/tmp/authority.pem';
  const boot = (address: string, index: number) =>
    bootNode({ instanceId: `i-${index}`, address, trust, upFor: index * 86_400 });
  nodes = await Promise.all(ADDRESSES.map(boot));
});
afterAll(() => Promise.all(nodes.map((node) => node.kill())));

describe('a node is a machine of its own', () => {
  test('systemd is its PID 1 and has nothing to complain about', async () => {
    expect(await out(first(), 'cat /proc/1/comm; systemctl is-system-running; systemctl --failed --no-legend')).toBe(
      'systemd\nrunning',
    );
  });

  test('each has its own name, address and cgroup', async () => {
    const script =
      "hostname; hostname -I | tr -d ' '; ls -d /sys/fs/cgroup/system.slice; cat /sys/fs/cgroup/cgroup.type 2>&1 | head -1";
    const seen = await Promise.all(nodes.map((node) => out(node, script)));
    expect(seen.map((text) => text.split('\n').slice(0, 3))).toEqual(
      ADDRESSES.map((address) => [
        `ip-${address.replaceAll('.', '-')}.ec2.internal`,
        address,
        '/sys/fs/cgroup/system.slice',
      ]),
    );
  });

  test('each has been up for as long as it says, whatever the machine below has', async () => {
    const days = async (node: SandboxNode) => Math.floor(Number(await out(node, 'cut -d. -f1 /proc/uptime')) / 86_400);
    expect(await Promise.all(nodes.map(days))).toEqual(ADDRESSES.map((_address, index) => index));
  });

  test('a file or a user made on one is not on another', async () => {
    await first().run(['bash', '-c', 'useradd --system only-here && touch /opt/only-here']);
    const look = 'id -un only-here 2>&1 | tail -1; ls /opt';
    expect([await out(first(), look), await out(second(), look)]).toEqual([
      'only-here\nonly-here',
      'id: ‘only-here’: no such user',
    ]);
  });

  test('it has the tools of Amazon Linux, and not those that EMR nodes lack', async () => {
    const tools = 'bash systemctl curl sha256sum tar gzip flock ps ip install useradd getent mktemp stat df';
    expect(await out(first(), `for tool in ${tools}; do type -P $tool >/dev/null || echo $tool; done`)).toBe('');
    expect(await out(first(), 'for tool in python3 python jq aws; do type -P $tool; done')).toBe('');
  });

  test('it trusts the authority it was given beside the public ones', async () => {
    const bundle = await out(
      first(),
      'grep -c BEGIN /etc/ssl/certs/ca-certificates.crt; tail -3 /etc/ssl/certs/ca-certificates.crt',
    );
    expect(Number(bundle.split('\n')[0])).toBeGreaterThan(50);
    expect(bundle).toContain(AUTHORITY.trim());
  });

  test('it cannot change the world: neither its hosts file nor its kernel', async () => {
    expect(await out(first(), 'echo x 2>&1 >>/etc/hosts; echo x 2>&1 >/proc/sys/kernel/hostname')).toMatch(
      /Read-only.*\n.*Read-only/,
    );
  });

  test('a command gets its input, and its code and both outputs come back', async () => {
    const finished = await first().run(['bash', '-c', 'cat; echo bad >&2; exit 3'], { stdin: 'given' });
    expect(finished).toEqual({ code: 3, stdout: 'given', stderr: 'bad\n' });
  });
});

test('a name added while nodes run is known to all of them at once', async () => {
  await addHostNames(['bucket.s3.us-east-1.aws.test']);
  const seen = nodes.map((node) => out(node, "getent hosts bucket.s3.us-east-1.aws.test | cut -d' ' -f1"));
  expect(await Promise.all(seen)).toEqual(['10.42.0.1', '10.42.0.1', '10.42.0.1']);
});

describe('the metadata service', () => {
  const metadata = 'http://169.254.169.254/latest';
  const token = `token=$(curl -fsS -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' ${metadata}/api/token)`;
  const get = `curl -sS -H "X-aws-ec2-metadata-token: $token"`;

  test('tells each node who it is', async () => {
    const seen = nodes.map((node) => out(node, `${token}; ${get} ${metadata}/meta-data/instance-id`));
    expect(await Promise.all(seen)).toEqual(['i-0', 'i-1', 'i-2']);
  });

  test("tells the world's host nothing", async () => {
    const answer = await fetch(`${metadata}/api/token`, {
      method: 'PUT',
      headers: { 'X-aws-ec2-metadata-token-ttl-seconds': '60' },
    });
    expect(answer.status).toBe(404);
  });
});

describe('nodes come and go', () => {
  const traces = async (number: string) => {
    const [cgroups, registry, mounts, links] = await Promise.all([
      readdir('/sys/fs/cgroup'),
      readdir(REGISTRY_FOLDER),
      readFile('/proc/mounts', 'utf8'),
      readdir('/sys/class/net'),
    ]);
    return [...cgroups, ...registry, ...links, ...mounts.split('\n')].filter(
      (name) =>
        [`node${number}`, `10.42.0.${number}.json`, `veth${number}`].includes(name) ||
        name.includes(`/run/sandbox/${number}/`),
    );
  };

  test.each([
    ['stop', 'services have ended in their own way', '/last'],
    ['kill', 'no service has ended in its own way', ''],
  ] as const)(
    'after %s %s, nothing of the node is left, its address is free and the others go on',
    async (how, _what, expected) => {
      const number = how === 'stop' ? '31' : '32';
      const body =
        '[Service]\nType=exec\nExecStart=sleep infinity\nExecStop=curl -s http://10.42.0.1:4999/last\nTimeoutStopSec=60\n';
      const options = {
        instanceId: `i-${how}`,
        address: `10.42.0.${number}`,
        files: [{ path: '/etc/systemd/system/last.service', body }],
      };
      const node = await bootNode(options);
      expect((await traces(number)).length).toBeGreaterThan(3);
      await node.run(['systemctl', 'start', 'last']);
      let last = '';
      const heard = await listen(4999, (path) => (last = path));
      await node[how]();
      await heard();
      expect(last).toBe(expected);
      expect(await traces(number)).toEqual([]);
      expect(await out(first(), 'echo here')).toBe('here');
      const next = await bootNode(options);
      expect(await out(next, 'echo here')).toBe('here');
      await next.kill();
    },
  );

  test('a taken address is refused by name, and its node lives on', async () => {
    await expect(bootNode({ instanceId: 'i-x', address: ADDRESSES[0] })).rejects.toThrow('address 10.42.0.11 is taken');
    expect(await out(first(), 'hostname -I')).toBe(ADDRESSES[0]);
  });

  test("a node whose unit fails at boot is reported with the unit's name and leaves nothing", async () => {
    const body = '[Service]\nType=oneshot\nExecStart=false\n';
    const files = [
      { path: '/etc/systemd/system/broken.service', body },
      { path: '/etc/systemd/system/multi-user.target.d/broken.conf', body: '[Unit]\nWants=broken.service\n' },
    ];
    await expect(bootNode({ instanceId: 'i-x', address: '10.42.0.34', files })).rejects.toThrow('broken.service');
    await expect.poll(() => traces('34')).toEqual([]);
  });
});

/** Hears one path per request; the answer closes it. */
async function listen(port: number, hear: (path: string) => void): Promise<() => Promise<void>> {
  const server = createServer((request, response) => {
    hear(request.url ?? '');
    response.end();
  }).listen(port, '10.42.0.1');
  await once(server, 'listening');
  return async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
}
