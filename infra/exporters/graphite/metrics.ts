import { renderSparkMigration } from './metrics-migration.ts';
import { renderSparkPage } from './metrics-page.ts';
import { areas } from './paths/all.ts';
import { checkTable } from './paths/check-table.ts';
import { renderMapping } from './paths/render-mapping.ts';

/** The files made of the table of paths, by path. */
export function metricsFiles(): Promise<ReadonlyMap<string, string>> {
  const paths = checkTable(areas);
  return Promise.resolve(
    new Map([
      ['infra/exporters/graphite/mapping.essential.yml', renderMapping(paths, 'essential')],
      ['infra/exporters/graphite/mapping.full.yml', renderMapping(paths, 'full')],
      ['docs/metrics/spark.md', renderSparkPage(paths)],
      ['docs/metrics-migration-spark.md', renderSparkMigration(paths)],
    ]),
  );
}
