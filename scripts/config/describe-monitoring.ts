import type { CatalogueEntry, Ports } from '../../shared/core/catalogue.ts';
import type { Monitoring } from '../../shared/core/monitoring.ts';
import type { Limit } from '../../shared/core/settings.ts';

/** What monitoring.yml means, in words. */
export function describeMonitoring(
  { clusters, labels, exporters, policies, rollout }: Monitoring,
  catalogue: readonly CatalogueEntry[],
): string {
  const conditions = Object.entries(clusters.tags).map(([tag, values]) => `tag ${tag} is ${either(values)}`);
  const mapped = Object.entries(labels).map(([label, tag]) => `  ${label}: the cluster's tag ${tag}`);
  const installed = catalogue.flatMap((entry) => {
    const section = exporters[entry.name];
    if (section?.enabled !== true) return [`  ${entry.name}: switched off; it is taken off the nodes that have it`];
    const { roles, ports, scrapeInterval, options } = section;
    return [
      `  ${entry.name}: on every ${either(roles)} node, ${inWords(ports)}, asked every ${scrapeInterval}; ${entry.explain(options)}`,
    ];
  });
  return [
    conditions.length === 0 ? 'Clusters: every cluster.' : `Clusters: those whose ${conditions.join(' and whose ')}.`,
    'Labels from tags, beside the usual ones:',
    ...(mapped.length === 0 ? ['  none'] : mapped),
    'Exporters:',
    ...installed,
    'Policies:',
    ...(policies.dryRun ? ['  dryRun: nothing is ordered, forgotten or dropped; what would be is logged'] : []),
    ...(policies.pauseInstalls ? ['  pauseInstalls: nothing is installed or upgraded; what has to go still goes'] : []),
    `  limitDeletes: nothing is forgotten when ${tooMany(policies.limitDeletes)} of a running cluster would go at once`,
    `Another version: one node first, one per cluster then, and then at most ${percent(rollout.atOnce)} of the nodes that have the exporter at once; it stops when more than ${percent(rollout.failures)} of those that tried it failed.`,
  ].join('\n');
}

function tooMany(limit: Limit): string {
  if ('nodes' in limit) return `more than ${limit.nodes} ${limit.nodes === 1 ? 'node' : 'nodes'}`;
  return limit.share === 1 ? 'all nodes' : `${percent(limit.share)} or more of the nodes`;
}

const inWords = (ports: Ports): string => {
  const all = Object.entries(ports).map(([name, port]) => (Object.keys(ports).length === 1 ? port : `${name} ${port}`));
  return `${all.length === 1 ? 'port' : 'ports'} ${all.join(', ')}`;
};

const percent = (share: number): string => `${Number((share * 100).toPrecision(12))} %`;

/** `a`, `a or b`, `a, b or c`; an empty value is shown as what it is. */
function either(values: readonly string[]): string {
  const shown = values.map((value) => (value === '' ? '""' : value));
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} or ${shown.at(-1)}`;
}
