import { areas } from './all.ts';
import type { Area, Metric, Tier } from './table.ts';

/** `;` would begin a Graphite tag: a query may be named so, and one such line can end graphite_exporter. */
const NO_TAGS = '(?!.*;)';
/** MetricsSystem.buildRegistryName; nothing of the daemons, which have no application. */
const OWNED = `^${NO_TAGS}[^.]+[.](applicationMaster[.]|(driver|[0-9]+)[.]`;

/** A line's path less its statistic: Spark holds the regular expression against that. */
const withoutStatistic = ({ path, labels }: Metric): string =>
  path.endsWith('.count') || 'quantile' in labels ? path.replace(/[.][^.]+$/, '') : path;

/** A path as a regular expression; a backslash would need another in a properties file. */
const escape = (path: string): string =>
  path.replaceAll(/\*\*|[*.]/g, (sign) => ({ '**': '.+', '*': '[^.]+', '.': '[.]' })[sign] ?? sign);

/** A source of which nearly all is kept is one word; else it is its names. */
function keptOf(prefix: string, parts: readonly Area[]): string {
  const source = escape(prefix.replace(/^\*\.(\*|driver)\./, ''));
  const metrics = parts.flatMap((part) => part.metrics);
  const kept = metrics.filter(({ tier }) => tier === 'essential');
  const dropped = parts.flatMap(({ leftOut }) => leftOut.flatMap(({ paths }) => paths.split(' ')));
  if (kept.length === metrics.length && dropped.length < kept.length / 4) return source;
  return `${source}(${[...new Set(kept.map(withoutStatistic).map(escape))].join('|')})`;
}

const watched = areas.filter(
  ({ prefix, metrics }) => prefix !== '*.applicationMaster.' && metrics.some(({ tier }) => tier === 'essential'),
);
const kept = [...Map.groupBy(watched, ({ prefix }) => prefix)].map(([prefix, parts]) => keptOf(prefix, parts));
const cuts = areas.flatMap(({ leftOut }) => leftOut.flatMap(({ cut }) => cut));

/**
 * `*.sink.graphite.regex` of Spark's metrics.properties: what is sent at all. GraphiteSink looks for it in a metric's
 * name, which has no statistic; a timer's come all or none. `essential` says what is sent, `full` what is not.
 */
export const sinkRegex: Readonly<Record<Tier, string>> = {
  essential: `${OWNED}(${kept.join('|')}))`,
  full: `${OWNED}(?!${cuts.join('|')}))`,
};
