import { describe, expect, test } from 'vitest';
import type { Ec2State, EmrNode, NodeState } from '../../shared/core/model.ts';
import { remember, type Observation } from '../../shared/core/observe.ts';
import type { ClusterRecord, NodeRecord } from '../../shared/core/record.ts';
import { docTable } from './doc-table.ts';
import { ago, aNode, aRecord, CLUSTER, MINUTE, NODE, NOW, settings } from './sample-record.ts';

const cluster: Observation['cluster'] = {
  id: CLUSTER,
  name: 'etl',
  state: 'RUNNING',
  releaseLabel: 'emr-7.5.0',
  collection: 'INSTANCE_GROUP',
  accountId: '123456789012',
  region: 'us-east-1',
  tags: { Project: 'Etl' },
};

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
  instances: new Map(),
  leaving: new Set(),
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

test('what only a save knows is left to it', () => {
  const before = aRecord({ sequence: 7, writer: 'someone', targetEtag: '"1"' });
  expect(remember(before, look({}), settings)).toMatchObject({ sequence: 7, writer: 'someone', targetEtag: '"1"' });
});
