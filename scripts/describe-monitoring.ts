import type { CatalogueEntry } from '../shared/core/catalogue.ts';
import type { Monitoring } from '../shared/core/monitoring.ts';

/** What monitoring.yml means, in words. */
export function describeMonitoring(
  { clusters, labels, exporters }: Monitoring,
  catalogue: readonly CatalogueEntry[],
): string {
  const conditions = Object.entries(clusters.tags).map(([tag, values]) => `tag ${tag} is ${either(values)}`);
  const mapped = Object.entries(labels).map(([label, tag]) => `  ${label}: the cluster's tag ${tag}`);
  const installed = catalogue.flatMap((entry) => {
    const section = exporters[entry.name];
    if (section?.enabled !== true) return [`  ${entry.name}: switched off; nodes that have it keep it for now`];
    const { roles, port, options } = section;
    return [`  ${entry.name}: on every ${either(roles)} node, port ${port}; ${entry.explain(options)}`];
  });
  return [
    conditions.length === 0 ? 'Clusters: every cluster.' : `Clusters: those whose ${conditions.join(' and whose ')}.`,
    'Labels from tags, beside the usual ones:',
    ...(mapped.length === 0 ? ['  none'] : mapped),
    'Exporters:',
    ...installed,
  ].join('\n');
}

/** `a`, `a or b`, `a, b or c`; an empty value is shown as what it is. */
function either(values: readonly string[]): string {
  const shown = values.map((value) => (value === '' ? '""' : value));
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} or ${shown.at(-1)}`;
}
