import { describe, expect, test } from 'vitest';
import type { ClusterId, ClusterState, Ec2State, InstanceId } from '../../shared/core/model.ts';
import type { ClusterRecord, Work } from '../../shared/core/record.ts';
import type { Rollout } from '../../shared/core/rollout.ts';
import type { Settings } from '../../shared/core/settings.ts';
import type { Survey } from '../../shared/core/survey.ts';
import { byUrgency, wishes } from '../../shared/core/wishes.ts';
import { docTable } from './doc-table.ts';
import {
  ago,
  aNode,
  aRecord,
  CLUSTER,
  COMMAND,
  installed,
  MINUTE,
  NODE,
  nodeExporter,
  NOW,
  ORDER,
  SECOND,
  settings,
  working,
} from './sample-record.ts';

const OTHER: InstanceId = 'i-00000002';

/** One node that has what it shall have. */
const done = aRecord({ nodes: { [NODE]: aNode({ exporters: { node: { installed } } }) } });

/** An account with one cluster of one node, of which nothing else is known. */
const around = (changes: Partial<Survey> = {}): Survey => ({
  at: NOW,
  members: new Map([[NODE, CLUSTER]]),
  instances: new Map(),
  states: undefined,
  tags: new Map(),
  files: new Map(),
  rollouts: new Map(),
  ...changes,
});

const listed = (state?: ClusterState): Partial<Survey> => ({
  states: new Map<ClusterId, ClusterState>(state === undefined ? [] : [[CLUSTER, state]]),
});
const ec2 = (state: Ec2State, id = NODE): Partial<Survey> => ({ instances: new Map([[id, { id, state }]]) });
const none: Partial<Survey> = { members: new Map() };
const both: Partial<Survey> = {
  members: new Map([
    [NODE, CLUSTER],
    [OTHER, CLUSTER],
  ]),
};
/** Its node, installed half an hour ago, wishes to be asked again after so long. */
const asked = (milliseconds: number): ClusterRecord =>
  aRecord({
    nodes: { [NODE]: aNode({ exporters: { node: { installed: { ...installed, again: milliseconds / SECOND } } } }) },
  });
const inState = (state: ClusterState): ClusterRecord => ({ ...done, state });
const tagged = (tags: Readonly<Record<string, string>>): Partial<Survey> => ({ tags: new Map([[CLUSTER, tags]]) });
const inFlight = (milliseconds: number, changes: Partial<Work> = {}) =>
  working({ phase: 'installing', orderId: ORDER, commandId: COMMAND, at: ago(milliseconds), ...changes });
const upgrading: Partial<Survey> = {
  rollouts: new Map<string, Rollout>([
    ['node', { stage: 'canary', total: 1, done: 0, failed: 0, turn: new Set([NODE]) }],
  ]),
};
const renamed: Settings = { ...settings, hash: 'config-2' };
const upgraded: Settings = { ...settings, exporters: [{ ...nodeExporter, version: '1.13.0', revision: 'r3' }] };

const wished = (record: ClusterRecord | undefined, survey: Partial<Survey>, wanted = settings) =>
  wishes(new Map(record && [[CLUSTER, record]]), new Set(), around(survey), wanted);

type Case = readonly [ClusterRecord | undefined, Partial<Survey>, readonly string[], Settings?];

