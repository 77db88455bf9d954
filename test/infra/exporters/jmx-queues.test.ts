import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { RulesFile } from '../../../infra/exporters/jmx/rules/render-yaml.ts';
import { scrape } from './jmx-rules/jmx-exporter-model.ts';
import { readRecording } from './jmx-rules/recordings.ts';

const RULES = await readFile('infra/exporters/jmx/rules/resourcemanager.yml', 'utf8');
const FOLDER = await mkdtemp(join(tmpdir(), 'queues-'));
const LIST = join(FOLDER, 'dropped');
afterAll(() => rm(FOLDER, { recursive: true }));

beforeEach(async () => {
  await writeFile(LIST, '');
});

function run(call: string, stdin: string): string {
  const { status, stdout, stderr } = spawnSync('bash', ['-c', `. infra/exporters/jmx/queues.sh; ${call}`], {
    input: stdin,
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout;
}

const pageOf = (queues: readonly string[]): string =>
  queues
    .flatMap((queue) => [
      `yarn_resourcemanager_queue_applications_running{queue="${queue}"} 1.0\n`,
      `yarn_resourcemanager_queue_applications_pending{queue="${queue}"} 1.0\n`,
      `yarn_resourcemanager_queue_allocated_vcores{partition="CORE",queue="${queue}"} 1.0\n`,
    ])
    .join('');

/** One look at what the page shows: of these queues, all that are not dropped yet. */
async function look(queues: readonly string[]): Promise<readonly string[]> {
  const before = new Set((await readFile(LIST, 'utf8')).split('\n'));
  const list = run(`dropped_queues ${LIST}`, pageOf(queues.filter((queue) => !before.has(queue))));
  await writeFile(LIST, list);
  return list.trim().split('\n').filter(Boolean);
}

const leaves = (from: number, to: number): readonly string[] =>
  Array.from({ length: to - from }, (_, index) => `root.a${index % 7}.b-${String(from + index).padStart(4, '0')}`);
const TREE = ['root', ...Array.from({ length: 7 }, (_, index) => `root.a${index}`)];

test('fifty queues are all there, and the rules stay as they are', async () => {
  expect(await look([...leaves(0, 42), ...TREE])).toEqual([]);
  expect(run(`without_queues ${LIST}`, RULES)).toBe(RULES);
});

test('of a thousand queues fifty are shown, the shallow ones among them, and a second look drops no more', async () => {
  const queues = [...leaves(0, 992), ...TREE];
  const dropped = await look(queues);
  expect(dropped).toHaveLength(950);
  for (const queue of TREE) expect(dropped).not.toContain(queue);
  expect(await look(queues)).toEqual(dropped);
});

test.each([
  [19, 50],
  [25, 50],
  [26, 48],
  [2_000, 0],
])('of queues with %i series each %i are shown: 1,250 series of queues are the most', async (series, shown) => {
  const lines = leaves(0, 60).flatMap((queue) =>
    Array.from({ length: series }, (_, at) => `yarn_resourcemanager_queue_x{partition="${at}",queue="${queue}"} 1.0\n`),
  );
  const dropped = run(`dropped_queues ${LIST}`, lines.join('')).trim().split('\n');
  expect(dropped).toHaveLength(60 - shown);
});

test('queues that come when fifty are shown are dropped themselves where they sort last', async () => {
  const before = await look([...leaves(0, 42), ...TREE]);
  expect(before).toEqual([]);
  expect(await look([...leaves(0, 42), ...TREE, 'root.z.new', 'root.z.newer'])).toEqual(['root.z.new', 'root.z.newer']);
});

test('what is dropped is not read, in any partition, and its number is told', async () => {
  const recording = await readRecording('resourcemanager');
  const more = ['root.default.x', 'root.default.y.z'].flatMap((queue) => {
    const keys = queue.split('.').map((key, depth) => `q${depth}=${key}`);
    return ['QueueMetrics', 'PartitionQueueMetrics,partition=CORE'].flatMap((kind) =>
      recording
        .filter(({ bean }) => bean.endsWith(',name=QueueMetrics,q0=root,q1=default'))
        .map((one) => ({ ...one, bean: `Hadoop:service=ResourceManager,name=${kind},${keys.join(',')}` })),
    );
  });
  const page = (rules: string) =>
    scrape(parse(rules, { version: '1.1' }) as RulesFile, [...recording, ...more]).samples;
  const queuesOn = (rules: string) => new Set(page(rules).flatMap(({ labels }) => labels['queue'] ?? []));
  const inPartition = page(RULES).filter(({ labels }) => labels['partition'] === 'CORE');
  expect(queuesOn(RULES)).toEqual(new Set(['root', 'root.default', 'root.default.x', 'root.default.y.z']));
  expect(inPartition.length).toBe(12);
  expect(page(RULES).length).toBeLessThanOrEqual(150 + 25 * 6);

  await writeFile(LIST, 'root.default.x\nroot.default.y.z\n');
  const rules = run(`without_queues ${LIST}`, RULES);
  expect(queuesOn(rules)).toEqual(new Set(['root', 'root.default']));
  expect(page(rules)).toContainEqual(
    expect.objectContaining({ name: 'yarn_resourcemanager_queues_dropped', value: 2, labels: {} }),
  );
});

test('beyond two hundred, those that are shown are named instead, and what comes later is not read', async () => {
  const names = ['root', "root.it's", 'root.a$b', 'root.c\\\\d'];
  await writeFile(LIST, leaves(0, 1_000).join('\n'));
  await writeFile(`${LIST}.shown`, run(`shown_queues ${LIST}`, pageOf([...names, ...leaves(0, 9)])));
  expect(await readFile(`${LIST}.shown`, 'utf8')).toBe(`${names.join('\n')}\n`);
  const rules = parse(run(`without_queues ${LIST}`, RULES), { version: '1.1' }) as RulesFile;
  const queues = (rules.includeObjectNames ?? []).filter((name) => name.includes(',name=QueueMetrics,'));
  expect(queues.map((name) => name.replace('Hadoop:service=ResourceManager,name=QueueMetrics,', ''))).toEqual([
    'q0=root',
    'q0=root,q1=it?s',
    'q0=root,q1=a?b',
    'q0=root,q1=c?d',
  ]);
  expect(rules.excludeObjectNames).toHaveLength(1);
  expect(rules.rules.find(({ name }) => name === 'yarn_resourcemanager_queues_dropped')?.value).toBe('1000');
});
