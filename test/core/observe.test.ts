import { describe, expect, test } from 'vitest';
import type { Ec2State, EmrNode, NodeState } from '../../shared/core/model.ts';
import { remember, type Observation } from '../../shared/core/observe.ts';
import { clusterLabels } from '../../shared/core/labels.ts';
import type { ClusterRecord, NodeRecord } from '../../shared/core/record.ts';
import type { Settings } from '../../shared/core/settings.ts';
import { docTable } from './doc-table.ts';
import { ago, aNode, aRecord, CLUSTER, installed, MINUTE, NODE, NOW, settings, someWork } from './sample-record.ts';

const cluster = {
  id: CLUSTER,
  name: 'etl',
  state: 'RUNNING',
  releaseLabel: 'emr-7.5.0',
  collection: 'INSTANCE_GROUP',
  accountId: '123456789012',
  region: 'us-east-1',
  tags: { Project: 'Etl' },
} as const;

const listed = (changes: Partial<EmrNode> = {}): EmrNode => ({
  id: NODE,
  state: 'RUNNING',
  address: '10.0.0.1',
  dnsName: 'ip-10-0-0-1.ec2.internal',
  instanceType: 'm5.xlarge',
  market: 'SPOT',
  collectionId: 'ig-1',
  ...changes,
});

const look = (changes: Partial<Observation>): Observation => ({
  at: NOW,
  cluster,
  roles: new Map(),
  nodes: [],
  putOff: 0,
  instances: new Map(),
  leaving: new Set(),
  reconfigured: [],
  ...changes,
});

const ec2 = (state: Ec2State) => new Map([[NODE, { id: NODE, state, zone: 'us-east-1a', arch: 'arm64' as const }]]);
const known = (changes: Partial<NodeRecord> = {}) => aRecord({ nodes: { [NODE]: aNode(changes) } });
const nodeAfter = (before: ClusterRecord | undefined, seen: Partial<Observation>) =>
  remember(before, look(seen), settings).nodes[NODE];

const young = known({ firstSeen: ago(10 * MINUTE - 1) });
const unasked = { nodes: undefined };
const lists = (state: NodeState) => ({ nodes: [listed({ state })] });

type Case = readonly [ClusterRecord, Partial<Observation>, NodeState];
const rows: Readonly<Record<string, readonly Case[]>> = {
  'lists it shutting-down, terminated → TERMINATED': [
    [known(), { ...lists('RUNNING'), instances: ec2('shutting-down') }, 'TERMINATED'],
    [known(), { ...lists('RUNNING'), instances: ec2('terminated') }, 'TERMINATED'],
  ],
  "lists it anything else, notFound included → EMR's": [
    [known({ state: 'BOOTSTRAPPING' }), { ...lists('RUNNING'), instances: ec2('running') }, 'RUNNING'],
    [known(), { ...lists('RUNNING'), instances: ec2('notFound') }, 'RUNNING'],
    [known(), { ...lists('RUNNING'), instances: ec2('stopped') }, 'RUNNING'],
    [known(), lists('PROVISIONING'), 'PROVISIONING'],
  ],
  'was not asked shutting-down, terminated → TERMINATED': [
    [known(), { ...unasked, instances: ec2('shutting-down') }, 'TERMINATED'],
    [known(), { ...unasked, instances: ec2('terminated') }, 'TERMINATED'],
  ],
  'was not asked anything else, notFound included → as it was': [
    [known(), { ...unasked, instances: ec2('notFound') }, 'RUNNING'],
    [known({ state: 'BOOTSTRAPPING' }), { ...unasked, instances: ec2('running') }, 'BOOTSTRAPPING'],
  ],
  'does not list it shutting-down, terminated → TERMINATED': [
    [young, { instances: ec2('shutting-down') }, 'TERMINATED'],
    [young, { instances: ec2('terminated') }, 'TERMINATED'],
  ],
  'does not list it notFound, known for over 10 minutes → TERMINATED': [
    [known({ firstSeen: ago(10 * MINUTE) }), { instances: ec2('notFound') }, 'TERMINATED'],
  ],
  'does not list it anything else → as it was': [
    [young, { instances: ec2('notFound') }, 'RUNNING'],
    [known(), { instances: ec2('running') }, 'RUNNING'],
    [known(), { instances: ec2('stopping') }, 'RUNNING'],
    [known(), {}, 'RUNNING'],
  ],
};