const rows: Readonly<Record<string, readonly Case[]>> = {
  'no record; EC2 shows a living node, EMR lists it as starting → none: there is nothing to do yet': [
    [undefined, listed('STARTING'), []],
    [undefined, listed('BOOTSTRAPPING'), []],
    [undefined, listed('TERMINATING'), []],
    [undefined, { ...none, ...listed('STARTING') }, []],
  ],
  'no record; EC2 shows a living node → emr, new': [
    [undefined, {}, ['emr, new: new']],
    [undefined, listed(), ['emr, new: new']],
    [undefined, ec2('stopped'), ['emr, new: new']],
    [undefined, ec2('terminated'), []],
    [undefined, ec2('shutting-down'), []],
    [undefined, none, []],
  ],
  'STARTING, BOOTSTRAPPING; EMR lists it so no more → emr, new': [
    [inState('STARTING'), listed(), ['emr, new: STARTING no more']],
    [inState('STARTING'), listed('BOOTSTRAPPING'), ['emr, new: STARTING no more']],
    [inState('BOOTSTRAPPING'), listed(), ['emr, new: BOOTSTRAPPING no more']],
    [inState('STARTING'), listed('STARTING'), []],
    [inState('STARTING'), {}, []],
    [{ ...inState('STARTING'), nodes: {} }, { ...none, ...listed('STARTING') }, []],
  ],
  'TERMINATING; EMR lists it so no more → emr, ending': [
    [inState('TERMINATING'), listed(), ['emr, ending: TERMINATING no more']],
    [inState('TERMINATING'), listed('TERMINATING'), []],
    [inState('TERMINATING'), {}, []],
  ],
  'running; EMR lists it TERMINATING → emr, ending': [
    [done, listed('TERMINATING'), ['emr, ending: TERMINATING']],
    [inState('WAITING'), listed('TERMINATING'), ['emr, ending: TERMINATING']],
    [done, listed(), []],
  ],
  'no living node → emr, ending': [
    [done, none, ['emr, ending: no living node']],
    [aRecord({ nodes: {} }), none, ['emr, ending: no living node']],
    [aRecord({ nodes: {}, selected: false }), none, ['emr, ending: no living node'], otherSelection()],
    [done, { members: new Map([[OTHER, 'j-OTHER']]) }, ['emr, new: new', 'emr, ending: no living node']],
  ],
  'watched and running; a living node that the record lacks → emr, new': [
    [done, both, [`emr, new: joined: ${OTHER}`]],
    [inState('WAITING'), both, [`emr, new: joined: ${OTHER}`]],
    [done, { ...both, ...ec2('terminated', OTHER) }, []],
    [inState('TERMINATING'), both, []],
    [{ ...aRecord({ nodes: {} }), selected: false }, both, [], otherSelection()],
  ],
  'running; a node that did not run when EMR was asked → emr, unfinished': [
    [
      aRecord({ nodes: { [NODE]: aNode({ state: 'BOOTSTRAPPING' }) } }),
      {},
      [`emr, unfinished: not running yet: ${NODE} BOOTSTRAPPING`],
    ],
    [
      aRecord({
        selected: false,
        nodes: { [NODE]: aNode({ state: 'BOOTSTRAPPING', exporters: { node: { installed } } }) },
      }),
      { files: new Map() },
      [`emr, unfinished: not running yet: ${NODE} BOOTSTRAPPING`],
      { ...settings, selection: { tags: { Project: ['Web'] } } },
    ],
    [aRecord({ nodes: { [NODE]: aNode({ state: 'PROVISIONING' }) }, state: 'TERMINATING' }), {}, []],
  ],
  'a node that EC2 has forgotten → emr, unfinished': [
    [withOther(ago(10 * MINUTE)), ec2('notFound', OTHER), [`emr, unfinished: forgotten by EC2: ${OTHER}`]],
    [withOther(ago(10 * MINUTE - 1)), ec2('notFound', OTHER), []],
    [withOther(ago(10 * MINUTE)), ec2('running', OTHER), []],
  ],
  'its tags are not what EMR said, or were never kept → emr, stale': [
    [done, tagged({ Project: 'Web' }), ['emr, stale: tags: Project=Web']],
    [done, tagged({ Project: 'Etl', Service: 'billing' }), ['emr, stale: tags: Service=billing']],
    [done, tagged({}), ['emr, stale: tags: Project=']],
    [{ ...done, tags: undefined }, {}, ['emr, stale: tags were never kept']],
    [done, tagged({ Project: 'Etl' }), []],
    [done, tagged({ Project: 'Etl', Service: '' }), []],
    [{ ...done, tags: { Project: 'Etl', Service: '' } }, tagged({ Project: 'Etl' }), []],
    [done, tagged({ Project: 'Etl', Owner: 'me' }), []],
    [{ ...done, tags: { Project: 'Etl', Owner: 'you' } }, tagged({ Project: 'Etl', Owner: 'me' }), []],
  ],
  'an order, a result or a node’s end is due → ec2, unfinished (a node’s end: ending)': [
    [aRecord(), {}, [`ec2, unfinished: due: check node ${NODE}`]],
    [inFlight(45 * SECOND), {}, [`ec2, unfinished: due: ask node ${NODE}`]],
    [inFlight(3 * MINUTE, { phase: 'ordered', commandId: undefined }), {}, [`ec2, unfinished: due: look node ${NODE}`]],
    [
      { ...done, nodes: { ...done.nodes, [OTHER]: aNode({ exporters: { node: { installed } } }) } },
      { ...both, ...ec2('terminated', OTHER) },
      [`ec2, ending: gone: ${OTHER}`],
    ],
    [inState('TERMINATED'), {}, ['ec2, ending: gone: end']],
    [
      done,
      {},
      [`ec2, unfinished: due: check node ${NODE}`],
      { ...settings, exporters: [{ ...nodeExporter, roles: [] }] },
    ],
    [done, upgrading, [`ec2, unfinished: due: check node ${NODE}`], upgraded],
    [done, {}, [], upgraded],
    [inFlight(44 * SECOND), {}, []],
    [working({ phase: 'failed', attempt: 1, at: ago(MINUTE - 1) }), {}, []],
    [working({ phase: 'gaveUp', attempt: 6, at: ago(10_000 * MINUTE) }), {}, []],
  ],
  'a node is to be asked again what answers there → ec2, stale': [
    [asked(30 * MINUTE), {}, [`ec2, stale: time to ask: check node ${NODE}`]],
    [asked(31 * MINUTE), {}, []],
  ],
  'EC2 tells a node’s zone, which it did not know before → ec2, unfinished': [
    [done, placed('us-east-1a'), [`ec2, unfinished: placed: ${NODE}`]],
    [done, placed(undefined), []],
    [inZone('us-east-1a'), placed('us-east-1a'), []],
    [inZone('us-east-1a'), placed(undefined), []],
  ],
  'the target file is not the one that was written → ec2, unfinished': [
    [{ ...done, targetEtag: '"1"' }, {}, ['ec2, unfinished: target file']],
    [{ ...done, targetEtag: '"1"' }, { files: new Map([[CLUSTER, '"2"']]) }, ['ec2, unfinished: target file']],
    [done, { files: new Map([[CLUSTER, '"2"']]) }, ['ec2, unfinished: target file']],
    [{ ...done, targetEtag: '"1"' }, { files: new Map([[CLUSTER, '"1"']]) }, []],
  ],
  'another monitoring.yml → ec2, stale': [
    [done, {}, ['ec2, stale: configuration config-2'], renamed],
    [
      aRecord({ nodes: {}, selected: false }),
      {},
      ['ec2, stale: configuration config-2'],
      { ...otherSelection(), hash: 'config-2' },
    ],
  ],
  'anything else → none': [
    [done, {}, []],
    [done, { ...listed(), ...tagged({ Project: 'Etl' }) }, []],
    [aRecord({ nodes: {}, selected: false }), both, [], otherSelection()],
  ],
};

