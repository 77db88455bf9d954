import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { rulesOfDaemons } from '../../../infra/exporters/jmx/rules/all.ts';
import { renderYaml, rulesFile, type RulesFile } from '../../../infra/exporters/jmx/rules/render-yaml.ts';
import { expand, type DaemonRules } from '../../../infra/exporters/jmx/rules/table.ts';
import { fullest, type Many } from './jmx-rules/fullest.ts';
import { scrape, type Sample } from './jmx-rules/jmx-exporter-model.ts';
import { readRecording } from './jmx-rules/recordings.ts';

// The recordings are of a small node. A page must stay small on the largest one, too: Prometheus' sample_limit would
// take all of it.
/** jmx_exporter's own: of its build, two of its configuration, three of its scrape (1.0.1 and 1.6.0). */
const OF_EXPORTER = 6;
const RESOURCEMANAGER = 'Hadoop:service=ResourceManager,name=';
const numbered = (count: number, name: (index: number) => string): readonly string[] =>
  Array.from({ length: count }, (_, index) => name(index));

/** Besides those recorded: G1 of Java 20 and newer has three collectors, and an instance of EMR has 24 disks at most. */
const LARGEST: Many = [
  ['java.lang:type=GarbageCollector,name=*', ['java.lang:name=G1 Concurrent GC,type=GarbageCollector']],
  [
    'Hadoop:service=DataNode,name=DataNodeVolume-*',
    numbered(23, (index) => `Hadoop:service=DataNode,name=DataNodeVolume-/mnt${index}/hdfs`),
  ],
];

/** Queues that are there in so many partitions besides the default one. */
const withQueues = (queues: readonly string[], partitions: number): Many =>
  queues.flatMap((queue) => {
    const keys = queue
      .split('.')
      .map((key, depth) => `q${depth}=${key}`)
      .join(',');
    const stars = keys.replaceAll(/=[^,]+/g, '=*');
    return [
      [`${RESOURCEMANAGER}QueueMetrics,${stars}`, [`${RESOURCEMANAGER}QueueMetrics,${keys}`]],
      [
        `${RESOURCEMANAGER}PartitionQueueMetrics,partition=*,${stars}`,
        numbered(partitions, (index) => `${RESOURCEMANAGER}PartitionQueueMetrics,partition=P${index},${keys}`),
      ],
    ] as const;
  });

const recordingOf = ({ daemon, isTested }: DaemonRules) => (isTested ? readRecording(daemon) : Promise.resolve([]));
const isOfQueue = ({ labels }: Sample): boolean => 'queue' in labels;
const resourceManager = rulesOfDaemons.filter(({ daemon }) => daemon === 'resourcemanager');

async function samplesOf(rules: DaemonRules, many: Many, file: RulesFile = rulesFile(rules)) {
  return scrape(file, fullest(rules, await recordingOf(rules), many)).samples;
}

test.each(rulesOfDaemons)(
  'the page of $daemon, with everything that it can have, has as many series as it may',
  async (rules) => {
    const samples = (await samplesOf(rules, LARGEST)).filter((sample) => !isOfQueue(sample));
    expect(samples.length + OF_EXPORTER).toBeLessThanOrEqual(rules.daemon === 'namenode' ? 250 : 150);
    const names = new Set(samples.map(({ name }) => name));
    const missing = rules.beans
      .filter(({ labels }) => !('queue' in labels))
      .flatMap(({ prefix, metrics }) => metrics.flatMap(expand).map(({ name }) => prefix + name))
      .filter((name) => !names.has(name));
    expect(missing).toEqual([]);
  },
);

describe.each(resourceManager)('$daemon', (rules) => {
  test.each([
    [0, 19],
    [1, 25],
    [3, 37],
  ])('a queue with %i partitions besides the default one has %i series', async (partitions, series) => {
    const samples = await samplesOf(rules, withQueues(['root', 'root.a', 'root.a.b'], partitions));
    for (const queue of ['root.a', 'root.a.b'])
      expect(samples.filter(({ labels }) => labels['queue'] === queue)).toHaveLength(series);
  });

  test('in three partitions besides the default one 33 queues are shown, and the page has 1,400 series at most', async () => {
    const queues = ['root', ...numbered(39, (index) => `root.a${String(index).padStart(3, '0')}`)];
    const many = [...LARGEST, ...withQueues(queues, 3)];
    const folder = await mkdtemp(join(tmpdir(), 'bounds-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const list = join(folder, 'dropped');
    await writeFile(list, '');
    const dropped = shell(`dropped_queues ${list}`, pageOf(await samplesOf(rules, many)));
    await writeFile(list, dropped);
    const file = parse(shell(`without_queues ${list}`, renderYaml(rules)), { version: '1.1' }) as RulesFile;
    const samples = await samplesOf(rules, many, file);
    expect(samples.length + OF_EXPORTER).toBeLessThanOrEqual(150 + 50 * 25);
    const left = new Set(samples.flatMap(({ labels }) => labels['queue'] ?? []));
    expect(left).toEqual(new Set(queues.slice(0, 33)));
  });
});

function shell(call: string, stdin: string): string {
  const { status, stdout, stderr } = spawnSync('bash', ['-c', `. infra/exporters/jmx/queues.sh; ${call}`], {
    input: stdin,
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout;
}

const pageOf = (samples: readonly Sample[]): string =>
  samples
    .map(({ name, labels, value }) => {
      const pairs = Object.entries(labels).map(([label, text]) => `${label}="${text}"`);
      return `${name}{${pairs.join(',')}} ${value}\n`;
    })
    .join('');