test('every row of the table in observe.ts is tested, and no other', () => {
  expect(Object.keys(rows)).toEqual(docTable('shared/core/observe.ts'));
});

describe.each(Object.entries(rows))('%s', (_row, cases) => {
  test.each(cases)('case %#', (before, seen, expected) => {
    expect(nodeAfter(before, seen)?.state).toBe(expected);
  });
});

test('a first look remembers all that EMR and EC2 say', () => {
  const seen = look({ nodes: [listed()], roles: new Map([['ig-1', 'TASK' as const]]), instances: ec2('running') });
  expect(remember(undefined, seen, settings)).toMatchObject({
    configHash: 'config-1',
    clusterId: CLUSTER,
    name: 'etl',
    selected: true,
    state: 'RUNNING',
    labels: { project: 'Etl', cluster_name: 'etl', account_id: '123456789012', region: 'us-east-1' },
    roles: { 'ig-1': 'TASK' },
    observedAt: NOW.toISOString(),
    nodes: {
      [NODE]: {
        state: 'RUNNING',
        firstSeen: NOW.toISOString(),
        address: '10.0.0.1',
        role: 'TASK',
        market: 'SPOT',
        zone: 'us-east-1a',
        arch: 'arm64',
        exporters: {},
      },
    },
  });
});

test('what was known of a node and is not said again stays', () => {
  const before = known({ zone: 'us-east-1b', arch: 'amd64', exporters: { node: {} } });
  const { address: _, dnsName: __, ...bare } = listed();
  expect(nodeAfter(before, { nodes: [bare] })).toMatchObject({
    address: '10.0.0.1',
    dnsName: 'ip-10-0-0-1.ec2.internal',
    zone: 'us-east-1b',
    arch: 'amd64',
    firstSeen: ago(60 * MINUTE),
    exporters: { node: {} },
  });
});

test('where a node is is learned from EC2 alone, too, and stays as it was told first', () => {
  const placed = nodeAfter(known(), { ...unasked, instances: ec2('running') });
  expect(placed).toMatchObject({ zone: 'us-east-1a', arch: 'arm64' });
  const stays = nodeAfter(known({ zone: 'us-east-1b', arch: 'amd64' }), { ...unasked, instances: ec2('running') });
  expect(stays).toMatchObject({ zone: 'us-east-1b', arch: 'amd64' });
});

test('a node of a group whose role is not known yet waits for the next look', () => {
  expect(nodeAfter(undefined, { nodes: [listed({ collectionId: 'ig-new' })] })).toBeUndefined();
});

test('a spot warning marks the node as leaving, listed or not, and it stays marked', () => {
  const leaving = new Set([NODE]);
  expect(nodeAfter(known(), { nodes: [listed()], leaving })?.leaving).toBe(true);
  expect(nodeAfter(known(), { leaving })?.leaving).toBe(true);
  expect(nodeAfter(known({ leaving: true }), { nodes: [listed()] })?.leaving).toBe(true);
  expect(nodeAfter(known(), { nodes: [listed()] })?.leaving).toBeUndefined();
});

test('what only a save or a decision knows is left to it', () => {
  const before = aRecord({ sequence: 7, writer: 'someone', targetEtag: '"1"', held: 'dryRun' });
  expect(remember(before, look({}), settings)).toMatchObject({
    sequence: 7,
    writer: 'someone',
    targetEtag: '"1"',
    held: 'dryRun',
  });
});

/** EC2 was asked, or nobody: what EMR said last holds. */
const withoutEmr = (changes: Partial<Observation> = {}) => look({ cluster: undefined, nodes: undefined, ...changes });
const other: Settings = {
  ...settings,
  hash: 'config-2',
  labels: { team: 'Team' },
  selection: { tags: { Project: ['Web'] } },
};

