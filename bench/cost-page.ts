import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import {
  beyond,
  type CostCounts,
  type Counts,
  costOf,
  customMetrics,
  monthOf,
  putMetricData,
  sumOf,
} from './cost-model.ts';

/** Series of one page each (docs/performance.md; node_exporter by its shipped unit on two processors). */
const SERIES = {
  node: 350,
  namenode: 144,
  resourcemanager: 167,
  historyserver: 66,
  worker: 98 + 98,
  spark: 2210,
} as const;

const money = (dollars: number): string =>
  `$${dollars.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
const round = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: value < 10 ? 1 : 0 });
const perHour = (counts: Counts, value: number): string => round((value / counts.minutes) * 60);

const COUNTED: readonly (readonly [name: string, of: (counts: Counts) => number])[] = [
  ['Lambda: invocations', ({ invocations }) => invocations],
  ['Lambda: GB-s', ({ gbSeconds }) => gbSeconds],
  ['S3: PUT, LIST', ({ s3Writes }) => s3Writes],
  ['S3: GET, HEAD', ({ s3Reads }) => s3Reads],
  ['S3: DELETE (free)', ({ s3Deletes }) => s3Deletes],
  ['EMR, EC2, SSM (free)', ({ freeCalls }) => freeCalls],
  ['SQS: messages', ({ messages }) => messages],
  ['SQS: batches', ({ batches }) => batches],
  ["CloudWatch: kB of our functions' lines", ({ logBytes }) => logBytes / 1000],
];

/** The tables of docs/cost.md. `alarms`: how many metrics those of the stack look at. */
export function renderCost(
  { clusters, nodes, phases: { empty, launch, steady, end } }: CostCounts,
  alarms: number,
): string {
  const life = [beyond(launch, empty), beyond(end, empty)];
  const perCluster = (of: (counts: Counts) => number): string =>
    round(life.reduce((sum, counts) => sum + of(counts), 0) / clusters);
  const rows = COUNTED.map(([name, of]) => [
    name,
    perHour(empty, of(empty)),
    perHour(steady, of(steady)),
    perCluster(of),
  ]);
  const metrics = [
    'CloudWatch: custom metrics',
    String(empty.metrics),
    String(steady.metrics),
    `${launch.metrics - steady.metrics} more in such an hour, in all`,
  ];
  const [fixed, month] = [monthOf(empty, { alarms }), monthOf(steady, { alarms })];
  const names = {
    lambda: 'Lambda',
    s3: 'S3, the functions',
    sqs: 'SQS (idle polling)',
    logs: 'CloudWatch Logs',
    metrics: 'custom metrics',
    alarms: `${alarms} metrics of alarms`,
    dashboard: 'dashboard',
    sidecar: 'S3, one sidecar each 5 s',
  } as const;
  const bill = Object.entries(names).map(([key, name]) => [
    name,
    money(fixed[key as keyof typeof names]),
    money(month[key as keyof typeof names]),
  ]);
  const oneCluster = life.reduce((sum, counts) => sum + costOf(counts), 0) / clusters;
  const workers = nodes / clusters - 1;
  const jmx = SERIES.namenode + SERIES.resourcemanager + SERIES.historyserver + workers * SERIES.worker;
  const sets = [
    ['node_exporter', nodes * SERIES.node],
    ['… and jmx', nodes * SERIES.node + clusters * jmx],
    ['… and Spark, ten applications a cluster', nodes * SERIES.node + clusters * (jmx + SERIES.spark)],
  ] as const;
  return [
    table(
      [
        'counted',
        'an hour without clusters',
        `an hour, ${nodes} nodes in ${clusters} clusters`,
        `one cluster of ${nodes / clusters}: its launch and its end`,
      ],
      [...rows, metrics],
    ),
    '',
    table(
      ['a month, us-east-1', 'no clusters', `${nodes} nodes, steady`],
      [...bill, ['**together**', `**${money(sumOf(fixed))}**`, `**${money(sumOf(month))}**`]],
    ),
    '',
    `A thousand clusters of ${nodes / clusters} nodes that come and go: ${money(oneCluster * 1000)}`,
    '',
    table(
      [
        'the same series as custom metrics of the CloudWatch agent',
        'series',
        'a month',
        'PutMetricData, once a minute',
      ],
      sets.map(([name, series]) => [
        name,
        series.toLocaleString('en-US'),
        money(customMetrics(series)),
        money(putMetricData(series)),
      ]),
    ),
  ].join('\n');
}

const table = (titles: readonly string[], rows: readonly (readonly string[])[]): string =>
  [titles, titles.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

const BEGIN = '<!-- Counted and priced by `npm run bench -- cost`: not edited by hand. -->';
const END = '<!-- end of what is counted -->';

/** The page with its tables made anew. */
export function withTables(page: string, counts: CostCounts, alarms: number): string {
  const [before, rest = ''] = page.split(BEGIN);
  const [, after] = rest.split(END);
  if (after === undefined) throw new Error('docs/cost.md has lost the marks around its tables');
  return `${before}${BEGIN}\n\n${renderCost(counts, alarms)}\n\n${END}${after}`;
}

const RESOURCES = new URL('../infra/resources/', import.meta.url);

/** How many metrics the alarms of a deployment look at, each of which is charged: as many as alarms, but for sums. */
export async function alarmMetricsOfStack(): Promise<number> {
  const texts = await Promise.all(
    globSync('alarms/*.yml', { cwd: RESOURCES }).map((file) => readFile(new URL(file, RESOURCES), 'utf8')),
  );
  const found = (pattern: RegExp): number => [...texts.join('').matchAll(pattern)].length;
  return found(/^ +Type: AWS::CloudWatch::Alarm$/gm) - found(/^ +Metrics:$/gm) + found(/^ +MetricStat:/gm);
}
