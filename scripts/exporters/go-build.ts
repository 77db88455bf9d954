import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

type Env = Readonly<Record<string, string | undefined>>;

export const hasGo = async (env: Env): Promise<boolean> =>
  run('go', ['version'], { env }).then(
    () => true,
    () => false,
  );

export type Folders = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Programs of one module. */
export interface GoPrograms {
  readonly module: string;
  /** With its `v`. */
  readonly moduleVersion: string;
  /** What the programs call themselves; a plain build calls itself version "". */
  readonly version: string;
  /** Where the programs are in the module's folder; '' is that folder. */
  readonly packages: (source: string) => readonly string[];
  readonly tags?: readonly string[];
  /** Folders of the module that hold something else in this build: texts by file. */
  readonly folders?: Folders;
  /** Of the module's own files, those that come along. */
  readonly files: readonly string[];
}

/**
 * Builds a pinned module version for this machine with the Go client, which checks it against Go's checksum database,
 * into `folder`. Go's caches live and go with the build.
 */
export async function goBuild(programs: GoPrograms, folder: string, env: Env): Promise<void> {
  const { module, moduleVersion, version, tags = [], folders = {} } = programs;
  const work = await mkdtemp(`${folder}-go-`);
  const gopath = join(work, 'go');
  const go = async (...args: readonly string[]) =>
    await run('go', args, {
      cwd: work,
      env: { ...env, GOPATH: gopath, GOCACHE: join(work, 'cache'), GOFLAGS: '-mod=mod -modcacherw', CGO_ENABLED: '0' },
    });
  try {
    // A module that requires this one: to ask for a package by its path would ask every proxy for shorter modules, too.
    await go('mod', 'init', 'build');
    await go('mod', 'edit', `-require=${module}@${moduleVersion}`);
    await go('mod', 'download', module);
    const source = join(gopath, 'pkg/mod', `${module}@${moduleVersion}`);
    for (const [name, files] of Object.entries(folders)) await replace(join(source, name), files);
    const stamp = `-ldflags=-s -w -X github.com/prometheus/common/version.Version=${version}`;
    const packages = programs.packages(source).map((path) => (path === '' ? module : `${module}/${path}`));
    await go('build', '-trimpath', `-tags=${tags.join(',')}`, stamp, '-o', `${folder}/`, ...packages);
    await run('install', ['-m', '644', ...programs.files.map((name) => join(source, name)), folder]);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function replace(folder: string, files: Folders[string]): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
}