function withOther(firstSeen: string): ClusterRecord {
  const node = aNode({ exporters: { node: { installed } }, firstSeen });
  return { ...done, nodes: { ...done.nodes, [OTHER]: node } };
}

function placed(zone: string | undefined): Partial<Survey> {
  return { instances: new Map([[NODE, { id: NODE, state: 'running', ...(zone !== undefined && { zone }) }]]) };
}

function inZone(zone: string): ClusterRecord {
  return aRecord({ nodes: { [NODE]: aNode({ zone, exporters: { node: { installed } } }) } });
}

function otherSelection(): Settings {
  return { ...settings, selection: { tags: { Project: ['Web'] } } };
}

test('every row of the table in wishes.ts is tested, and no other', () => {
  expect(Object.keys(rows)).toEqual(docTable('shared/core/wishes.ts').map((row) => row.replaceAll("node's", 'node’s')));
});

describe.each(Object.entries(rows))('%s', (_row, cases) => {
  const complete = cases.map(
    ([record, survey, expected, wanted = settings]) => [record, survey, expected, wanted] as const,
  );
  test.each(complete)('case %#', (record, survey, expected, wanted) => {
    const found = wished(record, survey, wanted).map(
      ({ depth, urgency, signature }) => `${depth}, ${urgency}: ${signature}`,
    );
    expect(found.toSorted()).toEqual(expected.toSorted());
  });
});

