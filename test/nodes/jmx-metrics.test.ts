import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { daemons } from '../../infra/exporters/jmx/daemons.ts';
import { rulesOfDaemons } from '../../infra/exporters/jmx/rules/all.ts';
import { rulesFile } from '../../infra/exporters/jmx/rules/render-yaml.ts';
import { ALL_DAEMONS, type DaemonName } from '../../sandbox/hadoop/daemon-table.ts';
import { hadoopNode } from '../../sandbox/hadoop/hadoop-node.ts';
import { runMapReduceJob } from '../../sandbox/hadoop/map-reduce-job.ts';
import { readJmx, startDaemons, type JmxBean } from '../../sandbox/hadoop/run-daemons.ts';
import { runScript } from '../../sandbox/hadoop/run-script.ts';
import { until } from '../../sandbox/hadoop/until.ts';
import { bootNode, type SandboxNode } from '../../sandbox/nodes/boot-node.ts';
import { cacheFolder } from '../../scripts/cache-folder.ts';
import { prepareHadoop } from '../../scripts/prepare-hadoop.ts';
import { preparePrometheus } from '../../scripts/prepare-prometheus.ts';
import { scrape } from '../infra/exporters/jmx-rules/jmx-exporter-model.ts';
import type { Attribute, Value } from '../infra/exporters/jmx-rules/recordings.ts';
import { startArtifactServer, type ArtifactServer } from './artifact-server.ts';
import { jmxOrders } from './jmx-orders.ts';
import { linkTools, metricsOf, runDocument } from './run-document.ts';
import { watchDaemons, type DaemonWatch } from './unharmed.ts';

let node: SandboxNode;
let server: ArtifactServer;
let promtool: string;
let watch: DaemonWatch;

beforeAll(async () => {
  const address = '10.42.0.170';
  ({ promtool } = await preparePrometheus(cacheFolder(process.env)));
  server = await startArtifactServer();
  const parts = await hadoopNode(await prepareHadoop(cacheFolder(process.env)), { master: address });
  node = await bootNode({ instanceId: 'i-00000000000000170', address, trust: server.authority, ...parts });
  await linkTools(node);
  await startDaemons(node, ALL_DAEMONS);
  watch = watchDaemons(node);
  await watch.remember();
  const application = await runMapReduceJob(node);
  // The history server counts requests by kind from a client's first on.
  await runScript(node, `su hadoop -c 'mapred job -status ${application.replace('application', 'job')}' </dev/null`);
  const orders = await jmxOrders(server);
  const Ports = daemons.map(({ name, port }) => `${name}=${port}`).join(',');
  await until('an endpoint for each daemon', async () => {
    const { report } = await runDocument(node, orders.install({ Ports }));
    return JSON.stringify(report).split('"port"').length - 1 === ALL_DAEMONS.length || undefined;
  });
});
afterAll(async () => {
  await watch.expectUnharmed();
  await node.stop();
  server.close();
});

const isValue = (value: unknown): value is Value => ['number', 'boolean', 'string'].includes(typeof value);

/** What /jmx says, as the model takes it. */
const attributesOf = ({ name: bean, ...attributes }: JmxBean): readonly Attribute[] =>
  Object.entries(attributes).flatMap(([attribute, value]): readonly Attribute[] => {
    if (isValue(value)) return [{ bean, path: attribute, value }];
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return [];
    return Object.entries(value).flatMap(([key, part]) =>
      isValue(part) ? [{ bean, path: `${attribute}:${key}`, value: part }] : [],
    );
  });

const rulesOf = (name: DaemonName) => {
  const rules = rulesOfDaemons.find(({ daemon }) => daemon === name);
  if (rules === undefined) throw new Error(`no rules for ${name}`);
  return rulesFile(rules);
};

const series = (name: string, labels: readonly string[]): string => `${name}{${[...labels].sort().join(',')}}`;

/** What the daemon itself says, through our rules: value and bean by series. */
async function expected(name: DaemonName) {
  const { samples } = scrape(rulesOf(name), (await readJmx(node, name)).flatMap(attributesOf));
  return new Map(
    samples.map((sample) => {
      const labels = Object.entries(sample.labels).map(([label, value]) => `${label}="${value}"`);
      return [series(sample.name, labels), sample];
    }),
  );
}

