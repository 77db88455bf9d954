import { describe, expect, test } from 'vitest';
import type { ClusterRecord } from '../../shared/core/record.ts';
import { parseStatus } from '../../sidecar/parse-status.ts';
import { sidecarWorld } from './sidecar-world.ts';

type Exporters = ClusterRecord['nodes'][`i-${string}`]['exporters'];

const at = '2026-01-01T00:00:00Z';
const installed = { version: '1.12.1', revision: 'r', endpoints: [], at };
const work = (phase: NonNullable<Exporters[string]['work']>['phase']) =>
  ({ action: 'install', phase, version: '1.12.1', revision: 'r', attempt: 0, deferrals: 0, at }) as const;

const record = (over: Partial<ClusterRecord>, ...nodes: readonly (Exporters | 'leaving')[]): string =>
  JSON.stringify({
    schema: 2,
    writer: 'w',
    sequence: 1,
    configHash: 'c',
    tags: {},
    clusterId: 'j-A',
    name: 'etl',
    selected: true,
    releaseLabel: 'emr-7.9.0',
    state: 'RUNNING',
    labels: {},
    roles: {},
    observedAt: at,
    nodes: Object.fromEntries(
      nodes.map((node, index) => [
        `i-0000000${index}`,
        {
          state: 'RUNNING',
          firstSeen: at,
          role: 'CORE',
          instanceType: 'm7g.xlarge',
          market: 'SPOT',
          ...(node === 'leaving' && { leaving: true }),
          exporters: node === 'leaving' ? { node: { installed } } : node,
        },
      ]),
    ),
    ...over,
  } satisfies ClusterRecord);

describe('the phase of an exporter on a node', () => {
  test.each<[string, Exporters, readonly (readonly [string, string])[]]>([
    ['installed, no work', { node: { installed } }, [['node', 'installed']]],
    ['no work yet', { node: {} }, []],
    ['held back on a bare node', { node: { held: 'installs are paused' } }, []],
    ['work on a bare node', { node: { work: work('waiting') } }, [['node', 'waiting']]],
    ['an upgrade under way', { node: { installed, work: work('installing') } }, [['node', 'installing']]],
    [
      'two exporters',
      { jmx: { work: work('gaveUp') }, node: { installed } },
      [
        ['jmx', 'gaveUp'],
        ['node', 'installed'],
      ],
    ],
  ])('%s', (_name, exporters, expected) => {
    const { nodes } = parseStatus(record({}, exporters));
    expect(nodes.map(({ exporter, phase }) => [exporter, phase])).toEqual(expected);
  });

  test('a record of a newer schema is shown as far as it is understood', () => {
    const text = JSON.stringify({ ...JSON.parse(record({}, { node: { installed } })), schema: 3, invented: true });
    expect(parseStatus(text).nodes).toEqual([{ exporter: 'node', phase: 'installed', count: 1 }]);
  });
});

test('records become metrics, follow their changes, and leave no series behind when the cluster ends', async () => {
  const { put, remove, readStatuses, metrics } = await sidecarWorld();
  put(
    'clusters/j-A.json',
    record({}, { node: { installed } }, { node: { installed } }, { node: { work: work('failed') } }, 'leaving'),
  );
  put('clusters/j-B.json', record({ name: 'a "b"\n', state: 'STARTING' }));
  await readStatuses();
  expect(await metrics('emr_cluster_info{')).toEqual([
    'emr_cluster_info{cluster_id="j-A",cluster_name="etl",state="RUNNING",region="",release_label="emr-7.9.0"} 1',
    'emr_cluster_info{cluster_id="j-B",cluster_name="a \\"b\\"\\n",state="STARTING",region="",release_label="emr-7.9.0"} 1',
  ]);
  expect(await metrics('emr_nodes{')).toEqual([
    'emr_nodes{cluster_id="j-A",exporter="node",phase="installed"} 3',
    'emr_nodes{cluster_id="j-A",exporter="node",phase="failed"} 1',
  ]);
  expect(await metrics('emr_node_leaving{')).toEqual(['emr_node_leaving{cluster_id="j-A",instance="i-00000003"} 1']);
  put('clusters/j-A.json', record({ state: 'TERMINATING' }, { node: { installed } }));
  remove('clusters/j-B.json');
  await readStatuses();
  expect(await metrics('emr_cluster_info{')).toEqual([
    'emr_cluster_info{cluster_id="j-A",cluster_name="etl",state="TERMINATING",region="",release_label="emr-7.9.0"} 1',
  ]);
  expect(await metrics('emr_nodes{')).toEqual(['emr_nodes{cluster_id="j-A",exporter="node",phase="installed"} 1']);
  expect(await metrics('emr_node_leaving{')).toEqual([]);
});

test('only records that changed are read', async () => {
  const { put, readStatuses, calls } = await sidecarWorld();
  for (const id of ['A', 'B', 'C']) put(`clusters/j-${id}.json`, record({}));
  await readStatuses();
  put('clusters/j-B.json', record({ state: 'WAITING' }));
  calls.length = 0;
  await readStatuses();
  expect(calls).toEqual(['ListObjectsV2', 'GetObject']);
});

test('a record that cannot be read keeps its last status, is counted, and does not hide the others', async () => {
  const { put, readStatuses, metrics, lines } = await sidecarWorld();
  put('clusters/j-A.json', record({}));
  await readStatuses();
  put('clusters/j-A.json', '{"name":1}');
  put('clusters/j-B.json', record({}));
  await readStatuses();
  await readStatuses();
  expect((await metrics('emr_cluster_info{')).map((line) => /j-./.exec(line)?.[0])).toEqual(['j-A', 'j-B']);
  expect(await metrics('emr_sidecar_status_failures_total')).toEqual([
    'emr_sidecar_status_failures_total{reason="unreadable"} 2',
  ]);
  expect(lines.map(({ level, fields }) => [level, fields['subject']])).toEqual([['error', 'clusters/j-A.json']]);
});

test('when clusters/ cannot be listed, the last statuses stay', async () => {
  const { s3, put, readStatuses, metrics } = await sidecarWorld();
  put('clusters/j-A.json', record({}));
  await readStatuses();
  s3.faults.arm({ kind: 'error', status: 403, code: 'AccessDenied' });
  await readStatuses();
  expect(await metrics('emr_cluster_info{')).toHaveLength(1);
  expect(await metrics('emr_sidecar_status_failures_total')).toEqual([
    'emr_sidecar_status_failures_total{reason="config"} 1',
  ]);
});
