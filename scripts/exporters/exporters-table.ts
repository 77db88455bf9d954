import { releaseTag } from './exporters-lock.ts';
import { unlockedOf, type Release } from './releases.ts';
import { textTable } from '../text-table.ts';

/** The catalogue: what each release is, and of each file whether it is locked. */
export const renderReleases = (releases: readonly Release[]): string =>
  textTable(
    ['NAME', 'VERSION', 'LICENCE', 'FOR', 'FILE', 'SIZE', 'SHA-256'],
    releases.flatMap((release) => {
      const { name, kind, locked } = release;
      const first = [name, locked.version, locked.license ?? '', kind === 'host' ? 'the Prometheus host' : 'nodes'];
      const files = [
        ...Object.values(locked.artifacts).map(({ file, size, sha256 }) => [
          file,
          size === undefined ? '' : String(size),
          sha256,
        ]),
        ...unlockedOf(locked).map(([, file]) => [file, '', 'not locked']),
      ];
      const source = [`https://${locked.module}/releases/tag/${releaseTag(locked)}`, '', locked.origin ?? ''];
      return [source, ...files].map((cells, row) => [...(row === 0 ? first : ['', '', '', '']), ...cells]);
    }),
  );
