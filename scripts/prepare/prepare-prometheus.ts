import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ConfigError } from '../../shared/core/errors.ts';
import { fetchArtifact } from '../exporters/fetch-artifact.ts';
import { progressLines } from '../progress-lines.ts';
import { readRelease, type Release } from '../exporters/releases.ts';

type Env = Readonly<Record<string, string | undefined>>;

export interface Prometheus {
  readonly prometheus: string;
  readonly promtool: string;
  /** Flags that this build needs: Debian's has its pages beside it, not inside. */
  readonly flags: readonly string[];
}

const exec = promisify(execFile);
const MAX_OUTPUT = 16 * 1024 * 1024;
const run = (command: string, args: readonly string[], cwd: string) =>
  exec(command, args, { cwd, maxBuffer: MAX_OUTPUT, env: { ...process.env, LC_ALL: 'C' } });

/**
 * A Prometheus to run, never installed: the pinned release where its page, a mirror or a local folder has it, else what
 * is in Debian's package. The second call finds it in the cache.
 */
export async function preparePrometheus(cache: string, env: Env = process.env): Promise<Prometheus> {
  const folder = join(cache, 'prometheus');
  const ready = await inFolder(folder);
  if (ready !== undefined) return ready;
  process.stderr.write(`Fetching Prometheus into ${folder} (up to a minute)…\n`);
  await mkdir(cache, { recursive: true });
  const draft = await mkdtemp(join(cache, 'prometheus-draft-'));
  const release = await readRelease('prometheus');
  try {
    const reason = await unpackRelease(draft, release, env);
    if (reason !== undefined) await unpackDebian(draft, release, reason);
    // The cache's readers run as other users; mkdtemp made this 0700.
    await run('chmod', ['-R', 'a+rX', draft], cache);
    await rename(draft, folder).catch(() => undefined); // Another run was quicker: its folder is as good.
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  const prepared = await inFolder(folder);
  if (prepared === undefined) throw new ConfigError(`${folder} holds no Prometheus: remove it and try again`);
  return prepared;
}

async function inFolder(folder: string): Promise<Prometheus | undefined> {
  const [prometheus, promtool] = [join(folder, 'prometheus'), join(folder, 'promtool')];
  if (!(await exists(prometheus)) || !(await exists(promtool))) return undefined;
  const pages = join(folder, 'web');
  return { prometheus, promtool, flags: (await exists(pages)) ? [`--web.local-assets=${pages}/`] : [] };
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** Answers why there is none. */
async function unpackRelease(folder: string, release: Release, env: Env): Promise<string | undefined> {
  const artifact = release.locked.artifacts[process.arch === 'arm64' ? 'arm64' : 'amd64'];
  if (artifact === undefined || process.platform !== 'linux') return `no release for ${process.platform}`;
  const archive = join(folder, artifact.file);
  const onProgress = progressLines(process.stderr);
  const reason = await fetchArtifact(archive, release, artifact, { env, attempts: 1, onProgress });
  if (reason !== undefined) return reason;
  const inside = artifact.file.replace('.tar.gz', '');
  const files = ['prometheus', 'promtool'].map((name) => `${inside}/${name}`);
  await run('tar', ['-xzf', archive, '--strip-components=1', ...files], folder);
  await rm(archive);
  return undefined;
}

async function unpackDebian(folder: string, { locked: { version } }: Release, reason: string): Promise<void> {
  process.stderr.write(`Prometheus ${version}: ${reason}. Taking Debian's package instead.\n`);
  try {
    await downloadPackage(folder);
  } catch (cause) {
    throw new ConfigError(
      `Prometheus ${version} cannot be had (${reason}), nor Debian's package. ` +
        'Put the release into a folder and name that in PROMETHEUS_ON_EMR_ARTIFACTS.',
      { cause },
    );
  }
  const deb = (await readdir(folder)).find((name) => name.endsWith('.deb')) ?? '';
  await run('dpkg-deb', ['-x', deb, 'package'], folder);
  for (const path of ['bin/prometheus', 'bin/promtool', 'share/prometheus/web'])
    await rename(join(folder, 'package/usr', path), join(folder, path.replace(/.*\//, '')));
  await Promise.all([deb, 'package', 'apt'].map((name) => rm(join(folder, name), { recursive: true, force: true })));
}

/** On a machine that has never run apt-get update, with package lists of its own: that needs no root. */
async function downloadPackage(folder: string): Promise<void> {
  try {
    await run('apt-get', ['download', 'prometheus'], folder);
  } catch {
    const state = join(folder, 'apt');
    await mkdir(join(state, 'lists/partial'), { recursive: true });
    const own = [`Dir::State::lists=${state}/lists`, `Dir::Cache=${state}`, 'APT::Sandbox::User='];
    const options = own.flatMap((option) => ['-o', option]);
    await run('apt-get', [...options, '-qq', 'update'], folder);
    await run('apt-get', [...options, 'download', 'prometheus'], folder);
  }
}
