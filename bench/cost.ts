/** What a fleet costs in calls: counted in an account without clusters, and with a fleet that comes, stays and goes. */
import { readFile, writeFile } from 'node:fs/promises';
import type { Meter } from '../shared/ports.ts';
import { MINUTE } from '../test/sim/time.ts';
import { type CostCounts, type Counts, monthOf, sumOf } from './cost-model.ts';
import { alarmMetricsOfStack, withTables } from './cost-page.ts';
import type { Day } from './day.ts';
import { report } from './figure.ts';

// As serverless.yml sets it: Powertools reads it when it is loaded.
process.env['POWERTOOLS_METRICS_NAMESPACE'] = 'PrometheusOnEmr';
process.env['POWERTOOLS_SERVICE_NAME'] = 'prometheus-on-emr-prod';
const { flushMetrics, log, logger, meter } = await import('../shared/runtime/telemetry.ts');
const { createDay } = await import('./day.ts');

const CLUSTERS = 5;
const NODES = 20;
/** Functions of serverless.yml, GB. */
const MEMORY = 0.5;
/** The minutes of the day: without clusters, while they come, steady, while they go. */
const PHASES = { empty: [5, 35], launch: [35, 50], steady: [50, 110], end: [110, 125] } as const;
type Phase = keyof typeof PHASES;

/** Bytes that the functions' loggers write, by minute; what a metric is told apart by. */
interface Said {
  readonly lines: { readonly at: number; readonly bytes: number }[];
  readonly metrics: { readonly at: number; readonly series: string }[];
}

/** The real logger and the real metrics, whose lines are counted instead of shown. */
function listen(elapsed: () => number): Said & { readonly meter: Meter; readonly stop: () => void } {
  const said: Said = { lines: [], metrics: [] };
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = (text: string | Uint8Array) => {
    said.lines.push({ at: elapsed(), bytes: Buffer.byteLength(text) });
    return true;
  };
  const note = (metric: string, dimensions: object = {}): void => {
    said.metrics.push({ at: elapsed(), series: JSON.stringify([metric, dimensions]) });
  };
  return {
    ...said,
    meter: {
      count(...all) {
        note(all[0], all[2]);
        meter.count(...all);
      },
      gauge(...all) {
        note(all[0], all[3]);
        meter.gauge(...all);
      },
    },
    stop: () => void (process.stdout.write = write),
  };
}

const SERVICES: readonly (readonly [RegExp, string])[] = [
  [/Object/, 's3'],
  [/^(?:ListClusters|DescribeCluster|ListInstances|ListInstanceGroups|ListInstanceFleets)$/, 'emr'],
  [/^Describe(?:Tags|Instances)$/, 'ec2'],
];
const serviceOf = (operation: string): string => SERVICES.find(([pattern]) => pattern.test(operation))?.[1] ?? 'ssm';

/** As Lambda's runtime gives it to every line (Powertools, injectLambdaContext). */
const CONTEXT = {
  functionName: 'prometheus-on-emr-prod-on-event',
  functionVersion: '$LATEST',
  invokedFunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:prometheus-on-emr-prod-on-event',
  memoryLimitInMB: '512',
  awsRequestId: '00000000-0000-4000-8000-000000000000',
};

async function live(): Promise<{ readonly day: Day; readonly said: Said }> {
  let elapsed = (): number => 0;
  const ears = listen(() => elapsed());
  logger.addContext(CONTEXT as never);
  const day = createDay('cost', {
    isDelivered: true,
    onCall: (operation) =>
      ears.meter.count('AwsCalls', 1, { operation: `${serviceOf(operation)}:${operation}`, outcome: 'ok' }),
    telemetry: { log, meter: ears.meter, flush: flushMetrics },
  });
  elapsed = day.elapsed;
  const until = async (minute: number): Promise<void> => {
    while (day.elapsed() < minute * MINUTE) await day.clock.advance(MINUTE);
  };
  await until(PHASES.launch[0]);
  const type = { instanceType: 'm5.xlarge', market: 'ON_DEMAND' } as const;
  const groups = [
    { role: 'MASTER', ...type, count: 1 },
    { role: 'CORE', ...type, count: NODES - 1 },
  ] as const;
  const ids = Array.from({ length: CLUSTERS }, () =>
    day.account.emr.launch({ name: 'etl', tags: { Project: 'Etl' }, groups }),
  );
  await until(PHASES.end[0]);
  for (const id of ids) day.account.emr.terminate(id, 'ALL_STEPS_COMPLETED');
  await until(PHASES.end[1]);
  ears.stop();
  return { day, said: ears };
}

function countsOf({ day, said }: Awaited<ReturnType<typeof live>>, phase: Phase): Counts {
  const [from, to] = PHASES[phase];
  const during = ({ at }: { readonly at: number }): boolean => at >= from * MINUTE && at < to * MINUTE;
  const calls = day.calls.filter(during).map(({ operation }) => operation);
  const count = (...names: readonly string[]): number => calls.filter((operation) => names.includes(operation)).length;
  const runs = day.invocations.filter(during);
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const events = runs.filter(({ name }) => name === 'on-event');
  return {
    minutes: to - from,
    invocations: runs.length,
    gbSeconds: (sum(runs.map(({ ms }) => ms)) / 1000) * MEMORY,
    s3Writes: count('PutObject', 'ListObjectsV2'),
    s3Reads: count('GetObject', 'HeadObject'),
    s3Deletes: count('DeleteObject'),
    freeCalls: calls.filter((operation) => serviceOf(operation) !== 's3').length,
    messages: sum(events.map(({ messages }) => messages)),
    batches: events.length,
    logBytes: sum(said.lines.filter(during).map(({ bytes }) => bytes)),
    metrics: new Set(said.metrics.filter(during).map(({ series }) => series)).size,
  };
}

const day = await live();
const counts: CostCounts = {
  clusters: CLUSTERS,
  nodes: CLUSTERS * NODES,
  phases: {
    empty: countsOf(day, 'empty'),
    launch: countsOf(day, 'launch'),
    steady: countsOf(day, 'steady'),
    end: countsOf(day, 'end'),
  },
};
await writeFile(new URL('cost.json', import.meta.url), `${JSON.stringify(counts, null, 2)}\n`);
const page = new URL('../docs/cost.md', import.meta.url);
await writeFile(page, withTables(await readFile(page, 'utf8'), counts, await alarmMetricsOfStack()));
const figures = [
  ['a month without clusters', sumOf(monthOf(counts.phases.empty, { alarms: await alarmMetricsOfStack() }))],
  [`a month with ${counts.nodes} nodes`, sumOf(monthOf(counts.phases.steady, { alarms: await alarmMetricsOfStack() }))],
] as const;
report(
  figures.map(([figure, dollars]) => ({
    figure,
    bar: 'none',
    measured: `$${dollars.toFixed(2)} (docs/cost.md)`,
    met: true,
  })),
);
