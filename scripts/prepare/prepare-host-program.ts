import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { ConfigError } from '../../shared/core/errors.ts';
import { fetchArtifact } from '../exporters/fetch-artifact.ts';
import { type Folders, goBuild, hasGo } from '../exporters/go-build.ts';
import { readRelease, type Release } from '../exporters/releases.ts';
import { progressLines } from '../progress-lines.ts';

export type Env = Readonly<Record<string, string | undefined>>;

/** One release for the Prometheus host, as demo and tests take it. */
export interface HostProgram {
  /** Of infra/host/<name>/release.lock. */
  readonly name: 'prometheus' | 'alertmanager';
  /** The first is the server. */
  readonly programs: readonly string[];
  /** The module's version for a release's: Go wants major version 2 and up in the module's path. */
  readonly moduleVersion: (version: string) => string;
  readonly tags?: readonly string[];
  readonly folders?: Folders;
  readonly debian: {
    readonly package: string;
    /** Below /usr, each with its name here. */
    readonly files: Readonly<Record<string, string>>;
  };
}

const exec = promisify(execFile);
const MAX_OUTPUT = 16 * 1024 * 1024;
const run = (command: string, args: readonly string[], cwd: string) =>
  exec(command, args, { cwd, maxBuffer: MAX_OUTPUT, env: { ...process.env, LC_ALL: 'C' } });

/**
 * Answers the folder with its programs, never installed: the pinned release where its page, a mirror or a local folder
 * has it; else the same version, built by the Go client; else what is in Debian's package. The second call finds it in
 * the cache.
 */
export async function prepareHostProgram(program: HostProgram, cache: string, env: Env): Promise<string> {
  const release = await readRelease(program.name);
  const { version } = release.locked;
  const folder = join(cache, `${program.name}-${version}`);
  if (await isWhole(folder, program)) return folder;
  process.stderr.write(`Fetching ${program.name} ${version} into ${folder} (up to a minute)…\n`);
  await mkdir(cache, { recursive: true });
  const draft = await mkdtemp(join(cache, `${program.name}-draft-`));
  try {
    const reason = await unpackRelease(draft, release, program, env);
    if (reason !== undefined) await findElsewhere(draft, release, { program, reason, env });
    // The cache's readers run as other users; mkdtemp made this 0700.
    await run('chmod', ['-R', 'a+rX', draft], cache);
    await rename(draft, folder).catch(() => undefined); // Another run was quicker: its folder is as good.
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  if (!(await isWhole(folder, program)))
    throw new ConfigError(`${folder} holds no ${program.name}: remove it and try again`);
  return folder;
}

async function isWhole(folder: string, { programs }: HostProgram): Promise<boolean> {
  const found = await Promise.all(programs.map((name) => exists(join(folder, name))));
  return found.every(Boolean);
}

export const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** Answers why there is none. */
async function unpackRelease(
  folder: string,
  release: Release,
  { programs }: HostProgram,
  env: Env,
): Promise<string | undefined> {
  const artifact = release.locked.artifacts[process.arch === 'arm64' ? 'arm64' : 'amd64'];
  if (artifact === undefined || process.platform !== 'linux') return `no release for ${process.platform}`;
  const archive = join(folder, artifact.file);
  const onProgress = progressLines(process.stderr);
  const reason = await fetchArtifact(archive, release, artifact, { env, attempts: 1, onProgress });
  if (reason !== undefined) return reason;
  const inside = artifact.file.replace('.tar.gz', '');
  await run('tar', ['-xzf', archive, '--strip-components=1', ...programs.map((name) => `${inside}/${name}`)], folder);
  await rm(archive);
  return undefined;
}

interface Why {
  readonly program: HostProgram;
  /** Why there is no release. */
  readonly reason: string;
  readonly env: Env;
}

async function findElsewhere(folder: string, release: Release, { program, reason, env }: Why): Promise<void> {
  const { module, version } = release.locked;
  const say = (what: string) => process.stderr.write(`${program.name} ${version}: ${what}\n`);
  let built = 'Go is not installed';
  if (await hasGo(env)) {
    say(`${reason}. Building it from source instead (some minutes, once)…`);
    const packages = program.programs.map((name) => `cmd/${name}`);
    const moduleVersion = program.moduleVersion(version);
    const { tags = [], folders = {} } = program;
    const failure = await goBuild(
      { module, moduleVersion, version, packages: () => packages, tags, folders, files: ['LICENSE', 'NOTICE'] },
      folder,
      env,
    ).then(
      () => undefined,
      (error: unknown) => String(error),
    );
    if (failure === undefined) return;
    built = failure;
  }
  say(`${reason}; ${built}. Taking Debian's package instead.`);
  await unpackDebian(folder, program).catch((cause: unknown) => {
    throw new ConfigError(
      `${program.name} ${version} cannot be had (${reason}; ${built}), nor Debian's package. ` +
        'Put the release into a folder and name that in PROMETHEUS_ON_EMR_ARTIFACTS.',
      { cause },
    );
  });
}

async function unpackDebian(folder: string, { debian }: HostProgram): Promise<void> {
  await downloadPackage(folder, debian.package);
  const deb = (await readdir(folder)).find((name) => name.endsWith('.deb')) ?? '';
  await run('dpkg-deb', ['-x', deb, 'package'], folder);
  for (const [path, name] of Object.entries(debian.files))
    await rename(join(folder, 'package/usr', path), join(folder, basename(name)));
  await Promise.all([deb, 'package', 'apt'].map((name) => rm(join(folder, name), { recursive: true, force: true })));
}

/** On a machine that has never run apt-get update, with package lists of its own: that needs no root. */
async function downloadPackage(folder: string, name: string): Promise<void> {
  try {
    await run('apt-get', ['download', name], folder);
  } catch {
    const state = join(folder, 'apt');
    await mkdir(join(state, 'lists/partial'), { recursive: true });
    const own = [`Dir::State::lists=${state}/lists`, `Dir::Cache=${state}`, 'APT::Sandbox::User='];
    const options = own.flatMap((option) => ['-o', option]);
    await run('apt-get', [...options, '-qq', 'update'], folder);
    await run('apt-get', [...options, 'download', name], folder);
  }
}
