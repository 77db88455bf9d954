import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { artifactKey, type Artifact, type LockedExporter } from '../../scripts/exporters/exporters-lock.ts';
import { fault } from '../../scripts/exporters/fetch-artifact.ts';
import { ConfigError } from '../../shared/core/errors.ts';

/** The newest jmx_exporter that Maven repositories have. */
export const LOCKED = {
  version: '1.0.1',
  module: 'github.com/prometheus/jmx_exporter',
  tag: '1.0.1',
  origin: 'from Maven, for demo and tests',
  artifacts: {
    // The program that later releases call jmx_prometheus_standalone.
    standalone: {
      file: 'jmx_prometheus_httpserver-1.0.1.jar',
      sha256: 'a493eb637f9eb827dc3bee2a8cb0dc6bf2b291ace896d4ebfe98b055e394ab1b',
    },
    agent: {
      file: 'jmx_prometheus_javaagent-1.0.1.jar',
      sha256: '7d61f737fd661610ccc14aea79764faa1ea94a340cbc8f0029b3d2edea3d80c1',
    },
  },
} satisfies LockedExporter;

const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy';

/** Puts jmx_exporter's jars under `folder` as they lie in the bucket, and answers the lock that describes them. */
export async function prepareExporter(folder: string): Promise<LockedExporter> {
  for (const artifact of Object.values(LOCKED.artifacts)) await fetchJar(folder, artifact);
  return LOCKED;
}

async function fetchJar(folder: string, artifact: Artifact): Promise<void> {
  const path = join(folder, artifactKey('jmx', LOCKED, artifact));
  if ((await fault(path, artifact)) === undefined) return;
  const into = join(path, '..');
  await mkdir(into, { recursive: true });
  const name = artifact.file.replace(`-${LOCKED.version}.jar`, '');
  const flags = ['--batch-mode', '--quiet', '--strict-checksums'];
  const what = [`-Dartifact=io.prometheus.jmx:${name}:${LOCKED.version}`, `-DoutputDirectory=${into}`];
  await promisify(execFile)('mvn', [...flags, COPY, ...what], { cwd: folder }).catch((cause: unknown) => {
    throw new ConfigError(
      `${artifact.file} cannot be had through Maven. Install Debian's package maven, and see that a Maven repository can be reached.`,
      { cause },
    );
  });
  const wrong = await fault(path, artifact);
  if (wrong !== undefined) throw new ConfigError(`${artifact.file} from Maven is not the one that is known: ${wrong}`);
}
