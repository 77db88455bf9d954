import { execFile } from 'node:child_process';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

type Env = Readonly<Record<string, string | undefined>>;

/** The `source` of a lock for a release whose files are packages of the registry that npm is set up for. */
export const NPM = 'npm';

/** Brings `<package>-<version>.tgz`. npm holds it to the SHA-512 that its registry says; our lock comes on top. */
export async function npmPackage(file: string, version: string, path: string, env: Env): Promise<void> {
  const folder = await mkdtemp(join(dirname(path), 'npm-'));
  const name = file.slice(0, -`-${version}.tgz`.length);
  try {
    const args = ['pack', `${name}@${version}`, '--pack-destination', folder, '--silent', '--ignore-scripts'];
    await promisify(execFile)('npm', args, { cwd: folder, env: { ...env } });
    await rename(join(folder, file), path);
  } catch (cause) {
    throw new Error(`npm pack ${name}@${version} failed`, { cause });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
