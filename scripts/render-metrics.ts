import { readFile } from 'node:fs/promises';
import { areas } from '../infra/exporters/graphite/paths/all.ts';
import { checkTable as checkPaths } from '../infra/exporters/graphite/paths/check-table.ts';
import { renderMapping } from '../infra/exporters/graphite/paths/render-mapping.ts';
import { rulesOfDaemons } from '../infra/exporters/jmx/rules/all.ts';
import { checkTable } from '../infra/exporters/jmx/rules/check-table.ts';
import { renderYaml } from '../infra/exporters/jmx/rules/render-yaml.ts';
import { oldNames, renderCompatRules } from './compat-rules.ts';
import { readOriginalQueries, renderMigration } from './metrics-migration.ts';
import { renderMetricsPage } from './metrics-page.ts';
import { renderSparkMigration } from './spark-migration.ts';
import { renderSparkPage } from './spark-page.ts';

/** The files made of the tables of metrics, by path. */
export async function renderMetrics(): Promise<ReadonlyMap<string, string>> {
  const table = checkTable(rulesOfDaemons);
  const paths = checkPaths(areas);
  const queries = readOriginalQueries(await readFile('scripts/original-queries.tsv', 'utf8'));
  return new Map([
    ...table.map((daemon) => [`infra/exporters/jmx/rules/${daemon.daemon}.yml`, renderYaml(daemon)] as const),
    ...(['essential', 'full'] as const).map(
      (tier) => [`infra/exporters/graphite/mapping.${tier}.yml`, renderMapping(paths, tier)] as const,
    ),
    ['docs/metrics/hadoop.md', renderMetricsPage(table)],
    ['docs/metrics/spark.md', renderSparkPage(paths)],
    ['infra/prometheus/compat.rules.yml', renderCompatRules(table)],
    ['docs/metrics-migration.md', `${renderMigration(queries, oldNames(table))}\n${renderSparkMigration(paths)}`],
  ]);
}
