import { readFile } from 'node:fs/promises';
import { oldNames, renderCompatRules } from './compat-rules.ts';
import { readOriginalQueries, renderMigration } from './metrics-migration.ts';
import { renderMetricsPage } from './metrics-page.ts';
import { rulesOfDaemons } from './rules/all.ts';
import { checkTable } from './rules/check-table.ts';
import { renderYaml } from './rules/render-yaml.ts';

/** The files made of the table of JMX metrics, by path. */
export async function metricsFiles(): Promise<ReadonlyMap<string, string>> {
  const table = checkTable(rulesOfDaemons);
  const queries = readOriginalQueries(await readFile(new URL('original-queries.tsv', import.meta.url), 'utf8'));
  return new Map([
    ...table.map((daemon) => [`infra/exporters/jmx/rules/${daemon.daemon}.yml`, renderYaml(daemon)] as const),
    ['docs/metrics/hadoop.md', renderMetricsPage(table)],
    ['infra/prometheus/compat.rules.yml', renderCompatRules(table)],
    ['docs/metrics-migration.md', renderMigration(queries, oldNames(table))],
  ]);
}
