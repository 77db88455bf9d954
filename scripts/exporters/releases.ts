import { readFile, rename, writeFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { ConfigError } from '../../shared/core/errors.ts';
import { EXPORTER_LOCKS, parseExportersLock, readLockFiles, type LockedExporter } from './exporters-lock.ts';

/** What the catalogue says of one release: an exporter's, or one for the Prometheus host. */
export interface Release {
  readonly name: string;
  readonly kind: 'exporter' | 'host';
  /** Of its lock. */
  readonly path: string;
  readonly locked: LockedExporter;
}

const HOST_LOCKS = 'infra/host/*/release.lock';

/** Every release there is, by name; with `lockPath`, the exporters of that file in place of the folders' own. */
export async function readReleases(lockPath?: string, folder?: string): Promise<readonly Release[]> {
  const host = await readLockFiles(HOST_LOCKS, folder);
  const exporters =
    lockPath === undefined
      ? await readLockFiles(EXPORTER_LOCKS, folder)
      : Object.entries(parseExportersLock(await readFile(lockPath, 'utf8'), lockPath)).map(([name, locked]) => ({
          name,
          path: lockPath,
          locked,
        }));
  return [
    ...exporters.map((release) => ({ ...release, kind: 'exporter' }) as const),
    ...host.map((release) => ({ ...release, kind: 'host' }) as const),
  ];
}

/** Those of these names; all where none is given. */
export function named(releases: readonly Release[], names: readonly string[]): readonly Release[] {
  const unknown = names.find((wanted) => !releases.some(({ name }) => name === wanted));
  if (unknown !== undefined) {
    throw new ConfigError(`${unknown} is in no lock; there are ${releases.map(({ name }) => name).join(', ')}`);
  }
  return names.length === 0 ? releases : releases.filter(({ name }) => names.includes(name));
}

export async function readRelease(name: string): Promise<Release> {
  const [release] = named(await readReleases(), [name]);
  if (release === undefined) throw new ConfigError(`${name} is in no lock`);
  return release;
}

/** The files without a checksum, by what they are. */
export const unlockedOf = ({ artifacts, unlocked = {} }: LockedExporter): readonly (readonly [string, string])[] =>
  Object.entries(unlocked).filter(([key]) => !(key in artifacts));

export const lockName = ({ path }: Pick<Release, 'path'>): string => relative('.', path);

/** The lock as it is written: sorted, and without what is empty. */
export async function writeRelease({ path, locked }: Release): Promise<void> {
  const { artifacts, unlocked: _, ...rest } = locked;
  const unlocked = unlockedOf(locked);
  const lock = {
    ...rest,
    artifacts: Object.fromEntries(Object.entries(artifacts).toSorted(([a], [b]) => (a < b ? -1 : 1))),
    ...(unlocked.length > 0 && { unlocked: Object.fromEntries(unlocked) }),
  };
  await writeFile(`${path}.draft`, `${JSON.stringify(lock, undefined, 2)}\n`);
  await rename(`${path}.draft`, path);
}
