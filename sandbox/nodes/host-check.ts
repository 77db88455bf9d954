import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { NODE_HOST_PACKAGES } from './node-image.ts';

const COMMANDS = ['mmdebstrap', 'zstd', 'newuidmap', 'ip', 'unshare', 'nsenter', 'setpriv', 'findmnt'] as const;

/** What decides whether this machine can run systemd nodes. */
export interface Host {
  readonly platform: string;
  readonly root: boolean;
  readonly user: string;
  readonly missing: readonly string[];
  /** Where cgroup2 is mounted. */
  readonly cgroupMount: string | undefined;
  /** May we make cgroups: as root, in our own cgroup, or in a scope of a systemd user session. */
  readonly cgroup: 'root' | 'own' | 'scope' | undefined;
  readonly subordinateIds: boolean;
  readonly userNamespaces: boolean;
}

//   the machine                                 → the sentence, with what to do
//   not Linux                                   → a Linux machine is needed
//   programs missing                            → apt-get install …
//   no cgroup2                                  → boot with it
//   no user namespaces                          → the sysctl
//   an ordinary user without /etc/subuid        → usermod
//   an ordinary user without delegated cgroup   → a login session with systemd, or root
//   anything else                               → none: nodes can run
export function whyNoNodes(host: Host): string | undefined {
  if (host.platform !== 'linux') return says(`this is ${host.platform}`, 'Use a Linux machine or virtual machine');
  if (host.missing.length > 0)
    return says(`${host.missing.join(', ')} missing`, `sudo apt-get install ${NODE_HOST_PACKAGES.join(' ')}`);
  if (host.cgroupMount === undefined)
    return says('no cgroup2 is mounted', 'Boot with systemd.unified_cgroup_hierarchy=1, or leave the container');
  if (!host.userNamespaces)
    return says(
      'user namespaces are refused',
      'sudo sysctl -w kernel.unprivileged_userns_clone=1 user.max_user_namespaces=10000, or leave the container',
    );
  if (!host.root && !host.subordinateIds)
    return says(
      `${host.user} has no ids in /etc/subuid and /etc/subgid`,
      `sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ${host.user}`,
    );
  if (host.cgroup === undefined)
    return says(`no cgroup is delegated to ${host.user}`, 'Start from a login session with systemd, or as root');
  return undefined;
}

const says = (why: string, fix: string): string => `Systemd nodes cannot run here: ${why}. ${fix}.`;

export function readHost(env: NodeJS.ProcessEnv): Host {
  const { uid, username } = userInfo();
  const root = uid === 0;
  const linux = process.platform === 'linux';
  const cgroupMount = linux ? /^\S+ (\S+) cgroup2 /m.exec(readFileSync('/proc/mounts', 'utf8'))?.[1] : undefined;
  return {
    platform: process.platform,
    root,
    user: username,
    missing: COMMANDS.filter((command) => !isOnPath(command, env)),
    cgroupMount,
    cgroup: cgroupMount === undefined ? undefined : waysToCgroup(root, uid, env, join(cgroupMount, ownCgroup())),
    subordinateIds: ['/etc/subuid', '/etc/subgid'].every((file) => hasRange(file, username, uid)),
    userNamespaces: linux && spawnSync('unshare', ['--user', 'true']).status === 0,
  };
}

export const ownCgroup = (): string => /^0::(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1] ?? '/';

function waysToCgroup(root: boolean, uid: number, env: NodeJS.ProcessEnv, own: string): Host['cgroup'] {
  if (root) return 'root';
  if (isWritable(own) && isWritable(join(own, 'cgroup.procs'))) return 'own';
  const manager = join(runtimeFolder(env, uid), 'systemd/private');
  return existsSync(manager) && isOnPath('systemd-run', env) ? 'scope' : undefined;
}

/** Where a user's systemd listens; `su` and cron do not say. */
export const runtimeFolder = (env: NodeJS.ProcessEnv, uid: number): string =>
  env['XDG_RUNTIME_DIR'] || `/run/user/${uid}`;

function hasRange(file: string, user: string, uid: number): boolean {
  if (!existsSync(file)) return false;
  return readFileSync(file, 'utf8')
    .split('\n')
    .some((line) => line.startsWith(`${user}:`) || line.startsWith(`${uid}:`));
}

const isOnPath = (command: string, env: NodeJS.ProcessEnv): boolean =>
  `${env['PATH'] ?? ''}:/usr/sbin:/sbin`
    .split(':')
    .some((folder) => folder !== '' && existsSync(join(folder, command)));

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
