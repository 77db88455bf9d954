import { stringify } from 'yaml';
import { UNITS, type Area, type Labels, type Metric, type Tier } from './table.ts';

/** A rule of graphite_exporter's mapping (prometheus/statsd_exporter, pkg/mapper/mapping.go). */
export interface Rule {
  readonly match: string;
  readonly match_type?: 'regex';
  readonly name: string;
  readonly labels?: Labels;
  readonly scale?: number;
  readonly action?: 'drop';
}

export interface Mapping {
  readonly mappings: readonly Rule[];
}

const isRegex = (path: string): boolean => path.includes('**');

/** A star of a glob is one component; where there can be more it takes a regular expression. */
const matcher = (path: string): Pick<Rule, 'match' | 'match_type'> =>
  isRegex(path)
    ? {
        match: `^${path.replaceAll('.', '\\.').replaceAll(/\*\*?/g, (star) => (star === '**' ? '(.+)' : '([^.]+)'))}$`,
        match_type: 'regex',
      }
    : { match: path };

function mapped(area: Area, { path, name, unit, labels }: Metric): Rule {
  const { factor } = UNITS[unit];
  return {
    ...matcher(area.prefix + path),
    name,
    ...(factor === 1 ? {} : { scale: factor }),
    labels: { ...area.labels, ...labels },
  };
}

/** A rule must have a name, even if nothing gets it. */
const dropped = ({ prefix }: Area, paths: string): readonly Rule[] =>
  paths.split(' ').map((path) => ({ ...matcher(prefix + path), name: 'dropped', action: 'drop' }));

const length = ({ match }: Rule): number => match.split('.').length;
const stars = ({ match }: Rule): number => match.split('*').length;

/**
 * graphite_exporter takes the first rule that matches, and any glob before a regular expression, wherever that stands. So:
 * the more stars, the later. And the longer, the later: a rule whose components begin a longer one's, added before, is lost
 * (pkg/mapper/fsm/fsm.go, AddState: a result is set on new states only). Regular expressions stand first, for a line that
 * no glob takes goes through the list until one does, and each rule on the way, globs too, is copied (mapper.go, GetMapping).
 */
const byPrecedence = (one: Rule, other: Rule): number =>
  Number(other.match_type === 'regex') - Number(one.match_type === 'regex') ||
  length(one) - length(other) ||
  stars(one) - stars(other);

/** `essential` drops nothing by rule: what is not mapped is not shown, for strict match is on. */
export function mappingOf(areas: readonly Area[], tier: Tier): Mapping {
  const rules = areas.flatMap((area) => [
    ...area.metrics
      .filter((metric) => tier === 'full' || metric.tier === 'essential')
      .map((metric) => mapped(area, metric)),
    ...(tier === 'full' ? area.leftOut.flatMap(({ paths }) => dropped(area, paths)) : []),
  ]);
  return { mappings: rules.toSorted(byPrecedence) };
}

const NOTE = '# Made by `npm run metrics` from infra/exporters/graphite/paths/*.ts: change these.\n';

const line = (rule: Rule): string =>
  `- ${stringify(rule, { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: false, version: '1.1' })}`;

export const renderMapping = (areas: readonly Area[], tier: Tier): string =>
  `${NOTE}mappings:\n${mappingOf(areas, tier).mappings.map(line).join('')}`;
