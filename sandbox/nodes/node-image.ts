import { createHash } from 'node:crypto';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Debian packages that the machine needs before it can make or boot a node. */
export const NODE_HOST_PACKAGES = [
  'mmdebstrap',
  'zstd',
  'uidmap',
  'iproute2',
  'util-linux',
  'mount',
  'procps',
  'openssl', // the account that the nodes talk to has a certificate
] as const;

const SUITE = 'bookworm';
/** What EMR's Amazon Linux brings that our documents use, and not more: no python, jq or AWS CLI. */
const PACKAGES = ['systemd', 'systemd-sysv', 'dbus', 'libnss-systemd', 'curl', 'ca-certificates', 'procps', 'iproute2'];
const LEFT_OUT = ['doc', 'man', 'locale', 'info'].map((folder) => `--dpkgopt=path-exclude=/usr/share/${folder}/*`);
/** Units that have no work, or no permission, in a user namespace; each would cost boot time or a "degraded". */
const MASKED = [
  'apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap.service dpkg-db-backup.timer',
  'systemd-tmpfiles-clean.timer getty.target console-getty.service systemd-logind.service',
  'dev-hugepages.mount sys-fs-fuse-connections.mount sys-kernel-debug.mount sys-kernel-tracing.mount',
  'sys-kernel-config.mount proc-sys-fs-binfmt_misc.automount systemd-modules-load.service',
  'systemd-sysctl.service systemd-ask-password-console.path systemd-ask-password-wall.path',
  'systemd-timesyncd.service systemd-networkd.service',
];
const HOOKS = [
  'rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/*.bin "$1"/etc/resolv.conf "$1"/etc/hostname',
  ': >"$1"/etc/machine-id',
  `for unit in ${MASKED.join(' ')}; do ln -sf /dev/null "$1/etc/systemd/system/$unit"; done`,
  'ln -sf /lib/systemd/system/multi-user.target "$1"/etc/systemd/system/default.target',
  // A node is gone in seconds whatever a service thinks of it.
  'mkdir -p "$1"/etc/systemd/system.conf.d',
  'printf "[Manager]\\nDefaultTimeoutStopSec=5s\\n" >"$1"/etc/systemd/system.conf.d/sandbox.conf',
];

/** The nodes' file system as a tarball, made once by mmdebstrap (half a minute; root or an ordinary user with subuid). */
export async function prepareNodeImage(cache: string): Promise<string> {
  const recipe = [SUITE, ...PACKAGES, ...LEFT_OUT, ...HOOKS].join('\n');
  const image = join(cache, `node-${createHash('sha256').update(recipe).digest('hex').slice(0, 12)}.tar.zst`);
  if (await exists(image)) return image;
  process.stderr.write(`Making the nodes' image ${image} (half a minute to two minutes)…\n`);
  await mkdir(cache, { recursive: true });
  const draft = await mkdtemp(join(cache, 'draft-'));
  try {
    const tar = join(draft, 'node.tar');
    const hooks = HOOKS.map((hook) => `--customize-hook=${hook}`);
    const include = `--include=${PACKAGES.join(',')}`;
    await run('mmdebstrap', ['--quiet', '--variant=minbase', include, ...LEFT_OUT, ...hooks, SUITE, tar]);
    await run('zstd', ['-q', '-T0', '-6', tar, '-o', `${tar}.zst`]);
    await rename(`${tar}.zst`, image);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return image;
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

async function run(command: string, args: readonly string[]): Promise<void> {
  // stdout would mix with the output of the command that the world is for.
  const child = spawn(command, args, { stdio: ['ignore', process.stderr, process.stderr] });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`${command} failed (${code}): is the Debian mirror reachable?`);
}
