import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { areas } from '../../infra/exporters/graphite/paths/all.ts';
import type { SandboxNode } from '../../sandbox/nodes/boot-node.ts';
import { startSpark } from '../../sandbox/spark/run-spark.ts';
import { runSparkJob, type SparkJob } from '../../sandbox/spark/spark-job.ts';
import { prepareSpark } from '../../scripts/prepare/prepare-spark.ts';
import { cacheFolder } from '../../scripts/cache-folder.ts';
import { say } from '../soak/say.ts';
import { startArtifactServer, type ArtifactServer } from './artifact-server.ts';
import { graphiteOrders } from './graphite-orders.ts';
import { metricsOf, runDocument } from './run-document.ts';
import { bootSparkNodes, jobsTold, readSeries, sumOf, tasksTold, type Series } from './spark-told.ts';

/** `SPARK=4` in the environment is the second run; `npm run demo -- --spark 4` has brought Spark 4 before. */
const MAJOR = process.env['SPARK'] === '4' ? 4 : 3;
/** Of a sink that sends every 10 s; the limit is for what hangs. */
const SENT = { timeout: 240_000, interval: 500 };

let server: ArtifactServer;
let nodes: readonly SandboxNode[];
let job: SparkJob;

beforeAll(async () => {
  server = await startArtifactServer();
  const orders = await graphiteOrders(server);
  nodes = await bootSparkNodes(await prepareSpark(cacheFolder(process.env), MAJOR), server.authority);
  const [master] = nodes;
  if (master === undefined) throw new Error('no node');
  await Promise.all([
    startSpark(master, nodes),
    ...nodes.map(async (node) => {
      const { code, stderr } = await runDocument(node, orders.install({ Tier: 'full' }));
      if (code !== 0) throw new Error(`install ended with ${code}: ${stderr}`);
    }),
  ]);
  job = await runSparkJob(master);
});
afterAll(async () => {
  await Promise.all(nodes.map((node) => node.kill()));
  server.close();
});

const pages = async (): Promise<readonly Series[]> =>
  (await Promise.all(nodes.map((node) => metricsOf(node, 9108)))).flatMap(readSeries);

describe("what Spark's own REST API says is what Prometheus gets", () => {
  test('of each executor: tasks, run and CPU time, input and output, shuffle and spill, to the last byte', async () => {
    const told = await tasksTold(job);
    expect(Object.keys(told)).toHaveLength(2);
    const seen = async () => {
      const series = await pages();
      return Object.fromEntries(
        Object.entries(told).map(([executor, metrics]) => [
          executor,
          Object.fromEntries(Object.keys(metrics).map((metric) => [metric, sumOf(series, metric, executor)])),
        ]),
      );
    };
    await expect.poll(seen, SENT).toEqual(told);
    // The job was made for this: nothing of it is nought.
    const [one = {}, other = {}] = Object.values(told);
    expect(Object.keys(one).filter((metric) => (one[metric] ?? 0) + (other[metric] ?? 0) === 0)).toEqual([]);
  });

  test('of the driver: jobs, stages and tasks, by how they ended', async () => {
    const told = await jobsTold(job);
    const seen = async () => {
      const series = await pages();
      return Object.fromEntries(Object.keys(told).map((metric) => [metric, sumOf(series, metric, 'driver')]));
    };
    await expect.poll(seen, SENT).toEqual(told);
    expect(told['spark_application_jobs_total failed']).toBe(1);
    expect(told['spark_application_tasks_total failed']).toBeGreaterThan(1);
  });
});

/** Rows of the table of which this cluster has nothing. */
const ABSENT: Readonly<Record<string, string>> = {
  spark_application_master_: 'YARN',
  spark_shuffle_transport_used_bytes_netty: 'there is an external shuffle service',
};
/** What stays at nought, by why; each is a part of names. */
const NOUGHT: Readonly<Record<string, readonly string[]>> = {
  'nothing runs any more': [
    '_active_',
    '_execution_memory_',
    '_running_',
    '_waiting_',
    '_scheduler_stages',
    '_queue_events',
    '_rows_per_second',
  ],
  'no executor is asked for, or goes': [
    '_target_',
    '_needed_',
    '_leaving_',
    '_decommissioning_',
    '_removed_',
    'excluded_',
  ],
  'there is no metastore': ['spark_hive_'],
  'there is no push-based shuffle': ['_merged_'],
  'no file came while the DStream was there': ['spark_dstream_'],
  'local files have no count of operations': ['spark_filesystem_'],
  'a quick machine needs no whole millisecond': ['_fetch_wait_', '_executor_gc_', '_result_serialization_'],
  'nothing was too much': ['_dropped_', '_to_disk_'],
};

test('every metric of the table that this job can produce is there, with a plausible value, and none is always nought', async () => {
  let series = await pages();
  const rows = areas.flatMap((area) =>
    area.metrics.map(({ name, labels }) => ({
      name,
      fixed: Object.entries({ ...area.labels, ...labels }).filter(([, value]) => !value.startsWith('$')),
    })),
  );
  const of = ({ name, fixed }: (typeof rows)[number]): readonly Series[] =>
    series.filter((one) => one.name === name && fixed.every(([label, value]) => one.labels[label] === value));
  const title = ({ name, fixed }: (typeof rows)[number]): string =>
    [name, ...fixed.map(([, value]) => value).filter((value) => value !== 'driver')].join('_');
  const isAbsent = (row: (typeof rows)[number]): boolean =>
    Object.keys(ABSENT).some((start) => title(row).startsWith(start));

  // The DStream began last: what the sink sent before does not have it.
  const wrong = async () => {
    series = await pages();
    return rows.filter((row) => isAbsent(row) !== (of(row).length === 0)).map(title);
  };
  await expect.poll(wrong, SENT).toEqual([]);
  expect(series.filter((one) => !isPlausible(one))).toEqual([]);
  const noughts = [...new Set(series.map(({ name }) => name))].filter((name) =>
    series.every((one) => one.name !== name || one.value === 0),
  );
  const known = Object.values(NOUGHT).flat();
  expect(noughts.filter((name) => !known.some((part) => name.includes(part)))).toEqual([]);
});

const GIBIBYTE = 2 ** 30;

function isPlausible({ name, value }: Series): boolean {
  // On a busy machine the DStream has no batch yet: -1 ms.
  if (name.startsWith('spark_dstream_') && value === -0.001) return true;
  if (name.endsWith('_timestamp_seconds')) return value >= 0 && value <= Date.now() / 1000;
  if (name.includes('_bytes')) return value >= 0 && value <= 2 * GIBIBYTE;
  return value >= 0 && value <= (name.includes('_seconds') ? 600 : 2_000_000);
}

test('an executor is told by the node that it runs on, and by no other', async () => {
  const executors = await job.ask<readonly { readonly id: string; readonly hostPort: string }[]>('executors');
  for (const node of nodes) {
    const there = executors.filter(({ id, hostPort }) =>
      id === 'driver' ? node === nodes[0] : hostPort.startsWith(`${node.address}:`),
    );
    const told = readSeries(await metricsOf(node, 9108)).map(({ labels }) => labels['executor_id']);
    expect(new Set(told)).toEqual(new Set(there.map(({ id }) => id)));
  }
});

// graphite_exporter forgets what nobody has sent for 60 s.
test('after its end nothing of the application stays on any page', async () => {
  await job.end();
  const ended = Date.now();
  await expect.poll(pages, SENT).toEqual([]);
  say(`nothing of the application is on any page ${(Date.now() - ended) / 1_000} s after its end`);
});
