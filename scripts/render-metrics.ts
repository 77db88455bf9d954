import { readFile } from 'node:fs/promises';
import { areas } from '../infra/exporters/graphite/paths/all.ts';
import { renderMapping } from '../infra/exporters/graphite/paths/render-mapping.ts';
import { rulesOfDaemons } from '../infra/exporters/jmx/rules/all.ts';
import { checkTable } from '../infra/exporters/jmx/rules/check-table.ts';
import { renderYaml } from '../infra/exporters/jmx/rules/render-yaml.ts';
import { oldNames, renderCompatRules } from './compat-rules.ts';
import { readOriginalQueries, renderMigration } from './metrics-migration.ts';
import { renderMetricsPage } from './metrics-page.ts';

/** The files made of the table of metrics, by path. */
export async function renderMetrics(): Promise<ReadonlyMap<string, string>> {
  const table = checkTable(rulesOfDaemons);
  const queries = readOriginalQueries(await readFile('scripts/original-queries.tsv', 'utf8'));
  return new Map([
    ...table.map((daemon) => [`infra/exporters/jmx/rules/${daemon.daemon}.yml`, renderYaml(daemon)] as const),
    ...(['essential', 'full'] as const).map(
      (tier) => [`infra/exporters/graphite/mapping.${tier}.yml`, renderMapping(areas, tier)] as const,
    ),
    ['docs/metrics/hadoop.md', renderMetricsPage(table)],
    ['infra/prometheus/compat.rules.yml', renderCompatRules(table)],
    ['docs/metrics-migration.md', renderMigration(queries, oldNames(table))],
  ]);
}
