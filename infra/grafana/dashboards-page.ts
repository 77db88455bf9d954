import type { Dashboard, Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { DASHBOARDS } from './catalogue.ts';
import { COPIED, type OriginalPanel } from './original-panels.ts';

const HEAD = `# Dashboards

Made by \`npm run dashboards\` from infra/grafana: change that.

Nine dashboards, as code in \`infra/grafana\` and as JSON in \`infra/grafana/dashboards\`. Start at **EMR / Fleet**: every
cluster is a row, those with alerts first; a click on a name opens the cluster, from there its machines, YARN, HDFS, JVMs
and Spark applications. The links at the top of each dashboard lead to the others and keep the time and what is chosen.

- **Getting them.** The host that \`npm run deploy:host\` makes has them. A Grafana of your own (13; core panels only, no
  plugin): provision the folder, or import each file; the variable \`Prometheus\` asks which data source.
- **Choosing.** Prometheus → cluster name → cluster → role → node, each among what the one before leaves. A name may belong
  to many clusters, one after the other; "All" names show every id. A node's value is its EC2 id, its text the name that
  YARN's logs use. Nodes and clusters that ended are there as long as the time shown knows them.
- **Reading.** Shares are from 0 to 100 %, sizes in KiB, MiB, GiB. A line for each node means the twenty that were highest
  over the whole time shown: choose nodes above for others. Tables and single numbers are as of the end of the time. Closed
  rows ask nothing until they are opened, but for one query of *Nodes* at each refresh: which nodes wait most for their
  disks. A red line across a panel is an alert of that cluster. Each panel's (i) says how to read it.
- **Series.** Most are recorded by \`infra/prometheus/rules\`, so a Prometheus without these rules shows little. The names of
  the others: [Hadoop](metrics/hadoop.md), [Spark](metrics/spark.md), node_exporter's own.
- **Changing.** Dashboards are not edited in Grafana: it would lose that at the next sync. Copy one there under another
  name, or put your own into \`content/dashboards\`.
`;

const cell = (text: string): string => text.replaceAll('|', '\\|');

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n');

/** Row by row, closed ones too: the title of the row, its panels. */
function sections({ panels = [] }: Dashboard): readonly (readonly [string, readonly Panel[]])[] {
  const rows: [string, Panel[]][] = [];
  for (const panel of panels) {
    if (panel.type === 'row' && 'panels' in panel) rows.push([panel.title ?? '', [...panel.panels]]);
    else rows.at(-1)?.[1].push(panel);
  }
  return rows;
}

const chapter = (dashboard: Dashboard): string =>
  [
    `### ${dashboard.title}\n\n${dashboard.description} \`${dashboard.uid}\``,
    ...sections(dashboard).map(
      ([row, panels]) =>
        `**${row}**\n\n${table(
          ['Panel', 'How to read it'],
          panels.map(({ title = '', description = '' }) => [title, description]),
        )}`,
    ),
  ].join('\n\n');

const titleOf = (uid: string): string => DASHBOARDS.find((dashboard) => dashboard.uid === uid)?.title ?? uid;

const mapOf = (name: string, panels: readonly OriginalPanel[]): string =>
  `### ${name}\n\n${table(
    ['Row', 'Panel', 'Here', 'What is better'],
    panels.map(({ row, panel, uid, ourRow, ourPanel, gone }) => [
      row,
      panel,
      `${titleOf(uid)} › ${ourRow} › ${ourPanel}`,
      gone,
    ]),
  )}`;

const ORIGINALS = `## From the original's dashboards

Every panel that the original recipe had, what shows it here, and which of its defects is gone. Its variable \`$job\` is not
needed (a job has its own series), \`$cluster\` and \`$instance\` are "cluster" and "node"; \`$service\` was a tag: filter the
Fleet's table by name, or give the label a variable in a copy. Its NameNode dashboard never had data: the job that should
have scraped it left the master out.`;

const COPY = `### ${COPIED.copy}

The same panels as ${COPIED.of}, row by row, without a choice of role ("Memory Utilization" is "Memory Used" there), and none
about a JVM. What they show is where the table above says; **${titleOf('emr-jvm')}** has what the name promised.
It had the uid of ${COPIED.of}, too: of the two, the one that was imported last overwrote the other. Each of ours has its own.`;

/** docs/dashboards.md. */
export function dashboardsPage(originals: readonly OriginalPanel[]): string {
  const byDashboard = Map.groupBy(originals, ({ dashboard }) => dashboard);
  return [
    HEAD.trimEnd(),
    '## What is on them',
    ...DASHBOARDS.map(chapter),
    ORIGINALS,
    ...[...byDashboard].map(([name, panels]) => mapOf(name, panels)),
    COPY,
  ]
    .join('\n\n')
    .concat('\n');
}
