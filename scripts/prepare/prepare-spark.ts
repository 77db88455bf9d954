import { mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Env, keptFolder, refuse, run } from '../exporters/kept-folder.ts';
import { type Java, prepareJava, preparePython, type Python } from './unpack-debian.ts';

/** Debian packages that the machine needs besides those for nodes. */
export const SPARK_HOST_PACKAGES = ['python3-pip'] as const;

/** Of PyPI's pyspark, which carries the whole of Spark. */
const RELEASES = {
  3: { version: '3.5.9', sha256: 'ea27adc39ddac9413b8951e45aa748cbed6c785971b81386efc41938f6243d93' },
  4: { version: '4.0.5', sha256: 'a0d44b0e7faf0458ad83b7aa664e7ed8b96beed8a55d66ce3b0dfac2309dfca6' },
} as const;

export type SparkMajor = keyof typeof RELEASES;

/** Folders on this machine that a node gets by bind mount. */
export interface Spark extends Java {
  readonly version: string;
  /** SPARK_HOME; its `conf` leads to the node's /etc/spark/conf. */
  readonly home: string;
  readonly python: Python;
}

/** Spark through pip, Java and Python out of Debian's packages, none of them installed. The second call needs no network. */
export async function prepareSpark(cache: string, major: SparkMajor = 3, env: Env = process.env): Promise<Spark> {
  const { version, sha256 } = RELEASES[major];
  const home = await keptFolder(cache, 'spark', [version, sha256], (draft, folder) =>
    fetchSpark(draft, folder, RELEASES[major], env),
  );
  return { version, home, python: await preparePython(cache, env), ...(await prepareJava(cache, env)) };
}

async function fetchSpark(draft: string, folder: string, { version, sha256 }: Release, env: Env): Promise<void> {
  const pinned = join(draft, 'requirements.txt');
  await writeFile(pinned, `pyspark==${version} --hash=sha256:${sha256}\n`);
  // The source package, as it is: from it pip would build a wheel with the same files.
  const flags = ['--quiet', '--no-deps', '--no-binary=pyspark', '--require-hashes', `--requirement=${pinned}`];
  await run('python3', ['-m', 'pip', 'download', ...flags, `--dest=${draft}`], draft, env).catch(
    refuse(
      `pyspark ${version} cannot be had from PyPI. Install Debian's package python3-pip, and see that PyPI, or the ` +
        'index that pip is configured with, can be reached.',
    ),
  );
  const archive = `pyspark-${version}.tar.gz`;
  await run('tar', ['-xzf', archive, '--no-same-owner'], draft, env);
  const unpacked = join(draft, `pyspark-${version}`);
  for (const part of ['bin', 'jars', 'sbin']) await rename(join(unpacked, 'deps', part), join(folder, part));
  await mkdir(join(folder, 'python'));
  await rename(join(unpacked, 'pyspark'), join(folder, 'python/pyspark'));
  await rename(join(unpacked, 'lib'), join(folder, 'python/lib'));
  await symlink('/etc/spark/conf', join(folder, 'conf'));
  await run('chmod', ['-R', 'a+x', join(folder, 'bin')], draft, env);
}

type Release = (typeof RELEASES)[SparkMajor];
