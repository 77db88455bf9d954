import type { CatalogueEntry } from '../../shared/core/catalogue.ts';
import { ConfigError } from '../../shared/core/errors.ts';
import type { ExporterName } from '../../shared/core/model.ts';
import type { Monitoring } from '../../shared/core/monitoring.ts';
import { lockMissing, type StillUnlocked } from '../exporters/lock-releases.ts';
import type { ListOptions } from '../exporters/official-checksums.ts';
import { lockName, readReleases, unlockedOf, type Release } from '../exporters/releases.ts';

/** The artifacts that the exporters of monitoring.yml take, by exporter; those that are switched off take none. */
export function wantedArtifacts(
  monitoring: Monitoring,
  catalogue: readonly CatalogueEntry[],
): ReadonlyMap<ExporterName, readonly string[]> {
  return new Map(
    catalogue.flatMap(({ name, needs }) => {
      const section = monitoring.exporters[name];
      return section?.enabled === true ? [[name, needs(section.options)] as const] : [];
    }),
  );
}

interface DeployLock extends ListOptions {
  /** EXPORTERS_LOCK: somebody else's file, which is read and never written. */
  readonly lockPath: string | undefined;
  readonly wanted: ReadonlyMap<ExporterName, readonly string[]>;
  readonly say: (line: string) => void;
  /** Of the checkout; this one, unless said. */
  readonly folder?: string;
}

/**
 * The releases of the wanted exporters, with what was not locked yet locked by the official lists. Refuses a wanted
 * file without an official checksum, and one that was changed.
 */
export async function lockForDeploy({
  lockPath,
  wanted,
  say,
  folder,
  ...options
}: DeployLock): Promise<readonly Release[]> {
  const releases = (await readReleases(lockPath, folder)).filter(({ name }) => wanted.has(name));
  const isWanted = (name: string, key: string): boolean => wanted.get(name)?.includes(key) === true;
  if (lockPath !== undefined) {
    const without = releases.flatMap((release) =>
      unlockedOf(release.locked).map(([key, file]) => ({ ...release, key, file, reason: 'EXPORTERS_LOCK has none' })),
    );
    refuse(without.filter(({ name, key }) => isWanted(name, key)));
    return releases;
  }
  const report = await lockMissing(releases, options);
  for (const { file, path } of report.locked)
    say(`${file} is locked by its official checksum now: commit ${lockName({ path })}`);
  refuse(report.unlocked.filter(({ name, key }) => isWanted(name, key)));
  return report.releases;
}

function refuse(unlocked: readonly Pick<StillUnlocked, 'name' | 'file' | 'reason' | 'path'>[]): void {
  if (unlocked.length === 0) return;
  const [first] = unlocked;
  throw new ConfigError(
    [
      ...unlocked.map(
        ({ file, reason, path }) => `${file} (${lockName({ path })}) has no official checksum: ${reason}`,
      ),
      `Lock it where the release page can be reached (npm run exporters -- lock) and commit that, or switch it off in monitoring.yml (exporters.${first?.name}.enabled: false).`,
    ].join('\n'),
  );
}
