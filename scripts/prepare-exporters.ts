import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ConfigError } from '../shared/core/errors.ts';
import type { Arch } from '../shared/core/model.ts';
import { buildExporter, hasGo } from './build-exporter.ts';
import {
  artifactKey,
  readExportersLock,
  type Artifact,
  type ExportersLock,
  type LockedExporter,
} from './exporters-lock.ts';
import { ENV_FOLDER, ENV_MIRROR, fault, fetchArtifact, RELEASE_PAGE, sha256Of } from './fetch-artifact.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** Files laid out as in the bucket (`<folder>/artifacts/<name>/<version>/<file>`), and the lock that describes them. */
export interface PreparedExporters {
  readonly folder: string;
  readonly lock: ExportersLock;
}

const HOST_ARCH: Arch = process.arch === 'arm64' ? 'arm64' : 'amd64';
const ORIGIN = 'built from source for demo and tests';

/**
 * The exporters for demo and tests, for this machine at least: those of the lock, or, where no source has them and the
 * Go client is installed, built by it. Then the lock that is returned is another one, which says so and lies beside
 * them as exporters.lock. The second call finds all of it in the cache.
 */
export async function prepareExporters(
  cache: string,
  lock: ExportersLock,
  env: Env,
  releasePage = RELEASE_PAGE,
): Promise<PreparedExporters> {
  const built = join(cache, 'exporters-built');
  const isAskedFor = [env[ENV_FOLDER], env[ENV_MIRROR]].some(Boolean);
  const earlier = isAskedFor ? undefined : await readBuilt(built, lock);
  if (earlier !== undefined) return { folder: built, lock: earlier };

  const released = join(cache, 'exporters');
  const { artifacts, reasons } = await fetchAll(released, lock, env, releasePage);
  if (artifacts[HOST_ARCH] !== undefined) return { folder: released, lock: { node: { ...lock.node, artifacts } } };
  if (await hasGo(env)) return { folder: built, lock: await build(built, lock, env) };
  throw new ConfigError(
    `node_exporter ${lock.node.version} for ${HOST_ARCH} cannot be had (${reasons.join('; ')}). ` +
      `Put its tar.gz into a folder and name that in ${ENV_FOLDER}, name a mirror in ${ENV_MIRROR}, or install Go.`,
  );
}

type Artifacts = LockedExporter['artifacts'];

async function fetchAll(folder: string, { node }: ExportersLock, env: Env, releasePage: string) {
  const artifacts: Partial<Record<Arch, Artifact>> = {};
  const reasons: string[] = [];
  for (const [arch, artifact] of entries(node.artifacts)) {
    const path = join(folder, artifactKey('node', node, artifact));
    const reason = await fetchArtifact(path, node, artifact, env, releasePage);
    if (reason === undefined) artifacts[arch] = artifact;
    else reasons.push(`${artifact.file}: ${reason}`);
  }
  return { artifacts, reasons };
}

const entries = ({ amd64, arm64 }: Artifacts): readonly (readonly [Arch, Artifact])[] => [
  ...(amd64 ? [['amd64', amd64] as const] : []),
  ...(arm64 ? [['arm64', arm64] as const] : []),
];

/** The lock of an earlier build of the same version whose file is still what it was. */
async function readBuilt(folder: string, { node }: ExportersLock): Promise<ExportersLock | undefined> {
  const earlier = await readExportersLock(join(folder, 'exporters.lock')).catch(() => undefined);
  const artifact = earlier?.node.artifacts[HOST_ARCH];
  if (earlier?.node.version !== node.version || artifact === undefined) return undefined;
  return (await fault(join(folder, artifactKey('node', node, artifact)), artifact)) === undefined ? earlier : undefined;
}

async function build(folder: string, { node }: ExportersLock, env: Env): Promise<ExportersLock> {
  const file = `node_exporter-${node.version}.linux-${HOST_ARCH}.tar.gz`;
  const path = join(folder, artifactKey('node', node, { file, sha256: '' }));
  process.stderr.write(
    `Building node_exporter ${node.version} from source, for no release can be reached (a minute or two)…\n`,
  );
  await mkdir(dirname(path), { recursive: true });
  await buildExporter(node, path, env);
  const bytes = await readFile(path);
  const artifact = { file, size: bytes.length, sha256: sha256Of(bytes) };
  const lock = { node: { ...node, origin: ORIGIN, artifacts: { [HOST_ARCH]: artifact } } };
  await writeFile(join(folder, 'exporters.lock'), `${JSON.stringify(lock, undefined, 2)}\n`);
  return lock;
}
