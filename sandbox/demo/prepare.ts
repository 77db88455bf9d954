import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleSidecar } from '../../scripts/bundle-sidecar.ts';
import { readExportersLock } from '../../scripts/exporters-lock.ts';
import { lockFile } from '../../scripts/package-stack.ts';
import { packagedStack } from '../../scripts/packaged-stack.ts';
import { prepareExporters, type PreparedExporters } from '../../scripts/prepare-exporters.ts';
import { prepareJmxExporter } from '../../scripts/prepare-jmx-exporter.ts';
import { preparePrometheus, type Prometheus } from '../../scripts/prepare-prometheus.ts';

export interface Prepared {
  /** The packaged stack: template and unpacked functions. */
  readonly stack: string;
  readonly exporters: PreparedExporters;
  /** File with what the stack was packaged with, in place of infra/exporters.lock. */
  readonly lock: string;
  readonly prometheus: Prometheus;
  /** The bundled sidecar. */
  readonly sidecar: string;
}

/**
 * Everything that the story needs besides nodes; all of it is kept in the cache, so a second call takes a second.
 * `withJmx`: jmx_exporter is installed as well.
 */
export async function prepare(cache: string, env: NodeJS.ProcessEnv, withJmx = false): Promise<Prepared> {
  await mkdir(cache, { recursive: true });
  // One builds, the other waits for the network.
  const [exporters, prometheus] = await Promise.all([
    prepareExporters(cache, await readExportersLock(lockFile(env)), env),
    preparePrometheus(cache, env),
  ]);
  // Documents are packaged with the checksums of the files at hand, whoever built them.
  const lock = join(cache, withJmx ? 'exporters-at-hand-with-jmx.lock' : 'exporters-at-hand.lock');
  const jmx = withJmx ? { jmx: await prepareJmxExporter(exporters.folder) } : {};
  await writeFile(lock, `${JSON.stringify({ ...exporters.lock, ...jmx }, undefined, 2)}\n`);
  return {
    exporters,
    lock,
    prometheus,
    sidecar: await bundleSidecar(join(cache, 'sidecar/prometheus-on-emr-sidecar.mjs')),
    stack: await packagedStack({ ...env, EXPORTERS_LOCK: lock }),
  };
}
