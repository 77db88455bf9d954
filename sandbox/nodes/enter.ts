/** Runs a command inside a throw-away world of systemd nodes: node sandbox/nodes/enter.ts [--reach DIR]… -- COMMAND… */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { chown, mkdir, writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { constants } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { cacheFolder } from '../../scripts/cache-folder.ts';
import { claimCgroup, releaseCgroup } from './cgroup.ts';
import { type Host, readHost, runtimeFolder, whyNoNodes } from './host-check.ts';
import { prepareNodeImage } from './node-image.ts';
import { CANNOT_RUN } from './world.ts';

const CHECKOUT = resolve(import.meta.dirname, '../..');
/** Root's worlds map their ids here, where no account of the machine lives. */
const FIRST_ID = 1_000_000;
const IDS = 65_536;

async function enter(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { reach: { type: 'string', multiple: true, default: [] } },
    allowPositionals: true,
  });
  if (positionals.length === 0) {
    process.stderr.write('No command. Usage: enter.ts [--reach DIR]… -- COMMAND…\n');
    return 2;
  }
  const host = readHost(process.env);
  const obstacle = whyNoNodes(host);
  if (obstacle !== undefined) {
    process.stderr.write(`${obstacle}\n`);
    return CANNOT_RUN;
  }
  const cache = resolve(cacheFolder(process.env));
  const image = await prepareNodeImage(cache);
  const bases = join(cache, `nodes-${host.root ? FIRST_ID : 'own'}`);
  await mkdir(bases, { recursive: true });
  if (host.root) await chown(bases, FIRST_ID, FIRST_ID);

  const reach = outermost([CHECKOUT, cache, dirname(process.execPath), ...values.reach.map((dir) => resolve(dir))]);
  const world = [join(import.meta.dirname, 'world.sh'), image, bases, process.execPath, ...positionals];
  const ids = host.root ? await holdIds() : undefined;
  const line = ids === undefined ? asUser(host, world) : asRoot(ids.pid ?? 0, bases, reach, world);
  const cgroup = await claimCgroup(host, FIRST_ID);
  try {
    return await run(line, { ...process.env, PROMETHEUS_ON_EMR_CACHE: cache }, cgroup);
  } finally {
    ids?.stdin?.end();
    if (cgroup !== undefined) await releaseCgroup(cgroup);
  }
}

const outermost = (folders: readonly string[]): readonly string[] =>
  [...new Set(folders)].filter((folder) => !folders.some((other) => folder.startsWith(`${other}/`)));

/** A process in a user namespace whose id maps only real root may write. It ends with us: its input does. */
async function holdIds(): Promise<ChildProcess> {
  const holder = spawn('unshare', ['--user', 'sh', '-c', 'echo ready; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  const map = `0 ${FIRST_ID} ${IDS}`;
  await Promise.all(['gid_map', 'uid_map'].map((file) => writeFile(`/proc/${holder.pid}/${file}`, map)));
  return holder;
}

// Both lines are one process that execs its way into the world: what it dies of, the world dies of.

function asRoot(ids: number, bases: string, reach: readonly string[], world: readonly string[]): readonly string[] {
  const namespace = `/proc/${ids}/ns/user`;
  const expose = [join(import.meta.dirname, 'expose.pl'), namespace, bases, ...reach, '--'];
  const become = ['nsenter', `--user=${namespace}`, '--', 'setpriv', '--clear-groups', '--pdeathsig=KILL'];
  return ['unshare', '--mount', '--propagation=private', ...expose, ...become, ...world];
}

function asUser({ cgroup }: Host, world: readonly string[]): readonly string[] {
  const manager = `XDG_RUNTIME_DIR=${runtimeFolder(process.env, process.getuid?.() ?? 0)}`;
  const scope =
    cgroup === 'scope'
      ? ['env', manager, 'systemd-run', '--user', '--scope', '--quiet', '-p', 'Delegate=yes', '--']
      : [];
  return [...scope, 'unshare', '--user', '--map-root-user', '--map-auto', 'setpriv', '--pdeathsig=KILL', ...world];
}

/** Waits until it is in its cgroup; if we die meanwhile, it does not start. */
const GATE = 'read -r _ <&3 || exit 1; exec 3<&-; exec "$@"';

async function run(line: readonly string[], env: NodeJS.ProcessEnv, cgroup: string | undefined): Promise<number> {
  // A session of its own: a signal reaches the world once, through us, whoever sent it.
  const stdio = ['inherit', 'inherit', 'inherit', 'pipe'] as const;
  const child = spawn('bash', ['-c', GATE, 'gate', ...line], { stdio: [...stdio], env, detached: true });
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  passSignals(child);
  dieWithNpm(child);
  if (cgroup !== undefined) await writeFile(join(cgroup, 'cgroup.procs'), `${child.pid}`);
  (child.stdio[3] as Socket).end('go\n');
  const [code, signal] = await ended;
  return code ?? 128 + constants.signals[signal ?? 'SIGKILL'];
}

const GRACE_MS = 10_000;

/** The first signal asks the command to stop; the second, or ten seconds, ends the world. */
function passSignals({ pid = 0 }: ChildProcess): void {
  let asked = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      process.kill(-pid, asked ? 'SIGKILL' : signal);
      if (!asked) setTimeout(() => process.kill(-pid, 'SIGKILL'), GRACE_MS).unref();
      asked = true;
    });
  }
}

/** npm and npx start us through a shell and pass no SIGKILL on: without this, `kill -9` of npm would leave the world running. */
function dieWithNpm({ pid = 0 }: ChildProcess): void {
  const lineage = () => `${process.ppid} ${/^PPid:\s*(\d+)/m.exec(readStatus(process.ppid))?.[1] ?? ''}`;
  const started = lineage();
  const watch = () => lineage() === started || process.kill(-pid, 'SIGKILL');
  if (process.env['npm_command'] !== undefined) setInterval(watch, 500).unref();
}

function readStatus(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return ''; // ended in this moment
  }
}

process.exitCode = await enter();
