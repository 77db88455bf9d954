import { join } from 'node:path';
import { prepare } from '../sandbox/demo/prepare.ts';
import { NODE_HOST_PACKAGES, prepareNodeImage } from '../sandbox/nodes/node-image.ts';
import { cacheFolder } from './cache-folder.ts';
import { HADOOP_HOST_PACKAGES, prepareHadoop } from './prepare-hadoop.ts';
import { prepareJmxExporter } from './prepare-jmx-exporter.ts';

/** Debian packages for tests on nodes. */
export const NODE_TEST_PACKAGES = [...NODE_HOST_PACKAGES, ...HADOOP_HOST_PACKAGES];

/** Brings into the cache what tests on nodes need: outside the nodes' world, which has no network. */
export async function prepareNodeTests(env: NodeJS.ProcessEnv): Promise<void> {
  const cache = cacheFolder(env);
  await Promise.all([
    // Twice, one after the other, for they share a cache: the second story has jmx_exporter, too.
    prepare(cache, env).then(() => prepare(cache, env, true)),
    prepareNodeImage(cache),
    prepareHadoop(cache),
    prepareJmxExporter(join(cache, 'exporters')),
  ]);
}
