import { stringify } from 'yaml';
import { expand, UNITS, type DaemonRules, type Labels, type Metric } from './rules/table.ts';

/** A metric's name in dashboards made for the AWS recipes (the original ones are), and what it is made of now. */
export interface OldName {
  readonly record: string;
  readonly expr: string;
  readonly labels: Labels;
}

/** The rules of those recipes: aws-samples/aws-emr-utilities, emr-observability/conf_files. */
interface OldBean {
  readonly bean: string;
  readonly prefix: string;
  readonly labels: Labels;
  /** Where several daemons or kinds of series have the new name. */
  readonly matchers: readonly string[];
}

const hdfs = (service: string, name: string, kind = name): OldBean => ({
  bean: `Hadoop:service=${service},name=${name}`,
  prefix: `hdfs_${service.toLowerCase()}_`,
  labels: { role: service, kind: kind.replace('-*', '') },
  matchers: [],
});

const rpc = (service: string): OldBean => ({
  bean: `Hadoop:service=${service},name=RpcActivityForPort*`,
  prefix: 'rpc_activity_',
  labels: { role: service },
  matchers: [`daemon="${service.toLowerCase()}"`],
});

const yarn = (service: string, name: string, prefix: string, matchers: readonly string[] = []): OldBean => ({
  bean: `Hadoop:service=${service},name=${name}`,
  prefix,
  labels: {},
  matchers,
});

const QUEUES = 'yarn_resourcemanager_queue_';

const OLD_BEANS: readonly OldBean[] = [
  hdfs('NameNode', 'FSNamesystem'),
  hdfs('NameNode', 'NameNodeActivity'),
  hdfs('DataNode', 'FSDatasetState-*'),
  hdfs('DataNode', 'DataNodeActivity-*'),
  rpc('NameNode'),
  rpc('DataNode'),
  yarn('ResourceManager', 'ClusterMetrics', 'yarn_resourcemanager_clustermetrics_'),
  // Deeper queues had names of their own, and partitions were not told apart.
  yarn('ResourceManager', 'QueueMetrics,q0=*', QUEUES, ['partition=""', 'queue=~"[^.]+([.][^.]+){0,2}"']),
  yarn('NodeManager', 'NodeManagerMetrics', 'yarn_nodemanager_metrics_'),
];

/** jmx_exporter's toSnakeAndLowerCase: an underscore only where a capital follows what is none. */
const snake = (attribute: string): string => attribute.replaceAll(/([^A-Z_])(?=[A-Z])/g, '$1_').toLowerCase();

/** In the unit that it had, and without the labels that tell it from others of its new name. */
function inOldUnits(name: string, { labels, unit }: Metric, matchers: readonly string[]): string {
  const all = [...matchers, ...Object.entries(labels).map(([label, value]) => `${label}="${value}"`)];
  const series = name + (all.length === 0 ? '' : `{${all.join(',')}}`);
  const own = Object.keys(labels);
  const { factor } = UNITS[unit];
  const number = factor > 1 ? ` / ${factor}` : ` * ${Math.round(1 / factor)}`;
  return (own.length === 0 ? series : `sum without (${own.join(', ')}) (${series})`) + (factor === 1 ? '' : number);
}

/** The path in three labels, as it was. */
const inOldQueues = (expr: string): string =>
  [
    ['second_level_queue', '[^.]+[.][^.]+[.](.+)'],
    ['child_queue', '[^.]+[.]([^.]+).*'],
    ['queue', '([^.]+).*'],
  ].reduce((inner, [label, pattern]) => `label_replace(${inner}, "${label}", "$1", "queue", "${pattern}")`, expr);

/** Was a metric of its own; one of the original dashboards looks for clusters by it. */
const GIBIBYTES: OldName = {
  record: 'hdfs_namenode_capacity_total_gb',
  expr: 'hdfs_namenode_capacity_bytes / 1073741824',
  labels: { role: 'NameNode', kind: 'FSNamesystem' },
};

/** Every old name that can be made. One that is a new name too is left as it is: a second series would double sums. */
export function oldNames(table: readonly DaemonRules[]): readonly OldName[] {
  const beans = table.flatMap((daemon) => daemon.beans);
  const taken = new Set(beans.flatMap((bean) => bean.metrics.flatMap(expand).map(({ name }) => bean.prefix + name)));
  const all = OLD_BEANS.flatMap(({ bean, prefix, labels, matchers }) => {
    const found = beans.find(({ objectName }) => objectName === bean);
    const metrics = found?.metrics.flatMap(expand).filter(({ text }) => text === undefined) ?? [];
    return metrics.map((metric): OldName => {
      const expr = inOldUnits(`${found?.prefix}${metric.name}`, metric, matchers);
      const record = prefix + snake(metric.attribute);
      return { record, expr: prefix === QUEUES ? inOldQueues(expr) : expr, labels };
    });
  });
  return [...all, GIBIBYTES].filter(({ record }) => !taken.has(record));
}

const NOTE = `# Made by \`npm run metrics\`: the names of the AWS recipes' metrics, and of the original dashboards.
# Optional: load it (rule_files) for dashboards that you do not want to change. docs/metrics-migration.md
`;

export const renderCompatRules = (table: readonly DaemonRules[]): string => {
  const rules = oldNames(table).map(({ labels, ...rule }) =>
    Object.keys(labels).length === 0 ? rule : { ...rule, labels },
  );
  return NOTE + stringify({ groups: [{ name: 'prometheus-on-emr-compat', rules }] }, { lineWidth: 0 });
};
