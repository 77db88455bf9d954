import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { LockedExporter } from './exporters-lock.ts';

const run = promisify(execFile);

type Env = Readonly<Record<string, string | undefined>>;

export const hasGo = async (env: Env): Promise<boolean> =>
  run('go', ['version'], { env }).then(
    () => true,
    () => false,
  );

/**
 * Builds the pinned module version for this machine with the Go client, which checks it against Go's checksum database,
 * and packs it as the release packs it. A minute or two; Go's caches live and go with the build.
 */
export async function buildExporter({ module, version }: LockedExporter, archive: string, env: Env): Promise<void> {
  const work = await mkdtemp(join(dirname(archive), 'build-'));
  const release = join(work, basename(archive, '.tar.gz'));
  const gopath = join(work, 'go');
  const go = async (...args: readonly string[]) =>
    await run('go', args, {
      cwd: work,
      env: { ...env, GOPATH: gopath, GOCACHE: join(work, 'cache'), GOFLAGS: '-mod=mod -modcacherw', CGO_ENABLED: '0' },
    });
  try {
    // A module that requires this one: to ask for a package by its path would ask every proxy for shorter modules, too.
    await go('mod', 'init', 'build');
    await go('mod', 'edit', `-require=${module}@v${version}`);
    await go('mod', 'download', module);
    const source = join(gopath, 'pkg/mod', `${module}@v${version}`);
    const program = basename(module);
    const isBelow = existsSync(join(source, 'cmd', program));
    await mkdir(release);
    // A plain build calls itself version "".
    const stamp = `-ldflags=-s -w -X github.com/prometheus/common/version.Version=${version}`;
    await go('build', '-trimpath', stamp, '-o', join(release, program), isBelow ? `${module}/cmd/${program}` : module);
    await run('install', ['-m', '644', join(source, 'LICENSE'), join(source, 'NOTICE'), release]);
    const plain = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner'];
    await run('tar', [...plain, '-czf', `${release}.tar.gz`, '-C', work, basename(release)]);
    await rename(`${release}.tar.gz`, archive);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