const pageOf = (name: DaemonName): Promise<string> =>
  metricsOf(node, daemons.find((daemon) => daemon.name === name)?.port ?? 0);

const numbersOf = (page: string): ReadonlyMap<string, number> =>
  new Map(
    [...page.matchAll(/^(\w+)(?:\{(.*)\})? (\S+)$/gm)]
      .filter(([, name = '']) => !name.startsWith('jmx_'))
      .map(([, name = '', labels = '', value]) => [series(name, labels.match(/\w+="[^"]*"/g) ?? []), Number(value)]),
  );

/** Of Hadoop before 3.4, of clusters with queues, partitions or Spark that this one has not, or of errors. */
const ABSENT = /LogFatal|LogError|LogWarn|LogInfo|q2=|partition=|sparkShuffleService|IOException/;
const within = (value: number, before: number, after: number): boolean =>
  value >= Math.min(before, after) && value <= Math.max(before, after);

describe.each(ALL_DAEMONS)('%s', (name) => {
  test('every rule has its metric, with the value that the daemon itself tells', async () => {
    // A daemon takes its own metrics anew every ten seconds: within one such time all three readings agree.
    await until(`${name}: page and /jmx say the same`, async () => {
      const before = await expected(name);
      const numbers = numbersOf(await pageOf(name));
      const after = await expected(name);
      expect([...numbers.keys()].sort()).toEqual([...before.keys()].sort());
      const wrong = [...numbers].filter(([key, value]) => {
        const [first, last] = [before.get(key), after.get(key)];
        if (first === undefined || last === undefined) return true;
        // The JVM's own numbers go up and down between two readings.
        if (first.attribute.bean.startsWith('java.')) return !(value >= 0);
        return !within(value, first.value, last.value);
      });
      return wrong.length === 0 || undefined;
    });
    const used = new Set([...(await expected(name)).values()].map(({ rule }) => rule.pattern));
    const unused = rulesOf(name)
      .rules.slice(1)
      .filter(({ pattern }) => !used.has(pattern) && !ABSENT.test(pattern));
    // A flag has a rule for each of its texts: one of them is said.
    expect(unused.filter(({ value }) => value === undefined)).toEqual([]);
  });

  test('promtool finds nothing wrong with the page', async () => {
    const { status, stdout, stderr } = spawnSync(promtool, ['check', 'metrics'], {
      input: await pageOf(name),
      encoding: 'utf8',
    });
    expect({ status, said: stdout + stderr }).toEqual({ status: 0, said: '' });
  });

  test('read again, the page has the same series, and no reading failed', async () => {
    const first = await pageOf(name);
    const second = await pageOf(name);
    expect([...numbersOf(second).keys()]).toEqual([...numbersOf(first).keys()]);
    for (const page of [first, second]) expect(page).toMatch(/^jmx_scrape_error 0\.0$/m);
  });
});

test('the headline numbers are what this cluster is', async () => {
  const numbers = new Map([...numbersOf(await pageOf('namenode')), ...numbersOf(await pageOf('resourcemanager'))]);
  expect(numbers.get('hdfs_namenode_live_datanodes{}')).toBe(1);
  expect(numbers.get('hdfs_namenode_blocks_missing{}')).toBe(0);
  expect(numbers.get('hdfs_namenode_ha_state{state="active"}')).toBe(1);
  expect(numbers.get('hdfs_namenode_safe_mode{}')).toBe(0);
  expect(numbers.get('yarn_resourcemanager_ha_state{state="active"}')).toBe(1);
  expect(numbers.get('yarn_resourcemanager_nodemanagers{state="active"}')).toBe(1);
  expect(numbers.get('yarn_resourcemanager_queue_applications_completed_total{queue="root.default"}')).toBe(1);
  const now = Date.now() / 1000;
  expect(now - (numbers.get('hdfs_namenode_last_checkpoint_timestamp_seconds{}') ?? 0)).toBeLessThan(3600);
});
