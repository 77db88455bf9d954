import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleSidecar } from '../../scripts/package/bundle-sidecar.ts';
import { lockedExporter, readExportersLock } from '../../scripts/exporters/exporters-lock.ts';
import { lockFile } from '../../scripts/package/package-stack.ts';
import { packagedStack } from '../../scripts/package/packaged-stack.ts';
import { prepareExporters, type PreparedExporters } from '../../scripts/prepare/prepare-exporters.ts';
import { type Alertmanager, prepareAlertmanager } from '../../scripts/prepare/prepare-alertmanager.ts';
import { preparePrometheus, type Prometheus } from '../../scripts/prepare/prepare-prometheus.ts';
import type { ExporterName } from '../../shared/core/model.ts';

export interface Prepared {
  /** The packaged stack: template and unpacked functions. */
  readonly stack: string;
  readonly exporters: PreparedExporters;
  /** File with what the stack was packaged with, in place of the exporters' own locks. */
  readonly lock: string;
  readonly prometheus: Prometheus;
  readonly alertmanager: Alertmanager;
  /** The bundled sidecar. */
  readonly sidecar: string;
}

/**
 * Everything that the story needs besides nodes; all of it is kept in the cache, so a second call takes a second.
 * `names`: the exporters that are installed.
 */
export async function prepare(
  cache: string,
  env: NodeJS.ProcessEnv,
  names: readonly ExporterName[] = ['node'],
): Promise<Prepared> {
  await mkdir(cache, { recursive: true });
  const whole = await readExportersLock(lockFile(env));
  const wanted = Object.fromEntries(names.map((name) => [name, lockedExporter(whole, name)]));
  // While one waits for the network, another may build.
  const [exporters, prometheus, alertmanager] = await Promise.all([
    prepareExporters(cache, wanted, env),
    preparePrometheus(cache, env),
    prepareAlertmanager(cache, env),
  ]);
  // Documents are packaged with the checksums of the files at hand, whoever built them.
  const lock = join(cache, `exporters-at-hand-${names.join('-')}.lock`);
  await writeFile(lock, `${JSON.stringify(exporters.lock, undefined, 2)}\n`);
  return {
    exporters,
    lock,
    prometheus,
    alertmanager,
    sidecar: await bundleSidecar(join(cache, 'sidecar/prometheus-on-emr-sidecar.mjs')),
    stack: await packagedStack({ ...env, EXPORTERS_LOCK: lock }),
  };
}
