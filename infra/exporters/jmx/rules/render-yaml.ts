import { stringify } from 'yaml';
import { UNITS, type Bean, type DaemonRules, type Labels, type Metric } from './table.ts';

/** A rule of jmx_exporter (prometheus/jmx_exporter, docs: configuration/rules). */
export interface Rule {
  readonly pattern: string;
  readonly name: string;
  readonly type?: 'GAUGE' | 'COUNTER';
  readonly help?: string;
  readonly labels?: Labels;
  readonly value?: string;
  readonly valueFactor?: number;
}

export interface RulesFile {
  readonly lowercaseOutputName: false;
  readonly includeObjectNames: readonly string[];
  readonly excludeObjectNames?: readonly string[];
  readonly excludeObjectNameAttributes?: Readonly<Record<string, readonly string[]>>;
  readonly rules: readonly Rule[];
}

const escape = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** jmx_exporter matches against `domain<key=value, key=value><composite>attribute: value`. */
const beanPattern = ({ objectName, match }: Bean): string => {
  if (match !== undefined) return match;
  const [domain = '', keys = ''] = objectName.split(/:(.*)/s);
  const shown = keys.split(',').join(', ');
  return `${escape(domain)}<${shown.split('*').map(escape).join('([^,>]+)')}>`;
};

const groupsIn = (pattern: string): number => pattern.match(/\((?!\?)/g)?.length ?? 0;

function rule(bean: Bean, metric: Metric): Rule {
  const ofBean = beanPattern(bean);
  const [composite = '', attribute = metric.attribute] = metric.attribute.includes(':')
    ? metric.attribute.split(':')
    : [];
  const labels = Object.entries({ ...bean.labels, ...metric.labels }).map(([name, value]) => [
    name,
    value.replace('$state', `$${groupsIn(ofBean) + 1}`),
  ]);
  const { factor } = UNITS[metric.unit];
  return {
    pattern: `^${ofBean}<${composite}>${escape(attribute)}: ${metric.text?.pattern ?? ''}`.concat(
      metric.text ? '$' : '',
    ),
    name: bean.prefix + metric.name,
    type: metric.type === 'gauge' ? 'GAUGE' : 'COUNTER',
    help: metric.help,
    ...(labels.length === 0 ? {} : { labels: Object.fromEntries(labels) }),
    ...(metric.text === undefined ? {} : { value: `${metric.text.value}` }),
    ...(factor === 1 ? {} : { valueFactor: factor }),
  };
}

/** An empty name drops the attribute: the rest of a bean need not be held against the rules of all others. */
const rest = (bean: Bean): Rule => ({ pattern: `^${beanPattern(bean)}`, name: '' });

export function rulesFile({ beans, leftOut }: DaemonRules): RulesFile {
  const excluded = leftOut.filter(({ isExcluded }) => isExcluded).map(({ objectName }) => objectName);
  const unread = beans.filter((bean) => bean.unread.length > 0).map((bean) => [bean.objectName, bean.unread] as const);
  return {
    lowercaseOutputName: false,
    includeObjectNames: [...new Set(beans.map(({ objectName }) => objectName))],
    ...(excluded.length === 0 ? {} : { excludeObjectNames: excluded }),
    ...(unread.length === 0 ? {} : { excludeObjectNameAttributes: Object.fromEntries(unread) }),
    rules: beans.flatMap((bean) => [...bean.metrics.map((metric) => rule(bean, metric)), rest(bean)]),
  };
}

const NOTE = '# Made by `npm run metrics` from infra/exporters/jmx/rules/*.ts: change these.\n';

export const renderYaml = (daemon: DaemonRules): string =>
  NOTE + stringify(rulesFile(daemon), { lineWidth: 0, version: '1.1' });
