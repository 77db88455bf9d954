import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ConfigError } from '../../shared/core/errors.ts';
import type { ExporterName } from '../../shared/core/model.ts';
import { buildExporter } from '../exporters/build-exporter.ts';
import { hasGo } from '../exporters/go-build.ts';
import {
  artifactKey,
  parseExportersLock,
  type Artifact,
  type ExportersLock,
  type LockedExporter,
} from '../exporters/exporters-lock.ts';
import { ENV_FOLDER, ENV_MIRROR, fault, fetchArtifact, RELEASE_PAGE, sha256Of } from '../exporters/fetch-artifact.ts';
import { progressLines } from '../progress-lines.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** Files laid out as in the bucket (`<folder>/artifacts/<name>/<version>/<file>`), and the lock that describes them. */
export interface PreparedExporters {
  readonly folder: string;
  readonly lock: ExportersLock;
}

/** What sandbox/exporters/<name>.ts exports, of an exporter that demo and tests take from elsewhere. */
type PrepareExporter = (folder: string) => Promise<LockedExporter>;

const ARCH = process.arch === 'arm64' ? 'arm64' : 'amd64';
const ORIGIN = 'built from source for demo and tests';

export const exportersFolder = (cache: string): string => join(cache, 'exporters');

/**
 * The exporters of this lock for demo and tests, for this machine at least: from sandbox/exporters where that has a
 * source of its own; else the lock's release, or, where no source has it and the Go client is installed, built by it.
 * Then the lock that is returned is another one, which says so. The second call finds all of it in the cache.
 */
export async function prepareExporters(
  cache: string,
  lock: ExportersLock,
  env: Env,
  releasePage = RELEASE_PAGE,
): Promise<PreparedExporters> {
  const folder = exportersFolder(cache);
  await mkdir(folder, { recursive: true });
  const prepared: [ExporterName, LockedExporter][] = [];
  for (const [name, locked] of Object.entries(lock)) {
    const prepare = (await ownSource(name)) ?? (() => fetchOrBuild({ name, locked, folder, env, releasePage }));
    prepared.push([name, await prepare(folder)]);
  }
  return { folder, lock: Object.fromEntries(prepared) };
}

async function ownSource(name: ExporterName): Promise<PrepareExporter | undefined> {
  const file = new URL(`../../sandbox/exporters/${name}.ts`, import.meta.url);
  const isThere = await access(file).then(
    () => true,
    () => false,
  );
  if (!isThere) return undefined;
  const { prepareExporter } = (await import(file.href)) as { readonly prepareExporter: PrepareExporter };
  return prepareExporter;
}

interface Wanted {
  readonly name: ExporterName;
  readonly locked: LockedExporter;
  readonly folder: string;
  readonly env: Env;
  readonly releasePage: string;
}

async function fetchOrBuild(wanted: Wanted): Promise<LockedExporter> {
  const { locked, env } = wanted;
  const isAskedFor = [env[ENV_FOLDER], env[ENV_MIRROR]].some(Boolean);
  const earlier = isAskedFor ? undefined : await readBuilt(wanted);
  if (earlier !== undefined) return earlier;

  const { artifacts, reasons } = await fetchAll(wanted);
  if (isEnough(artifacts, locked)) return { ...atHand(locked), artifacts };
  if (await hasGo(env)) return await build(wanted);
  const program = basename(locked.module);
  const why = reasons.length === 0 ? 'no file of it is locked' : reasons.join('; ');
  throw new ConfigError(
    `${program} ${locked.version} for ${ARCH} cannot be had (${why}). ` +
      `Put its tar.gz into a folder and name that in ${ENV_FOLDER}, name a mirror in ${ENV_MIRROR}, or install Go.`,
  );
}

type Artifacts = LockedExporter['artifacts'];

/** A lock of what is at hand names nothing that is not. */
const atHand = ({ unlocked: _, ...locked }: LockedExporter): LockedExporter => locked;

/** Demo and tests go on without: by what Go builds. */
const ONCE = { attempts: 1, onProgress: progressLines(process.stderr) };

async function fetchAll({ name, locked, folder, env, releasePage }: Wanted) {
  const artifacts: Artifacts = {};
  const reasons: string[] = [];
  for (const [key, artifact] of Object.entries(locked.artifacts)) {
    const path = join(folder, artifactKey(name, locked, artifact));
    const reason = await fetchArtifact(path, { name, locked }, artifact, { env, releasePage, ...ONCE });
    if (reason === undefined) artifacts[key] = artifact;
    else reasons.push(`${artifact.file}: ${reason}`);
  }
  return { artifacts, reasons };
}

/** This machine's file, or all of them where they are not by architecture. */
function isEnough(artifacts: Artifacts, locked: LockedExporter): boolean {
  const keys = Object.keys(locked.artifacts);
  if (keys.includes('amd64') || keys.includes('arm64')) return ARCH in artifacts;
  return keys.length > 0 && keys.every((key) => key in artifacts);
}

const builtLock = ({ name, folder }: Wanted): string => join(folder, `${name}.lock`);

/** The lock of an earlier build of the same version whose file is still what it was. */
async function readBuilt(wanted: Wanted): Promise<LockedExporter | undefined> {
  const { name, locked, folder } = wanted;
  const text = await readFile(builtLock(wanted), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const earlier = parseExportersLock(text, builtLock(wanted))[name];
  const artifact = earlier?.artifacts[ARCH];
  if (earlier?.version !== locked.version || artifact === undefined) return undefined;
  return (await fault(join(folder, artifactKey(name, locked, artifact)), artifact)) === undefined ? earlier : undefined;
}

async function build(wanted: Wanted): Promise<LockedExporter> {
  const { name, locked, folder, env } = wanted;
  const program = basename(locked.module);
  const file = `${program}-${locked.version}.linux-${ARCH}.tar.gz`;
  const path = join(folder, artifactKey(name, locked, { file, sha256: '' }));
  process.stderr.write(
    `Building ${program} ${locked.version} from source, for no release can be reached (a minute or two)…\n`,
  );
  await mkdir(dirname(path), { recursive: true });
  await buildExporter(locked, path, env);
  const bytes = await readFile(path);
  const artifact: Artifact = { file, size: bytes.length, sha256: sha256Of(bytes) };
  const built = { ...atHand(locked), origin: ORIGIN, artifacts: { [ARCH]: artifact } };
  await writeFile(builtLock(wanted), `${JSON.stringify({ [name]: built }, undefined, 2)}\n`);
  return built;
}
