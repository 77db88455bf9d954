import { expect, test } from 'vitest';
import { bootNode } from '../../../sandbox/nodes/boot-node.ts';
import { type Host, whyNoNodes } from '../../../sandbox/nodes/host-check.ts';

const able: Host = {
  platform: 'linux',
  root: false,
  user: 'ada',
  missing: [],
  cgroupMount: '/sys/fs/cgroup',
  cgroup: 'own',
  subordinateIds: true,
  userNamespaces: true,
};

test.each<[string, Partial<Host>, string, string]>([
  ['macOS', { platform: 'darwin' }, 'this is darwin', 'Linux machine'],
  ['a program is missing', { missing: ['mmdebstrap'] }, 'mmdebstrap', 'sudo apt-get install mmdebstrap'],
  ['no cgroup2', { cgroupMount: undefined, cgroup: undefined }, 'cgroup2', 'systemd.unified_cgroup_hierarchy=1'],
  ['no user namespaces', { userNamespaces: false }, 'user namespaces', 'sysctl'],
  ['no subordinate ids', { subordinateIds: false }, 'ada has no ids in /etc/subuid', 'usermod --add-subuids'],
  ['no delegated cgroup', { cgroup: undefined }, 'no cgroup is delegated to ada', 'or as root'],
])('%s: one sentence says why and what to do', (_case, host, why, fix) => {
  const sentence = whyNoNodes({ ...able, ...host });
  expect(sentence).toMatch(/^Systemd nodes cannot run here: .*\.$/);
  expect(sentence).toContain(why);
  expect(sentence).toContain(fix);
});

test.each<[string, Partial<Host>]>([
  ['an ordinary user with all of it', {}],
  ['one whose session of systemd gives a scope', { cgroup: 'scope' }],
  ['root, who needs no subordinate ids', { root: true, subordinateIds: false, cgroup: 'root' }],
])('nodes can run for %s', (_case, host) => {
  expect(whyNoNodes({ ...able, ...host })).toBeUndefined();
});

test('bootNode outside the world says how to get in', async () => {
  await expect(bootNode({ instanceId: 'i-1', address: '10.42.0.11' })).rejects.toThrow(
    'npx node sandbox/nodes/enter.ts',
  );
});
