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
  readonly lowercaseOutputName: true;
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

/** `<composite>attribute` as it is matched, with a group for the variants. */
function attributePattern({ attribute, variants }: Metric): string {
  const [composite = '', key = attribute] = attribute.includes(':') ? attribute.split(':') : [];
  return `<${composite}>${escape(key).replace('%', `(${variants?.join('|')})`)}`;
}

function rule(bean: Bean, metric: Metric): Rule {
  const ofBean = beanPattern(bean);
  const group = `$${groupsIn(ofBean) + 1}`;
  const labels = Object.entries({ ...bean.labels, ...metric.labels });
  const { factor } = UNITS[metric.unit];
  return {
    pattern: `^${ofBean}${attributePattern(metric)}: ${metric.text === undefined ? '' : `${metric.text.pattern}$`}`,
    name: bean.prefix + metric.name.replace('%', group),
    type: metric.type === 'gauge' ? 'GAUGE' : 'COUNTER',
    help: metric.help.replace('%', group),
    ...(labels.length === 0
      ? {}
      : { labels: Object.fromEntries(labels.map(([name, value]) => [name, value.replace('$state', group)])) }),
    ...(metric.text === undefined ? {} : { value: `${metric.text.value}` }),
    ...(factor === 1 ? {} : { valueFactor: factor }),
  };
}

const withoutGroups = (pattern: string): string => pattern.replaceAll(/\((?!\?)/g, '(?:');

/**
 * An empty name drops what matches: everything that no other rule is for. jmx_exporter holds each attribute against one
 * rule after the other, those that match none against all of them. CPU of the exporter for a page of the NameNode (1.0.1
 * with our JVM flags): 200 ms without this rule, 70 ms with it. `cache: true` instead: 120 ms, and 97 MB instead of 71.
 */
function dropRest(beans: readonly Bean[]): Rule {
  const kept = beans.map((bean) => {
    const attributes = [...new Set(bean.metrics.map(attributePattern))];
    return withoutGroups(`${beanPattern(bean)}(?:${attributes.join('|')}): `);
  });
  return { pattern: `^(?!${kept.join('|')})`, name: '' };
}

export function rulesFile({ beans, leftOut }: DaemonRules): RulesFile {
  const excluded = leftOut.filter(({ isExcluded }) => isExcluded).map(({ objectName }) => objectName);
  const unread = beans.filter((bean) => bean.unread.length > 0).map((bean) => [bean.objectName, bean.unread] as const);
  return {
    // For the variants: all other names are so already.
    lowercaseOutputName: true,
    includeObjectNames: [...new Set(beans.map(({ objectName }) => objectName))],
    ...(excluded.length === 0 ? {} : { excludeObjectNames: excluded }),
    ...(unread.length === 0 ? {} : { excludeObjectNameAttributes: Object.fromEntries(unread) }),
    rules: [dropRest(beans), ...beans.flatMap((bean) => bean.metrics.map((metric) => rule(bean, metric)))],
  };
}

const NOTE = '# Made by `npm run metrics` from infra/exporters/jmx/rules/*.ts: change these.\n';

export const renderYaml = (daemon: DaemonRules): string =>
  NOTE + stringify(rulesFile(daemon), { lineWidth: 0, version: '1.1' });