describe('where EMR was not asked,', () => {
  const labels = { ...clusterLabels(cluster, settings.labels) };
  const tags = { Project: 'Etl', Team: 'blue' };
  const before = aRecord({ labels, tags, nodes: { [NODE]: aNode() }, observedAt: ago(MINUTE) });

  test('its last word on the cluster holds', () => {
    expect(remember(before, withoutEmr(), settings)).toEqual({ ...before, observedAt: NOW.toISOString() });
  });

  test('the node that EC2 takes away is gone all the same', () => {
    const after = remember(before, withoutEmr({ instances: ec2('terminated') }), settings);
    expect(after.nodes[NODE]?.state).toBe('TERMINATED');
  });

  test('a spot warning counts all the same', () => {
    expect(remember(before, withoutEmr({ leaving: new Set([NODE]) }), settings).nodes[NODE]?.leaving).toBe(true);
  });

  test('the tags that it told last are read by the configuration of now', () => {
    const { selected, labels: read, configHash } = remember(before, withoutEmr(), other);
    expect({ selected, configHash }).toEqual({ selected: false, configHash: 'config-2' });
    expect(read).toEqual({
      account_id: '123456789012',
      cluster_id: CLUSTER,
      cluster_name: 'etl',
      region: 'us-east-1',
      release_label: 'emr-7.5.0',
      team: 'blue',
    });
  });

  test('a cluster that the configuration names again is watched again', () => {
    const deselected = { ...before, selected: false };
    expect(remember(deselected, withoutEmr(), settings).selected).toBe(true);
  });

  test('a record whose tags were never kept keeps what was read from them, until EMR is asked', () => {
    const { tags: _, ...migrated } = before;
    expect(remember(migrated, withoutEmr(), other)).toMatchObject({ selected: true, labels: before.labels });
    expect(remember(migrated, look({}), other)).toMatchObject({ selected: false, tags: { Project: 'Etl' } });
  });

  test('a cluster without a record has nothing that could hold', () => {
    expect(() => remember(undefined, withoutEmr(), settings)).toThrow('a cluster without a record');
  });
});

describe('a cluster that EMR has forgotten', () => {
  const [second, long] = ['i-00000002', { firstSeen: ago(10 * MINUTE) }] as const;
  const before = aRecord({ nodes: { [NODE]: aNode(long), [second]: aNode(long) } });
  const forgotten = (state: Ec2State, of: readonly (typeof NODE | typeof second)[]) =>
    remember(
      before,
      look({ cluster: 'unknown', nodes: undefined, instances: new Map(of.map((id) => [id, { id, state }])) }),
      settings,
    );

  test.each(['terminated', 'notFound'] as const)('ends when the last of its nodes is %s', (state) => {
    expect(forgotten(state, [NODE, second]).state).toBe('TERMINATED');
  });

  test('lives as long as one of its nodes does', () => {
    const after = forgotten('terminated', [NODE]);
    expect([after.state, after.nodes[NODE]?.state, after.nodes[second]?.state]).toEqual([
      'RUNNING',
      'TERMINATED',
      'RUNNING',
    ]);
  });

  test('ends at once when no node of it is known', () => {
    const after = remember(aRecord({ nodes: {} }), look({ cluster: 'unknown', nodes: undefined }), settings);
    expect(after.state).toBe('TERMINATED');
  });

  test('keeps a node that EC2 does not know yet', () => {
    const seen = look({ cluster: 'unknown', nodes: undefined, instances: ec2('notFound') });
    expect(remember(young, seen, settings)).toMatchObject({
      state: 'RUNNING',
      nodes: { [NODE]: { state: 'RUNNING' } },
    });
  });
});

describe('of a cluster that is watched no more', () => {
  const nodesAfter = (exporters: NodeRecord['exporters']) =>
    Object.keys(remember(known({ exporters }), look({ nodes: undefined }), other).nodes);

  test('a node is forgotten once nothing of ours is on it', () => {
    expect(nodesAfter({})).toEqual([]);
  });

  test.each<[string, NodeRecord['exporters']]>([
    ['an exporter', { node: { installed } }],
    ['work on one', { node: { work: someWork({ action: 'remove' }) } }],
  ])('a node is kept while it has %s', (_title, exporters) => {
    expect(nodesAfter(exporters)).toEqual([NODE]);
  });
});
