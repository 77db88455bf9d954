import type { CatalogueEntry } from '../../shared/core/catalogue.ts';
import { hashOf } from '../../shared/core/canonical.ts';
import { ConfigError } from '../../shared/core/errors.ts';
import type { Monitoring } from '../../shared/core/monitoring.ts';
import type { ExporterSettings, Settings } from '../../shared/core/settings.ts';
import { revisionOf, type BuiltDocument } from './build-documents.ts';
import { artifactKey, urlParameter, type ExportersLock } from '../exporters/exporters-lock.ts';

interface Parts {
  readonly monitoring: Monitoring;
  readonly catalogue: readonly CatalogueEntry[];
  readonly documents: readonly BuiltDocument[];
  readonly lock: ExportersLock;
}

/** What the functions are told. The same parts give the same bytes, whatever their order was. */
export function buildSettings(parts: Parts): Settings {
  const { clusters, labels, policies, rollout } = parts.monitoring;
  const tags = Object.entries(clusters.tags).map(([tag, values]) => [tag, [...new Set(values)].sort()] as const);
  const settings = {
    selection: { tags: sorted(tags) },
    labels: sorted(Object.entries(labels)),
    exporters: parts.catalogue.flatMap((entry) => toSettings(entry, parts)).sort((a, b) => (a.name < b.name ? -1 : 1)),
    policies,
    rollout,
  };
  return { hash: hashOf(settings), ...settings };
}

/**
 * An exporter that is switched off is wanted on no role; its documents stay, for nodes may have it. One that the lock
 * does not know cannot be installed, and is left alone where it is.
 */
function toSettings(entry: CatalogueEntry, { monitoring, documents, lock }: Parts): readonly ExporterSettings[] {
  const { name } = entry;
  const locked = lock[name];
  if (locked === undefined) return [];
  const section = monitoring.exporters[name];
  const document = documents.find(({ exporter, action }) => exporter === name && action === 'install');
  if (section === undefined || document === undefined) {
    throw new ConfigError(`${name} is in the catalogue, but not in monitoring.yml's schema or the documents`);
  }
  const parameters = entry.parameters(section);
  const keys = Object.entries(locked.artifacts).map(
    ([of, artifact]) => [urlParameter(of), artifactKey(name, locked, artifact)] as const,
  );
  const recheck = entry.recheck?.(section.options);
  return [
    {
      name,
      version: locked.version,
      revision: revisionOf(document, parameters),
      roles: section.enabled ? [...new Set(section.roles)].sort() : [],
      ...(recheck !== undefined && { recheck }),
      parameters: sorted(Object.entries(parameters)),
      artifacts: sorted(keys),
    },
  ];
}

/** What of the lock can be installed as monitoring.yml wants it, and what of monitoring.yml cannot be for want of a lock. */
export function installable(
  lock: ExportersLock,
  monitoring: Monitoring,
  catalogue: readonly CatalogueEntry[],
): { readonly lock: ExportersLock; readonly unlocked: readonly string[] } {
  const missing = catalogue.filter(({ name, needs }) => {
    const { artifacts = {} } = lock[name] ?? {};
    return !needs(monitoring.exporters[name]?.options ?? {}).some((artifact) => artifact in artifacts);
  });
  const without = new Set(missing.map(({ name }) => name));
  return {
    lock: Object.fromEntries(Object.entries(lock).filter(([name]) => !without.has(name))),
    unlocked: missing.flatMap(({ name }) => (monitoring.exporters[name]?.enabled === true ? [name] : [])),
  };
}

const sorted = <T>(entries: readonly (readonly [string, T])[]): Record<string, T> =>
  Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
