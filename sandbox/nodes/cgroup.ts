import { chown, mkdir, readdir, readFile, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Host, ownCgroup } from './host-check.ts';

const PREFIX = 'prometheus-on-emr.';
const RELEASE_DEADLINE_MS = 5_000;

/** A cgroup for one world, owned by its root. None where systemd gives the world a scope. */
export async function claimCgroup({ cgroup, cgroupMount = '' }: Host, owner: number): Promise<string | undefined> {
  if (cgroup === undefined || cgroup === 'scope') return undefined;
  const parent = cgroup === 'root' ? cgroupMount : join(cgroupMount, ownCgroup());
  await sweepCgroups(parent);
  const claimed = join(parent, `${PREFIX}${process.pid}`);
  await mkdir(claimed, { recursive: true });
  const files = ['', 'cgroup.procs', 'cgroup.threads', 'cgroup.subtree_control'];
  if (cgroup === 'root') await Promise.all(files.map((file) => chown(join(claimed, file), owner, owner)));
  return claimed;
}

export async function releaseCgroup(cgroup: string): Promise<void> {
  const deadline = Date.now() + RELEASE_DEADLINE_MS;
  // The last of the killed processes may still be on their way out.
  while (!(await removeEmpty(cgroup)) && Date.now() < deadline) await sleep(20);
}

/** A world that was killed with -9 leaves its empty cgroup behind: the next one removes it. */
async function sweepCgroups(parent: string): Promise<void> {
  const left = (await readdir(parent)).filter((name) => name.startsWith(PREFIX));
  for (const name of left) {
    const events = await readFile(join(parent, name, 'cgroup.events'), 'utf8').catch(() => '');
    if (!isAlive(Number(name.slice(PREFIX.length))) && events.includes('populated 0'))
      await removeEmpty(join(parent, name));
  }
}

async function removeEmpty(cgroup: string): Promise<boolean> {
  const entries = await readdir(cgroup, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) if (entry.isDirectory()) await removeEmpty(join(cgroup, entry.name));
  return rmdir(cgroup).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code === 'ENOENT',
  );
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
