import { rulesOfDaemons } from '../infra/exporters/jmx/rules/all.ts';
import { renderYaml } from '../infra/exporters/jmx/rules/render-yaml.ts';

/** The files made of the table, by path. */
export const renderMetrics = (): ReadonlyMap<string, string> =>
  new Map(rulesOfDaemons.map((daemon) => [`infra/exporters/jmx/rules/${daemon.daemon}.yml`, renderYaml(daemon)]));
