import { rulesOfDaemons } from '../infra/exporters/jmx/rules/all.ts';
import { checkTable } from '../infra/exporters/jmx/rules/check-table.ts';
import { renderYaml } from '../infra/exporters/jmx/rules/render-yaml.ts';
import { renderMetricsPage } from './metrics-page.ts';

/** The files made of the table, by path. */
export function renderMetrics(): ReadonlyMap<string, string> {
  const table = checkTable(rulesOfDaemons);
  return new Map([
    ...table.map((daemon) => [`infra/exporters/jmx/rules/${daemon.daemon}.yml`, renderYaml(daemon)] as const),
    ['docs/metrics/hadoop.md', renderMetricsPage(table)],
  ]);
}
