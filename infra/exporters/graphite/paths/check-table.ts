import { ConfigError } from '../../../../shared/core/errors.ts';
import { mappingOf, type Rule } from './render-mapping.ts';
import { UNITS, type Area, type Metric } from './table.ts';

interface Row {
  readonly area: Area;
  readonly metric: Metric;
}

type Check = (row: Row) => string | undefined;

/** No other: each more is as many series more, and dashboards know these. None is a target's (docs: labels). */
const LABELS = new Set(
  (
    'application_id executor_id area gc location memory pool process quantile query queue reason scheme state stream ' +
    'transport'
  ).split(' '),
);
/** What others of Prometheus end names in, and mean something by. */
const RESERVED = /_(info|created|bucket|count|sum)$/;
/** statsd_exporter, pkg/mapper/mapper.go, metricLineRE; `**` is ours. */
const COMPONENT = /^(\*\*?|\w[\w-]*)$/;

const stars = (path: string): number => path.match(/\*\*?/g)?.length ?? 0;
const labelsOf = ({ area, metric }: Row) => Object.entries({ ...area.labels, ...metric.labels });
const isPlaceholder = (value: string): boolean => value.startsWith('$');

const checkName: Check = ({ metric: { name, type, unit } }) => {
  if (!Object.hasOwn(UNITS, unit)) return `unit: '${unit}' is not known: take one of ${Object.keys(UNITS).join(', ')}`;
  if (!/^spark(_[a-z0-9]+){2,}$/.test(name)) return "name: 'spark_', an area, and lower case words with underscores";
  const ending = UNITS[unit].suffix + (type === 'counter' ? '_total' : '');
  if (!name.endsWith(ending)) return `name: a ${type} in ${unit} ends in '${ending}'`;
  if (type === 'gauge' && name.endsWith('_total')) return "name: only a counter's ends in '_total'";
  return RESERVED.test(name)
    ? `name: '${RESERVED.exec(name)?.[0]}' means something else: take another word`
    : undefined;
};

const checkPath: Check = ({ area, metric }) =>
  (area.prefix + metric.path).split('.').every((component) => COMPONENT.test(component))
    ? undefined
    : 'path: words of letters, digits, - and _ with dots between them, or * or **';

const checkLabels: Check = (row) => {
  const unknown = labelsOf(row).find(([label]) => !LABELS.has(label));
  if (unknown !== undefined) return `labels: '${unknown[0]}' is not one of ${[...LABELS].join(', ')}`;
  const odd = labelsOf(row).find(([, value]) => !/^(\$\d|[a-z0-9_.]+)$/.test(value));
  if (odd !== undefined) return `labels: '${odd[0]}' is '${odd[1]}': a star's number, or a word in lower case`;
  const wanted = Array.from({ length: stars(row.area.prefix + row.metric.path) }, (_, star) => `$${star + 1}`);
  const given = labelsOf(row).flatMap(([, value]) => (isPlaceholder(value) ? value : []));
  return given.sort().join() === wanted.join()
    ? undefined
    : `labels: every star in one label, else two paths are one series: ${wanted.join(' ')}, not ${given.join(' ')}`;
};

const checkHelp: Check = ({ metric: { help } }) =>
  /^[^\n]+\.$/.test(help) ? undefined : 'help: a sentence with a full stop';

const CHECKS = [checkName, checkPath, checkLabels, checkHelp];

const place = ({ area, metric }: Row): string => area.prefix + metric.path;

/** Two of one name: told apart by a label that neither takes from its path, whatever the paths are. */
function clash(first: Row, second: Row): string | undefined {
  const [one, other] = [new Map(labelsOf(first)), new Map(labelsOf(second))];
  const kind = ({ metric: { type, unit, help } }: Row): string => `${type} ${UNITS[unit]?.suffix} ${help}`;
  if (kind(first) !== kind(second)) return 'name: another metric of it has another type, unit or help: make them one';
  if ([...one.keys()].sort().join() !== [...other.keys()].sort().join())
    return 'labels: another metric of this name has others: make them one set';
  const areTold = [...one].some(([label, value]) => {
    const there = other.get(label) ?? '';
    return !isPlaceholder(value) && !isPlaceholder(there) && value !== there;
  });
  return areTold ? undefined : 'labels: another metric of this name can have the same: tell them apart by a fixed one';
}

const checkNames = (rows: readonly Row[]): readonly string[] =>
  [...Map.groupBy(rows, ({ metric }) => metric.name).values()].flatMap((same) =>
    same.flatMap((row, index) =>
      same.slice(0, index).flatMap((earlier) => {
        const problem = clash(earlier, row);
        return problem === undefined ? [] : `${place(row)}: ${problem}`;
      }),
    ),
  );

const covers = (one: Rule, other: Rule): boolean => {
  const [components, others] = [one.match.split('.'), other.match.split('.')];
  return (
    components.length === others.length &&
    components.every((component, index) => component === '*' || component === others[index])
  );
};

/** One rule of two is never used; graphite_exporter says nothing of it, or a warning among hundreds. */
export function checkRules(rules: readonly Rule[]): readonly string[] {
  return rules.flatMap((rule, index) => {
    const earlier = rules.slice(0, index);
    const twice = earlier.find(({ match }) => match === rule.match);
    if (twice !== undefined) return `${rule.match}: path: is there twice: remove one`;
    if (rule.match_type === 'regex') return [];
    const longer = earlier.find(({ match }) => match.startsWith(`${rule.match}.`));
    if (longer !== undefined) return `${rule.match}: is lost, for ${longer.match} begins with it and comes first`;
    const wider = earlier.find((other) => other.match_type !== 'regex' && covers(other, rule));
    return wider === undefined ? [] : `${rule.match}: is hidden by ${wider.match}, which comes first`;
  });
}

/** Refuses a table from which a wrong mapping would be made: all of it at once, each with the field and the fix. */
export function checkTable(areas: readonly Area[]): readonly Area[] {
  const rows = areas.flatMap((area) => area.metrics.map((metric) => ({ area, metric })));
  const ofRows = [
    ...rows.flatMap((row) => CHECKS.flatMap((check) => check(row) ?? []).map((problem) => `${place(row)}: ${problem}`)),
    ...areas.flatMap(({ prefix, leftOut }) =>
      leftOut.filter(({ reason }) => reason === '').map(({ paths }) => `${prefix}${paths}: reason: say why`),
    ),
    ...checkNames(rows),
  ];
  // Rules are made of rows that are right.
  const problems = ofRows.length > 0 ? ofRows : checkRules(mappingOf(areas, 'full').mappings);
  if (problems.length > 0) throw new ConfigError(`the table of Spark's metrics:\n${problems.join('\n')}`);
  return areas;
}
