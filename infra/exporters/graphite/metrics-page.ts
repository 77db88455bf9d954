import { sinkRegex } from './paths/sink-regex.ts';
import { UNITS, type Area, type LeftOut, type Metric } from './paths/table.ts';

const HEAD = `# Metrics of Spark applications

Made by \`npm run metrics\` from infra/exporters/graphite/paths/*.ts: change these.

Units are base units: seconds, bytes. Every series has \`application_id\`, and \`executor_id\` (\`driver\` or a number) unless it is
the application master's; and the labels of its target, the node that the process runs on. graphite_exporter calls all of
them gauges; what is a counter here only grows until its process ends: use \`rate\` or \`increase\`. Values of \`quantile\` are of
what happened of late (1: the most): never add them up, and never average them.

What tasks did (times, bytes, records, spill, shuffle) is added when a task has succeeded; what failed and killed ones did
is nowhere. Per task it is therefore to be divided by \`spark_executor_succeeded_tasks_total\`.

Tier \`essential\` is what is shown unless \`tier: full\` is set: at most 30 series for each executor. *Since*: the first Spark
that sends it, of 3.3, 3.5 and 4.0.
`;

const FOOT = `## What Spark is told to send

\`*.sink.graphite.regex\` in metrics.properties. With \`tier: essential\`:

\`\`\`
${sinkRegex.essential}
\`\`\`

With \`tier: full\`:

\`\`\`
${sinkRegex.full}
\`\`\`
`;

const row = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;

const labelsOf = (metrics: readonly Metric[]): string =>
  Object.keys(metrics[0]?.labels ?? {})
    .map((label) => {
      const values = [...new Set(metrics.map(({ labels }) => labels[label] ?? ''))].filter(
        (value) => !value.startsWith('$'),
      );
      return values.length === 0 ? `\`${label}\`` : `\`${label}\`: ${values.join(', ')}`;
    })
    .join('; ');

/** Rows of one name are one. */
function metricRow(metrics: readonly Metric[]): string {
  const [first] = metrics;
  if (first === undefined) return '';
  const { name, type, help, unit } = first;
  const paths = metrics.map(({ path }) => `\`${path}\``).join(', ');
  const tiers = [...new Set(metrics.map(({ tier }) => tier))].sort().join(', ');
  const since = metrics.map((metric) => metric.since).sort()[0] ?? '';
  return row([
    `\`${name}\``,
    type,
    labelsOf(metrics),
    help,
    paths + (UNITS[unit].factor === 1 ? '' : ` (${unit})`),
    tiers,
    since,
  ]);
}

const leftOutLine = ({ paths, reason }: LeftOut): string =>
  `Left out: ${paths
    .split(' ')
    .map((path) => `\`${path}\``)
    .join(', ')} (${reason}).  `;

const section = ({ title, prefix, metrics, leftOut }: Area): string =>
  [
    `## ${title}\n`,
    ...(prefix === '' ? [] : [`Paths begin with \`${prefix}\`\n`]),
    ...(metrics.length === 0
      ? []
      : [
          row(['Metric', 'Type', 'Labels', 'Meaning', 'Path', 'Tier', 'Since']),
          row(Array(7).fill('---')),
          ...[...Map.groupBy(metrics, ({ name }) => name).values()].map(metricRow),
          '',
        ]),
    ...leftOut.map(leftOutLine),
  ]
    .join('\n')
    .trimEnd();

/** docs/metrics/spark.md. */
export const renderSparkPage = (areas: readonly Area[]): string =>
  [HEAD, ...areas.map((area) => `${section(area)}\n`), FOOT].join('\n');
