import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from '../../scripts/cache-folder.ts';
import {
  artifactKey,
  lockedExporter,
  readExportersLock,
  type LockedExporter,
} from '../../scripts/exporters/exporters-lock.ts';
import { prepareExporters } from '../../scripts/prepare/prepare-exporters.ts';
import { body, type ArtifactServer } from './artifact-server.ts';
import type { Release } from './releases.ts';
import type { DocumentRun } from './run-document.ts';

export interface GraphiteOrders {
  /** The prepared release, or this one, with the parameters of an order. */
  install(parameters?: Readonly<Record<string, string>>, release?: Release): DocumentRun;
  readonly uninstall: DocumentRun;
  readonly release: Release;
}

/** Orders for the documents of graphite, with artifacts as the functions presign them. */
export async function graphiteOrders(server: ArtifactServer): Promise<GraphiteOrders> {
  const locked = lockedExporter(await readExportersLock(), 'graphite');
  const prepared = await prepareExporters(cacheFolder(process.env), { graphite: locked }, process.env);
  const graphite = lockedExporter(prepared.lock, 'graphite');
  const artifact = graphite.artifacts[process.arch === 'arm64' ? 'arm64' : 'amd64'];
  if (artifact === undefined) throw new Error('no graphite_exporter for this machine');
  const bytes = await readFile(join(prepared.folder, artifactKey('graphite', graphite, artifact)));
  const shipped = { version: graphite.version, file: artifact.file, bytes, sha256: artifact.sha256 };
  const lockOf = ({ version, file, sha256 }: Release): Readonly<Record<string, LockedExporter>> => ({
    graphite: { ...graphite, version, artifacts: { amd64: { file, sha256 }, arm64: { file, sha256 } } },
  });
  return {
    release: shipped,
    install(parameters = {}, release = shipped) {
      const url = server.on(`/graphite-${release.version}-${release.sha256}`, body(release.bytes));
      const fixed = { UrlAmd64: url, UrlArm64: url, Port: '9108', Tier: 'essential', Applications: 'false' };
      return { lock: lockOf(release), exporter: 'graphite', parameters: { ...fixed, ...parameters } };
    },
    uninstall: { lock: lockOf(shipped), exporter: 'graphite', action: 'uninstall' },
  };
}

/** The program of that release, for what can be made of it. */
export function graphiteProgram({ file, bytes }: Release): Buffer {
  const member = `${file.replace('.tar.gz', '')}/graphite_exporter`;
  return execFileSync('tar', ['-xzOf', '-', member], { input: bytes, maxBuffer: 100_000_000 });
}
