import {
  expand,
  UNITS,
  type Bean,
  type DaemonRules,
  type LeftOut,
  type LeftOutBeans,
  type Metric,
} from './rules/table.ts';

const HEAD = `# Metrics of the Hadoop daemons

Made by \`npm run metrics\` from infra/exporters/jmx/rules/*.ts: change these.

Units are base units: seconds, bytes, ratios from 0 to 1. A \`*\` in a bean's name stands for what changes. Every series
has the labels of its target besides, \`daemon\` among them. Where JMX has an average, it is the average since the values
were last taken (Hadoop does that every 10 seconds when somebody reads).

A page has a bounded number of series, so that a \`sample_limit\` never takes it away: 250 for a NameNode, 150 for every
other daemon (a DataNode has them with 24 volumes), and for a ResourceManager 25 more for each queue. A queue has 19 series,
and 6 more for each partition besides the default one (node labels; EMR 5 has one by default): at most 50 queues are shown,
and at most 1,250 series of queues, which are 33 queues where there are three such partitions. The others are counted in
\`yarn_resourcemanager_queues_dropped\`. So 1,400 for a ResourceManager, from the first count on: a quarter of a minute
after its exporter's start, and ten minutes after queues were added, all of them may be there. In mode \`agent\` some
hundred series of jmx_exporter's own come on top, \`jvm_…\` and \`process_…\`.
`;

const row = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;

const labelsOf = (bean: Bean, { labels }: Metric): string =>
  Object.entries({ ...bean.labels, ...labels })
    .map(([name, value]) => (value.includes('$') ? `\`${name}\`` : `\`${name}="${value}"\``))
    .join(', ');

/** Beans that differ in their depth only, the queues', are one section. */
const sections = (beans: readonly Bean[]): readonly (readonly Bean[])[] => [
  ...Map.groupBy(beans, ({ objectName }) => objectName.replace(/(?<=q0=\*),.*/, '')).values(),
];

function beanSection([bean, ...deeper]: readonly Bean[]): string {
  if (bean === undefined) return '';
  const rows = bean.metrics.flatMap(expand).map((metric) => {
    const { factor } = UNITS[metric.unit];
    const isCounted = metric.text?.pattern === '.+'; // whatever the attribute says: it is of queues.sh
    const from = isCounted ? '' : `${metric.attribute.replace(':', '.')}${factor === 1 ? '' : ` (${metric.unit})`}`;
    return row([`\`${bean.prefix}${metric.name}\``, metric.type, labelsOf(bean, metric), metric.help, from]);
  });
  return [
    `### \`${bean.objectName}\`${deeper.length === 0 ? '' : `, and ${deeper.length} levels below`}\n`,
    row(['Metric', 'Type', 'Labels', 'Meaning', 'Attribute']),
    row(['---', '---', '---', '---', '---']),
    // A flag is two rules, one for each of its texts.
    ...new Set(rows),
    ...(bean.leftOut.length === 0 ? [] : ['', ...bean.leftOut.map(leftOutLine)]),
  ].join('\n');
}

const leftOutLine = ({ attributes, reason }: LeftOut): string =>
  `Left out: ${attributes
    .split(' ')
    .map((name) => `\`${name}\``)
    .join(', ')} (${reason}).  `;

const beanLine = ({ objectName, reason }: LeftOutBeans): string => `- \`${objectName}\`: ${reason}`;

const daemonSection = ({ daemon, isTested, beans, leftOut }: DaemonRules, shared: ReadonlySet<string>): string =>
  [
    `## ${daemon}\n`,
    ...(isTested
      ? []
      : ['Written from documentation: never run against this daemon (see [unproven](../unproven.md)).\n']),
    ...sections(beans.filter(({ prefix }) => !shared.has(prefix))).map((group) => `${beanSection(group)}\n`),
    'Beans that are not read:\n',
    ...leftOut.map(beanLine),
  ].join('\n');

/** docs/metrics/hadoop.md. What several daemons have under the same names stands once, at the end. */
export function renderMetricsPage(table: readonly DaemonRules[]): string {
  const users = Map.groupBy(
    table.flatMap(({ daemon, beans }) => beans.map((bean) => ({ daemon, bean }))),
    ({ bean }) => bean.prefix,
  );
  const shared = new Set([...users].filter(([prefix]) => prefix.startsWith('hadoop_')).map(([prefix]) => prefix));
  const once = [...shared].flatMap((prefix) => users.get(prefix)?.[0]?.bean ?? []);
  return [
    HEAD,
    ...table.map((daemon) => `${daemonSection(daemon, shared)}\n`),
    '## Every daemon\n\nThe JVM of every daemon; RPC, logins, log messages and pauses of those that have them.\n',
    ...once.map((bean) => `${beanSection([bean]).replace(/service=\w+/, 'service=…')}\n`),
  ].join('\n');
}
