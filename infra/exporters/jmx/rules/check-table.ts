import { ConfigError } from '../../../../shared/core/errors.ts';
import { OWN_LABELS } from '../../../../shared/core/labels.ts';
import { daemons, type Daemon } from '../daemons.ts';
import { entry } from '../options.ts';
import { expand, UNITS, type Bean, type DaemonRules, type Metric } from './table.ts';

interface Row {
  readonly daemon: string;
  readonly bean: Bean;
  readonly metric: Metric;
}

type Check = (row: Row) => string | undefined;

/** client_java takes these off a gauge's name, and off a counter's name less its `_total`. */
const RESERVED = /_(total|created|bucket|info)$/;
/**
 * Every target has them, by our hand or by tags as monitoring.yml maps them, or Prometheus means something by them: a
 * metric's own would be renamed `exported_…`.
 */
const OF_TARGETS: ReadonlySet<string> = new Set([
  ...OWN_LABELS,
  ...(entry.labels ?? []),
  'service',
  'project',
  'le',
  'quantile',
]);

const checkUnit: Check = ({ bean, metric: { name, type, unit } }) => {
  if (!Object.hasOwn(UNITS, unit)) return `unit: '${unit}' is not known: take one of ${Object.keys(UNITS).join(', ')}`;
  const ending = UNITS[unit].suffix + (type === 'counter' ? '_total' : '');
  const whole = bean.prefix + name;
  return whole.endsWith(ending) ? undefined : `name: a ${type} in ${unit} ends in '${ending}'`;
};

const checkName: Check = ({ daemon, bean, metric: { name, type } }) => {
  const whole = bean.prefix + name;
  const own = daemons.find(({ name: of }) => of === daemon)?.prefix ?? '';
  if (!/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(whole))
    return 'name: lower case words with single underscores between them';
  if (!whole.startsWith(own) && !whole.startsWith('hadoop_')) return `name: begins with '${own}', or with 'hadoop_'`;
  const base = type === 'counter' ? whole.replace(/_total$/, '') : whole;
  const ending = RESERVED.exec(base)?.[0];
  return ending === undefined ? undefined : `name: '${ending}' is cut off by jmx_exporter: take another word`;
};

const checkLabels: Check = ({ bean, metric }) => {
  const stars = bean.match?.match(/\((?!\?)/g)?.length ?? bean.objectName.split('*').length - 1;
  for (const [label, value] of Object.entries({ ...bean.labels, ...metric.labels })) {
    if (!/^[a-z][a-z0-9_]*$/.test(label))
      return `labels: '${label}' is no label name: lower case words with underscores`;
    if (OF_TARGETS.has(label)) return `labels: every target has '${label}': take another name`;
    const groups = [...value.matchAll(/\$(\d+)/g)].map(([, group]) => Number(group));
    if (groups.some((group) => group > stars))
      return `labels: '${label}' asks for ${value}, and there are ${stars} stars`;
  }
  return undefined;
};

const checkHelp: Check = ({ metric: { help } }) =>
  /^[^$\\]+\.$/.test(help) ? undefined : "help: a sentence with a full stop, without '$' and backslash";

/** Those written by hand: what is made of an object name is escaped. */
const checkPatterns: Check = ({ bean, metric }) => {
  const patterns = { match: bean.match, 'text.pattern': metric.text?.pattern };
  const problems = Object.entries(patterns).map(([field, pattern = '']) => {
    const fault = faultOf(pattern);
    return fault === undefined ? undefined : `${field}: ${fault}: mend it`;
  });
  return problems.find((problem) => problem !== undefined);
};

function faultOf(pattern: string): string | undefined {
  try {
    return void new RegExp(pattern, 'u');
  } catch (error) {
    return error instanceof SyntaxError ? error.message : String(error);
  }
}

const CHECKS = [checkUnit, checkName, checkLabels, checkHelp, checkPatterns];

const rowsOf = ({ daemon, beans }: DaemonRules): readonly Row[] =>
  beans.flatMap((bean) => bean.metrics.flatMap(expand).map((metric) => ({ daemon, bean, metric })));

const place = ({ daemon, bean, metric }: Row): string => `${daemon}, ${bean.objectName}, ${metric.attribute}`;
const wholeName = ({ bean, metric }: Row): string => bean.prefix + metric.name;
const keyOf = (name: string): string => (RESERVED.test(name) ? name.replace(RESERVED, '') : name);

/** One name, one meaning, whichever daemon it is of. */
function checkSameNames(rows: readonly Row[]): readonly string[] {
  return [...Map.groupBy(rows, (row) => keyOf(wholeName(row))).values()].flatMap(([first, ...others]) =>
    others.flatMap((row) => {
      if (first === undefined) return [];
      if (wholeName(row) !== wholeName(first))
        return `${place(row)}: name: '${wholeName(row)}' and '${wholeName(first)}' are one to jmx_exporter: rename one`;
      if (row.metric.type !== first.metric.type)
        return `${place(row)}: type: '${wholeName(row)}' is a ${first.metric.type} elsewhere: rename it`;
      if (row.metric.help !== first.metric.help)
        return `${place(row)}: help: '${wholeName(row)}' has another text elsewhere: make them one`;
      return [];
    }),
  );
}

/** Within a daemon: every series once, every attribute once. */
function checkTwice(rows: readonly Row[]): readonly string[] {
  const numbers = rows.filter(({ metric }) => metric.text === undefined);
  const series = ({ bean, metric }: Row) => [bean.objectName, metric.name, JSON.stringify(metric.labels)].join(' ');
  const attribute = ({ bean, metric }: Row) => [bean.objectName, metric.attribute].join(' ');
  return [series, attribute].flatMap((keys) =>
    [...Map.groupBy(numbers, keys).values()].flatMap(([, second]) =>
      second === undefined
        ? []
        : `${place(second)}: attribute: mapped twice, or a second with the same labels: remove one`,
    ),
  );
}

const checkDaemon = (rules: DaemonRules): readonly string[] => {
  const known = daemons.find(({ name }) => name === rules.daemon);
  if (known === undefined) return [`${rules.daemon}: daemon: not in daemons.ts: add it there`];
  const rows = rowsOf(rules);
  const isProved = rows.some((row) => wholeName(row).startsWith(known.prefix));
  return [
    ...(isProved
      ? []
      : [`${rules.daemon}: beans: no metric begins with '${known.prefix}': a page must prove whose it is`]),
    ...rows.flatMap((row) => CHECKS.flatMap((check) => check(row) ?? []).map((problem) => `${place(row)}: ${problem}`)),
    ...checkTwice(rows),
  ];
};

/** Two daemons cannot have one name, or answer on one port. */
const checkDaemons = (known: readonly Daemon[]): readonly string[] =>
  (['name', 'port'] as const).flatMap((field) =>
    [...Map.groupBy(known, (daemon) => daemon[field])].flatMap(([value, [first, ...others]]) =>
      others.map(({ name }) => `daemons.ts, ${name}: ${field}: ${first?.name} has ${value} already: take another`),
    ),
  );

/** Refuses a table from which wrong rules would be made: all of it at once, each with the field and the fix. */
export function checkTable(table: readonly DaemonRules[], known = daemons): readonly DaemonRules[] {
  const problems = [...checkDaemons(known), ...table.flatMap(checkDaemon), ...checkSameNames(table.flatMap(rowsOf))];
  if (problems.length > 0) throw new ConfigError(`the table of JMX metrics:\n${[...new Set(problems)].join('\n')}`);
  return table;
}
