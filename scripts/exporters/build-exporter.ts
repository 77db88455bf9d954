import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { LockedExporter } from './exporters-lock.ts';
import { goBuild } from './go-build.ts';

const run = promisify(execFile);

type Env = Readonly<Record<string, string | undefined>>;

/** Builds the pinned exporter for this machine, and packs it as the release packs it. A minute or two. */
export async function buildExporter({ module, version }: LockedExporter, archive: string, env: Env): Promise<void> {
  const work = await mkdtemp(join(dirname(archive), 'build-'));
  const release = join(work, basename(archive, '.tar.gz'));
  const below = `cmd/${basename(module)}`;
  const programs = {
    module,
    moduleVersion: `v${version}`,
    version,
    packages: (source: string) => [existsSync(join(source, below)) ? below : ''],
    files: ['LICENSE', 'NOTICE'],
  };
  try {
    await mkdir(release);
    await goBuild(programs, release, env);
    const plain = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner'];
    await run('tar', [...plain, '-czf', `${release}.tar.gz`, '-C', work, basename(release)]);
    await rename(`${release}.tar.gz`, archive);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