describe('a cluster with several reasons', () => {
  const [joined, young] = [both, aRecord({ nodes: { [NODE]: aNode({ state: 'BOOTSTRAPPING' }) } })];

  test('is one wish for each depth, as urgent as the most urgent of them, and names them all', () => {
    expect(wished(young, { ...joined, ...tagged({}), files: new Map([[CLUSTER, '"1"']]) }, renamed)).toEqual([
      {
        id: CLUSTER,
        depth: 'emr',
        urgency: 'new',
        signature: `joined: ${OTHER}; not running yet: ${NODE} BOOTSTRAPPING; tags: Project=`,
      },
      { id: CLUSTER, depth: 'ec2', urgency: 'unfinished', signature: 'target file; configuration config-2' },
    ]);
  });

  test('says the same in whatever order EC2 lists its nodes', () => {
    const members = [NODE, OTHER, 'i-00000003' as const].map((id) => [id, CLUSTER] as const);
    const [there, back] = [members, members.toReversed()].map((list) => wished(done, { members: new Map(list) }));
    expect(there).toEqual(back);
  });
});

test('the ending come first, then the new, the unfinished and the stale', () => {
  const wish = (urgency: 'ending' | 'new' | 'unfinished' | 'stale') =>
    ({ id: CLUSTER, depth: 'ec2', urgency, signature: urgency }) as const;
  const mixed = [wish('stale'), wish('new'), wish('unfinished'), wish('ending')];
  expect(mixed.toSorted(byUrgency).map(({ urgency }) => urgency)).toEqual(['ending', 'new', 'unfinished', 'stale']);
});

test('the wishes are sorted by cluster, however they were found', () => {
  const records = new Map((['j-3', 'j-1'] as const).map((clusterId) => [clusterId, { ...done, clusterId }]));
  const found = wishes(records, new Set(), around({ members: new Map([[NODE, 'j-2']]) }), settings);
  expect(found.map(({ id }) => id)).toEqual(['j-1', 'j-2', 'j-3']);
});

test('a record that cannot be read is left alone', () => {
  expect(wishes(new Map(), new Set([CLUSTER]), around(listed('STARTING')), settings)).toEqual([]);
});

test('an account of many clusters where nothing changed wishes for nothing', () => {
  const ids = Array.from({ length: 50 }, (_, index): ClusterId => `j-${index}`);
  const nodes = ids.map((id, index) => [`i-0000${1000 + index}` as InstanceId, id] as const);
  const records = new Map(
    nodes.map(([node, id]) => [
      id,
      { ...done, clusterId: id, nodes: { [node]: aNode({ exporters: { node: { installed } } }) } },
    ]),
  );
  expect(wishes(records, new Set(), around({ members: new Map(nodes), ...listed() }), settings)).toEqual([]);
});
