import { prepare } from '../../sandbox/demo/prepare.ts';
import { NODE_HOST_PACKAGES, prepareNodeImage } from '../../sandbox/nodes/node-image.ts';
import { cacheFolder } from '../cache-folder.ts';
import { readExportersLock } from '../exporters/exporters-lock.ts';
import { prepareEventRuler } from './prepare-event-ruler.ts';
import { prepareExporters } from './prepare-exporters.ts';
import { HADOOP_HOST_PACKAGES, prepareHadoop } from './prepare-hadoop.ts';
import { prepareSpark, SPARK_HOST_PACKAGES } from './prepare-spark.ts';

/** Debian packages for tests on nodes. */
export const NODE_TEST_PACKAGES = [...NODE_HOST_PACKAGES, ...HADOOP_HOST_PACKAGES, ...SPARK_HOST_PACKAGES];

/** Brings into the cache what tests on nodes need: outside the nodes' world, which has no network. */
export async function prepareNodeTests(env: NodeJS.ProcessEnv): Promise<void> {
  const cache = cacheFolder(env);
  // They have the same Java.
  const ofJava = prepareHadoop(cache).then(() => Promise.all([prepareSpark(cache), prepareEventRuler(cache)]));
  await Promise.all([prepareStories(cache, env), prepareNodeImage(cache), ofJava]);
}

/** One after the other, for they share a cache; then every other exporter. */
async function prepareStories(cache: string, env: NodeJS.ProcessEnv): Promise<void> {
  await prepare(cache, env);
  await prepare(cache, env, ['node', 'jmx']);
  await prepareExporters(cache, await readExportersLock(), env);
}
