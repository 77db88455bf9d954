import type { CatalogueEntry } from '../shared/core/catalogue.ts';
import { hashOf } from '../shared/core/canonical.ts';
import { ConfigError } from '../shared/core/errors.ts';
import type { Monitoring } from '../shared/core/monitoring.ts';
import type { ExporterSettings, Settings } from '../shared/core/settings.ts';
import { revisionOf, type BuiltDocument } from './build-documents.ts';
import { artifactKey, type ExportersLock } from './exporters-lock.ts';

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
    exporters: parts.catalogue.map((entry) => toSettings(entry, parts)).sort((a, b) => (a.name < b.name ? -1 : 1)),
    policies,
    rollout,
  };
  return { hash: hashOf(settings), ...settings };
}

/** An exporter that is switched off is wanted on no role; its documents stay, for nodes may have it. */
function toSettings(entry: CatalogueEntry, { monitoring, documents, lock }: Parts): ExporterSettings {
  const { name } = entry;
  const section = monitoring.exporters[name];
  const document = documents.find(({ exporter, action }) => exporter === name && action === 'install');
  const locked = Object.entries(lock).find(([exporter]) => exporter === name)?.[1];
  if (section === undefined || document === undefined || locked === undefined) {
    throw new ConfigError(`${name} is in the catalogue, but not in monitoring.yml's schema, the documents or the lock`);
  }
  const parameters = entry.parameters(section);
  const { amd64, arm64 } = locked.artifacts;
  return {
    name,
    version: locked.version,
    revision: revisionOf(document, parameters),
    roles: section.enabled ? [...new Set(section.roles)].sort() : [],
    parameters: sorted(Object.entries(parameters)),
    artifacts: {
      ...(amd64 && { UrlAmd64: artifactKey(name, locked, amd64) }),
      ...(arm64 && { UrlArm64: artifactKey(name, locked, arm64) }),
    },
  };
}

const sorted = <T>(entries: readonly (readonly [string, T])[]): Record<string, T> =>
  Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
