import type { OldName } from './compat-rules.ts';

/** A panel of the dashboards that the original recipe had. */
export interface OriginalQuery {
  readonly dashboard: string;
  readonly row: string;
  readonly panel: string;
  readonly query: string;
}

export const readOriginalQueries = (tsv: string): readonly OriginalQuery[] =>
  tsv
    .trim()
    .split('\n')
    .map((line) => {
      const [dashboard = '', row = '', panel = '', query = ''] = line.split('\t');
      return { dashboard, row, panel, query };
    });

/** What, what instead, and why. */
type Mend = readonly [RegExp, string, string];

/** One JMX target was a cluster then, its NameNode; now every daemon of every node is one, and a cluster may have three. */
const CLUSTERS_UP = [
  /count\(up\{([^}]*)\}\)/g,
  'count(count by (cluster_id) (up{$1, daemon="namenode"} == 1))',
  'it counted what is down too; every daemon is a target now',
] as const satisfies Mend;

/** What was wrong in the original queries, or names devices as they are no longer named. */
const MENDED: readonly Mend[] = [
  [/count\(up(\{[^}]*\})\)/g, 'count(up$1 == 1)', 'it counted what is down too'],
  [/device=~"eth\."/g, 'device=~"(eth|ens).*"', 'newer instances name their interfaces so'],
  [
    /^rate\(node_vmstat_pswpin(.*)\) \+ rate\(node_vmstat_pswpout(.*)\)$/g,
    '(rate(node_vmstat_pswpin$1) + rate(node_vmstat_pswpout$2)) * 4',
    'it showed pages, of 4 KiB, as kilobytes',
  ],
];

type Query = Pick<OriginalQuery, 'dashboard' | 'query'>;

interface Becoming {
  readonly query: string;
  readonly why: string;
}

/** What a query becomes without the compat rules, and why. */
export function becomes({ dashboard, query }: Query, names: readonly OldName[]): Becoming {
  const byName = new Map(names.map((name) => [name.record, name]));
  const renamed = query.replaceAll(/\b(hdfs_\w+)(?:\{([^}]*)\})?/g, (whole, name: string, matchers?: string) => {
    const old = byName.get(name);
    if (old === undefined) return whole;
    const kept = matchers?.replaceAll(/,? *(role|kind)="[^"]*"/g, '') ?? '';
    // A variable lists the labels of series: there is no reckoning in it.
    return withMatchers(query.startsWith('label_values(') ? old.expr.replace(/ .*/, '') : old.expr, kept);
  });
  const mends = [...(dashboard.startsWith('HDFS') ? [CLUSTERS_UP] : []), ...MENDED];
  return mends.reduce(mend, { query: renamed, why: '' });
}

const mend = (before: Becoming, [pattern, replacement, reason]: Mend): Becoming => {
  const query = before.query.replaceAll(pattern, replacement);
  return query === before.query ? before : { query, why: [before.why, reason].filter(Boolean).join('; ') };
};

/** The metric's own matchers and those of the query. */
const withMatchers = (expr: string, kept: string): string =>
  expr
    .replace(/^sum without \(\w+\) \((.*)\)$/, '$1')
    .replace(
      /^(\w+)(?:\{([^}]*)\})?/,
      (_, name: string, own?: string) => name + inBraces([kept, own].filter(Boolean).join(', ')),
    );

const inBraces = (matchers: string): string => (matchers === '' ? '' : `{${matchers}}`);

const HEAD = `# From the original dashboards

Made by \`npm run metrics\`. Dashboards made for the AWS recipes or for the original Prometheus-on-EMR have other names
for the Hadoop daemons' metrics. Either load \`infra/prometheus/compat.rules.yml\` into Prometheus (\`rule_files\`): the old
names are there again, with their labels \`role\` and \`kind\`; they start when it is loaded, and have no history. Or change
the queries, those of the variables too, as below. In both cases \`$job\` takes the value
\`jmx\` for HDFS and \`node\` for the operating system.

A cluster with three masters has several NameNodes, each of which tells the whole, so that sums double: put
\`and on (cluster_id, instance) hdfs_namenode_ha_state{state="active"}\` into them.

Names of node_exporter's metrics have not changed.
The dashboard *JVM Metrics* of the original was a copy of *OS Level Metrics*, with the same id: it has no queries of its own.
What Spark's metrics became: [docs/metrics-migration-spark.md](metrics-migration-spark.md).
`;

const cell = (text: string): string => text.replaceAll('|', '\\|');
const row = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;

export function renderMigration(queries: readonly OriginalQuery[], names: readonly OldName[]): string {
  const dashboards = [...Map.groupBy(queries, ({ dashboard }) => dashboard)].map(([dashboard, ofDashboard]) => {
    const rows = ofDashboard.map(({ row: section, panel, query }) => {
      const { query: now, why } = becomes({ dashboard, query }, names);
      return row([section, panel, `\`${query}\``, now === query ? 'as it is' : `\`${now}\``, why]);
    });
    return [
      `## ${dashboard}\n`,
      row(['Row', 'Panel', 'Was', 'Becomes', 'Mended']),
      row(Array(5).fill('---')),
      ...rows,
      '',
    ];
  });
  const all = names.map(({ record, expr }) => row([`\`${record}\``, `\`${expr}\``]));
  return [
    HEAD,
    ...dashboards.flat(),
    '## Every old name\n\nWhat the compat rules record.\n',
    row(['Old name', 'Made of']),
    row(['---', '---']),
    ...all,
    '',
  ].join('\n');
}
