import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';

const PYTHON = '/usr/bin/python3';

/** Debian's awscli with what it needs, unpacked into the cache and not installed; answers how to run a command of it. */
export async function prepareAwscli(cache: string) {
  const folder = join(cache, 'awscli');
  if (!existsSync(folder)) await unpack(folder);
  const own = join(folder, 'usr/bin/aws');
  // Where awscli is installed already, apt-get had nothing to fetch.
  const aws = existsSync(own) ? own : '/usr/bin/aws';
  const env = { PYTHONPATH: join(folder, 'usr/lib/python3/dist-packages'), HOME: folder };
  return async (args: readonly string[], account: Readonly<Record<string, string>>): Promise<void> => {
    const child = spawn(PYTHON, [aws, ...args], {
      env: { ...account, ...env },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const [code] = (await once(child, 'close')) as [number];
    if (code !== 0) throw new Error(`aws ${args.join(' ')} ended with ${code}`);
  };
}

async function unpack(folder: string): Promise<void> {
  if (!existsSync(PYTHON)) throw new Error(`${PYTHON} is missing: apt-get install python3`);
  process.stderr.write(`Unpacking Debian's awscli into ${folder}…\n`);
  const draft = `${folder}.draft`;
  const archives = join(draft, 'archives');
  await mkdir(join(archives, 'partial'), { recursive: true });
  const options = ['-qq', '-y', '--no-install-recommends', '--download-only', '-o', 'Debug::NoLocking=1'];
  run('apt-get', [...options, '-o', `Dir::Cache::archives=${archives}`, 'install', 'awscli']);
  for (const name of await readdir(archives)) {
    if (name.endsWith('.deb')) run('dpkg-deb', ['-x', join(archives, name), draft]);
  }
  await rename(draft, folder);
}

function run(command: string, args: readonly string[]): void {
  const { status } = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}`);
}
