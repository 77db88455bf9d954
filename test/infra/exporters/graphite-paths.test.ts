import { readFile } from 'node:fs/promises';
import { RE2JS } from 're2js';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { areas } from '../../../infra/exporters/graphite/paths/all.ts';
import { checkTable } from '../../../infra/exporters/graphite/paths/check-table.ts';
import { mappingOf, renderMapping } from '../../../infra/exporters/graphite/paths/render-mapping.ts';
import { sinkRegex } from '../../../infra/exporters/graphite/paths/sink-regex.ts';
import type { Metric } from '../../../infra/exporters/graphite/paths/table.ts';
import { OWN_LABELS } from '../../../shared/core/labels.ts';
import { fullest } from './spark-paths/fullest.ts';
import { graphiteExporter, isSample, seriesOf, type Sample } from './spark-paths/graphite-exporter-model.ts';
import { lineOf, nameOf, ofApplicationMaster, readRecording, type Sent } from './spark-paths/recordings.ts';

const TIERS = ['essential', 'full'] as const;
const VERSIONS = ['3.3', '3.5', '4.0'];
const takeIn = {
  essential: graphiteExporter(mappingOf(areas, 'essential')),
  full: graphiteExporter(mappingOf(areas, 'full')),
};
const everyMetric = areas.flatMap(({ metrics }) => metrics);

/** File systems, JVM memory and GC, memory pools, thread pool, BlockManager; DAGScheduler with a prefix that it lacked. */
const ORIGINAL = [
  /^[^.]+\.[^.]+\.executor\.filesystem\.[^.]+\.[^.]+$/,
  /^[^.]+\.[^.]+\.jvm\.[^.]+\.[^.]+$/,
  /^[^.]+\.[^.]+\.executor\.jvmGCTime\.count$/,
  /^[^.]+\.[^.]+\.jvm\.pools\.[^.]+\.[^.]+$/,
  /^[^.]+\.[^.]+\.executor\.threadpool\.[^.]+$/,
  /^[^.]+\.[^.]+\.BlockManager\.[^.]+\.[^.]+$/,
  /^[^.]+\.[^.]+\.DAGScheduler\.(job|stage)\.[^.]+$/,
];
const REDUNDANT = [
  ...['maxMem_MB', 'memUsed_MB', 'remainingMem_MB'].map((name) => `BlockManager.memory.${name}`),
  ...['currentPool_size', 'maxPool_size', 'startedTasks'].map((name) => `executor.threadpool.${name}`),
  ...['capacity', 'count'].map((name) => `jvm.direct.${name}`),
  ...['init', 'usage'].map((name) => `jvm.heap.${name}`),
  ...['capacity', 'count'].map((name) => `jvm.mapped.${name}`),
  ...['init', 'max', 'usage'].map((name) => `jvm.non-heap.${name}`),
  ...['committed', 'init', 'max', 'usage'].map((name) => `jvm.pools.*.${name}`),
  ...['committed', 'init', 'max', 'used'].map((name) => `jvm.total.${name}`),
];

const samplesOf = (tier: (typeof TIERS)[number], sent: readonly Sent[]): readonly Sample[] =>
  sent.map((one) => takeIn[tier](lineOf(one))).filter(isSample);
const isKept = (tier: (typeof TIERS)[number], sent: Sent): boolean => new RegExp(sinkRegex[tier]).test(nameOf(sent));
/** Without the lines of daemons: they are not what an application sends. */
const ofApplications = (sent: readonly Sent[]) => sent.filter(({ path }) => path.startsWith('application_'));

describe.each(VERSIONS)('Spark %s, as it was recorded', async (version) => {
  const sent = [...(await readRecording(version)), ...ofApplicationMaster];

  test('every path is mapped or dropped on purpose', () => {
    const taken = Map.groupBy(sent, (one) => {
      const result = takeIn.full(lineOf(one));
      return isSample(result) ? 'mapped' : result;
    });
    expect(taken.get('unmatched') ?? []).toEqual([]);
    expect(taken.get('malformed') ?? []).toEqual([]);
    expect(taken.get('mapped')?.length).toBeGreaterThan(200);
  });

  test("what the original's seven mappings showed is still there, but for what is redundant", () => {
    const gone = sent
      .filter((one) => ORIGINAL.some((pattern) => pattern.test(one.path)) && !isSample(takeIn.full(lineOf(one))))
      .map(({ path }) => path.replace(/^[^.]+\.[^.]+\./, '').replace(/(?<=pools\.)[^.]+/, '*'));
    expect([...new Set(gone)].sort()).toEqual(REDUNDANT);
  });

  test.each(TIERS)('no two paths are one series: %s', (tier) => {
    const series = samplesOf(tier, sent).map(seriesOf);
    expect(series.length).toBe(new Set(series).size);
  });

  test('essential is full with less: it maps nothing otherwise, and nothing that full does not', () => {
    const wanted = samplesOf('full', sent).filter(
      ({ name }) => everyMetric.find((one) => one.name === name)?.tier === 'essential',
    );
    expect(samplesOf('essential', sent)).toEqual(wanted);
  });

  test('essential has at most 30 series for an executor and 100 for a driver', () => {
    const by = Map.groupBy(samplesOf('essential', sent), ({ labels }) => labels['executor_id'] ?? 'master');
    expect(by.get('1')?.length).toBeLessThanOrEqual(30);
    expect(by.get('1')?.length).toBeGreaterThan(20);
    expect(by.get('driver')?.length).toBeLessThanOrEqual(100);
    expect(by.get('driver')?.length).toBeGreaterThan(50);
    expect(by.get('master')?.length).toBe(5);
  });

  test('ten applications, each a driver and five executors, are at most 2,500 series, or 6,500 with full, with all settings on', () => {
    const count = (tier: (typeof TIERS)[number]): number => {
      const ids = samplesOf(tier, fullest(ofApplications(sent))).map(({ labels }) => labels['executor_id']);
      return 10 * (ids.filter((id) => id !== '1').length + 5 * ids.filter((id) => id === '1').length);
    };
    expect(count('essential')).toBeGreaterThan(2_000);
    expect(count('essential')).toBeLessThanOrEqual(2_500);
    expect(count('full')).toBeGreaterThan(5_000);
    expect(count('full')).toBeLessThanOrEqual(6_500);
  });

  test.each(TIERS)('of the lines that Spark sends with the regular expression, at least 60 % are kept: %s', (tier) => {
    const lines = ofApplications(sent);
    const withRegex = lines.filter((one) => isKept(tier, one));
    expect(samplesOf(tier, withRegex)).toEqual(samplesOf(tier, lines));
    expect(samplesOf(tier, withRegex).length / withRegex.length).toBeGreaterThan(0.6);
    expect(sent.filter((one) => isKept(tier, one))).toEqual(withRegex);
  });

  test('no id and no text of a user is in a metric name, which begins with spark_', () => {
    for (const { name } of samplesOf('full', sent)) expect(name).toMatch(/^spark(_[a-z0-9]+)+$/);
    for (const { name } of samplesOf('full', sent)) expect(name).not.toMatch(/\d{3,}|driver|orders|my_/);
  });
});

