import { execFile } from 'node:child_process';
import { globSync } from 'node:fs';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { ConfigError } from '../../shared/core/errors.ts';
import { type Artifact, artifactKey } from '../exporters/exporters-lock.ts';
import { sha256Of } from '../exporters/fetch-artifact.ts';
import type { Release } from '../exporters/releases.ts';
import { bundleSidecar } from '../package/bundle-sidecar.ts';

const ROOT = join(import.meta.dirname, '../..');
const run = promisify(execFile);

/** What the installer needs besides the releases: the folder in the bundle, and what of this checkout is in it. */
const PARTS = {
  '.': ['infra/host/*.sh', 'infra/host/*.service', 'infra/host/*.timer', 'infra/alertmanager/alertmanager.yml'],
  prometheus: ['infra/prometheus/prometheus.yml', 'infra/prometheus/scrape.yml'],
  grafana: ['infra/host/grafana/grafana.ini', 'infra/host/grafana/datasources', 'infra/host/grafana/dashboards'],
} as const;

/** The host's own architecture, and of tests' machines the other. */
type Architecture = 'arm64' | 'amd64';

export interface HostRelease {
  readonly name: string;
  readonly version: string;
  readonly artifact: Artifact;
}

/** Of each release the file for this architecture. */
export const hostReleases = (releases: readonly Release[], arch: Architecture): readonly HostRelease[] =>
  releases.map(({ name, locked }) => {
    const artifact = locked.artifacts[arch];
    if (artifact === undefined) throw new ConfigError(`${name} ${locked.version} is not locked for ${arch}`);
    return { name, version: locked.version, artifact };
  });

/** Puts all that infra/host/install-host.sh needs into the folder, but the releases themselves. */
export async function writeHostBundle(folder: string, releases: readonly HostRelease[], root = ROOT): Promise<void> {
  for (const [to, patterns] of Object.entries(PARTS)) {
    const files = globSync(patterns, { cwd: root }).toSorted();
    for (const file of files) await cp(join(root, file), join(folder, to, basename(file)), { recursive: true });
  }
  await bundleSidecar(join(folder, 'prometheus-on-emr-sidecar.mjs'));
  const lines = releases.map(({ name, version, artifact: { sha256, file } }) =>
    [name, version, sha256, file].join(' '),
  );
  await writeFile(join(folder, 'releases.txt'), `${lines.join('\n')}\n`);
}

/** The same content is the same archive, so that a host is replaced only when something changed. */
export async function packHostBundle(folder: string): Promise<Uint8Array> {
  const plain = ['--format=ustar', '--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner'];
  const modes = '--mode=u=rwX,go=rX';
  const archive = join(dirname(folder), `${basename(folder)}.tar`);
  await run('tar', [...plain, modes, '-cf', archive, '-C', folder, '.']);
  return gzipSync(await readFile(archive));
}

const FILE = 'host.tar.gz';

/** The bundle as a release: its version is its content's, so that no key of the bucket is ever written over. */
export function bundleRelease(bytes: Uint8Array): Release {
  const sha256 = sha256Of(bytes);
  const artifacts = { all: { file: FILE, size: bytes.length, sha256 } };
  const locked = { version: sha256.slice(0, 16), module: 'github.com/-/prometheus-on-emr', artifacts };
  return { name: 'host', kind: 'host', path: 'infra/host', locked };
}

/** `artifacts/host/<version>/host.tar.gz`. */
export const bundleKey = ({ name, locked }: Release): string => artifactKey(name, locked, { file: FILE, sha256: '' });
