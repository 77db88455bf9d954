import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from '../../scripts/cache-folder.ts';
import {
  artifactKey,
  lockedExporter,
  readExportersLock,
  type ExportersLock,
} from '../../scripts/exporters/exporters-lock.ts';
import { prepareExporters } from '../../scripts/prepare/prepare-exporters.ts';
import type { Arch } from '../../shared/core/model.ts';

const run = promisify(execFile);

/** A tar.gz laid out as node_exporter's release. */
export interface Release {
  readonly version: string;
  readonly file: string;
  readonly bytes: Buffer;
  readonly sha256: string;
}

/** The prepared release of this machine's architecture, and what can be made of its program. */
export async function prepared(): Promise<{ readonly release: Release; readonly program: Buffer }> {
  const lock = { node: lockedExporter(await readExportersLock(), 'node') };
  const exporters = await prepareExporters(cacheFolder(process.env), lock, process.env);
  const node = lockedExporter(exporters.lock, 'node');
  const artifact = node.artifacts[process.arch === 'arm64' ? 'arm64' : 'amd64'];
  if (artifact === undefined) throw new Error('no node_exporter for this machine');
  const { file, sha256 } = artifact;
  const path = join(exporters.folder, artifactKey('node', node, artifact));
  const { stdout } = await run('tar', ['-xzOf', path, `${file.replace('.tar.gz', '')}/node_exporter`], {
    encoding: 'buffer',
    maxBuffer: 100_000_000,
  });
  return { release: { version: node.version, file, bytes: await readFile(path), sha256 }, program: stdout };
}

/** The same program with one text in it replaced by another as long: another version, or one that does not start. */
export function altered(program: Buffer, from: string, to: string): Buffer {
  const copy = Buffer.from(program);
  let at = copy.indexOf(from);
  if (at < 0 || from.length !== to.length) throw new Error(`${from} cannot become ${to}`);
  for (; at >= 0; at = copy.indexOf(from, at)) copy.write(to, at, 'latin1');
  return copy;
}

export async function packed(
  program: Buffer,
  version: string,
  arch: Arch = 'amd64',
  of = 'node_exporter',
): Promise<Release> {
  const work = await mkdtemp(join(tmpdir(), 'release-'));
  const name = `${of}-${version}.linux-${arch}`;
  try {
    await mkdir(join(work, name));
    await writeFile(join(work, name, of), program, { mode: 0o755 });
    await run('tar', ['-I', 'gzip -1', '-cf', `${name}.tar.gz`, name], { cwd: work });
    const bytes = await readFile(join(work, `${name}.tar.gz`));
    return { version, file: `${name}.tar.gz`, bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** A lock of these releases; both architectures are `amd64` unless the other is given. */
export function lockOf(amd64: Release, arm64: Release = amd64): ExportersLock {
  const entry = ({ file, sha256 }: Release) => ({ file, sha256 });
  const artifacts = { amd64: entry(amd64), arm64: entry(arm64) };
  return { node: { version: amd64.version, module: 'github.com/prometheus/node_exporter', artifacts } };
}
