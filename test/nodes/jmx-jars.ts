import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { prepareExporter } from '../../sandbox/exporters/jmx.ts';
import { artifactKey, type ExportersLock } from '../../scripts/exporters/exporters-lock.ts';
import { exportersFolder } from '../../scripts/prepare/prepare-exporters.ts';

export interface JmxRelease {
  readonly version: string;
  readonly jars: Readonly<Record<'standalone' | 'agent', Buffer>>;
}

/** jmx_exporter as a Maven repository has it. A world of nodes has no network: prepared before, it is in the cache. */
export async function jmxRelease(cache: string): Promise<JmxRelease> {
  const folder = exportersFolder(cache);
  const locked = await prepareExporter(folder);
  const jar = async (name: 'standalone' | 'agent') => {
    const artifact = locked.artifacts[name];
    if (artifact === undefined) throw new Error(`no ${name} jar`);
    return await readFile(join(folder, artifactKey('jmx', locked, artifact)));
  };
  return { version: locked.version, jars: { standalone: await jar('standalone'), agent: await jar('agent') } };
}

/** A lock of this release. */
export function jmxLock({ version, jars }: JmxRelease): ExportersLock {
  const artifact = (bytes: Buffer) => ({
    file: 'jmx.jar',
    sha256: createHash('sha256').update(bytes).digest('hex'),
  });
  const artifacts = { standalone: artifact(jars.standalone), agent: artifact(jars.agent) };
  return { jmx: { version, module: 'github.com/prometheus/jmx_exporter', tag: version, artifacts } };
}