test('the table has nothing that its checks refuse', () => {
  expect(checkTable(areas)).toBe(areas);
});

test("no label is a target's, whose own would then be renamed", () => {
  const labels = areas.flatMap((area) => [area.labels, ...area.metrics.map((metric) => metric.labels)]);
  const ofTargets = new Set<string>([...OWN_LABELS, 'daemon', 'service', 'project']);
  expect(labels.flatMap((some) => Object.keys(some)).filter((label) => ofTargets.has(label))).toEqual([]);
});

/** Metrics of the table that are on no page of the recording. */
async function unseen(version: string): Promise<readonly Metric[]> {
  const samples = samplesOf('full', [...(await readRecording(version)), ...ofApplicationMaster]);
  const isOf = (metric: Metric) => (sample: Sample) =>
    sample.name === metric.name &&
    Object.entries(metric.labels).every(([label, value]) => value.startsWith('$') || sample.labels[label] === value);
  return everyMetric.filter((metric) => !samples.some(isOf(metric)));
}

test('a metric is sent by the Spark that the table says, and by none before; netty where there is no shuffle service', async () => {
  const isNetty = ({ labels }: Metric): boolean => labels['transport'] === 'netty';
  const [of33, of35] = [await unseen('3.3'), await unseen('3.5')];
  expect(of33.filter((metric) => !isNetty(metric))).toEqual(everyMetric.filter(({ since }) => since === '3.5'));
  expect(of35.filter((metric) => !isNetty(metric))).toEqual([]);
});

test('every rule is used: none is lost or hidden, whatever its stars stand for', () => {
  for (const tier of TIERS) {
    for (const rule of mappingOf(areas, tier).mappings) {
      const path = rule.match.replaceAll(/\(\[\^\.\]\+\)|\(\.\+\)|\*/g, 'Xy').replaceAll(/[\\^$]/g, '');
      const taken = takeIn[tier](`${path} 1 1`);
      expect(isSample(taken) ? taken.rule : taken).toEqual(rule.action === 'drop' ? 'dropped' : rule);
    }
  }
});

test.each(TIERS)(
  'mapping.%s.yml says what the table says to a reader of YAML 1.1, and has no key that is unknown',
  async (tier) => {
    const text = await readFile(`infra/exporters/graphite/mapping.${tier}.yml`, 'utf8');
    expect(text).toBe(renderMapping(areas, tier));
    const file = parse(text, { version: '1.1' }) as { mappings: readonly Record<string, unknown>[] };
    expect(file).toEqual(mappingOf(areas, tier));
    const known = ['match', 'match_type', 'name', 'labels', 'scale', 'action'];
    for (const key of file.mappings.flatMap((rule) => Object.keys(rule))) expect(known).toContain(key);
  },
);

test('every regular expression means the same to Go, and the sink’s has nothing that a properties file or a shell changes', () => {
  for (const { match } of mappingOf(areas, 'full').mappings.filter(({ match_type }) => match_type === 'regex'))
    expect(() => RE2JS.compile(match)).not.toThrow();
  for (const tier of TIERS) expect(sinkRegex[tier]).toMatch(/^[\w^()[\]|?!;+.*:-]+$/);
});

test('a name with a tag in it is not sent', () => {
  const name = 'application_1_1.driver.spark.streaming.a;__x=1.latency';
  for (const tier of TIERS) {
    expect(new RegExp(sinkRegex[tier]).test(name)).toBe(false);
    expect(new RegExp(sinkRegex[tier]).test(name.replace(/;__x=1/, ''))).toBe(true);
  }
});
