import { ConfigError } from '../../shared/core/errors.ts';
import { lockMissing } from '../exporters/lock-releases.ts';
import type { ListOptions } from '../exporters/official-checksums.ts';
import { lockName, type Release } from '../exporters/releases.ts';
import type { Say } from '../step.ts';

/** Of the host: infra/host/template.yml's image and types. */
export const ARCH = 'arm64';

/** The host's releases, of each the file for its architecture alone; refuses one without an official checksum. */
export async function lockForHost(
  all: readonly Release[],
  { say, ...options }: ListOptions & { readonly say: Say },
): Promise<readonly Release[]> {
  const host = all.filter(({ kind }) => kind === 'host');
  const { releases, locked, unlocked } = await lockMissing(host, options);
  for (const { file, path } of locked)
    say(`  ${file} is locked by its official checksum now: commit ${lockName({ path })}`);
  const open = unlocked.filter(({ key }) => key === ARCH);
  if (open.length === 0) return releases.map(ofArch);
  const lines = open.map(
    ({ file, path, reason }) => `${file} (${lockName({ path })}) has no official checksum: ${reason}`,
  );
  throw new ConfigError(
    `${lines.join('\n')}\nLock it where its release page can be reached (npm run exporters -- lock ${open[0]?.name}) and commit that.`,
  );
}

const ofArch = (release: Release): Release => {
  const { [ARCH]: artifact } = release.locked.artifacts;
  return { ...release, locked: { ...release.locked, artifacts: artifact === undefined ? {} : { [ARCH]: artifact } } };
};
