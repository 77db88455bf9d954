import { describe, expect, test } from 'vitest';
import type { ClusterId, Ec2State, InstanceId } from '../../shared/core/model.ts';
import { livingNodes, representatives, tagKeys, unclear } from '../../shared/core/survey.ts';
import { aNode, aRecord, CLUSTER, NODE, settings } from './sample-record.ts';

const [A, B, C]: readonly [InstanceId, InstanceId, InstanceId] = ['i-00000001', 'i-00000002', 'i-00000003'];
const OTHER: ClusterId = 'j-OTHER';
const said = (...all: readonly (readonly [InstanceId, Ec2State])[]) =>
  new Map(all.map(([id, state]) => [id, { id, state }]));
const members = new Map<InstanceId, ClusterId>([
  [C, CLUSTER],
  [A, CLUSTER],
  [B, OTHER],
]);

test('a node lives while it carries EMR’s tag and EC2 does not take it away', () => {
  const instances = said([A, 'shutting-down'], [B, 'stopped']);
  expect(livingNodes({ members, instances })).toEqual(
    new Map([
      [CLUSTER, new Set([C])],
      [OTHER, new Set([B])],
    ]),
  );
});

describe('a cluster’s tags are read from', () => {
  test.each<[string, ReturnType<typeof said>, readonly (readonly [ClusterId, InstanceId])[]]>([
    [
      'the same node each time, as long as it lives',
      said(),
      [
        [CLUSTER, A],
        [OTHER, B],
      ],
    ],
    [
      'another one once it is gone',
      said([A, 'terminated']),
      [
        [CLUSTER, C],
        [OTHER, B],
      ],
    ],
    ['none when no node lives', said([B, 'shutting-down']), [[CLUSTER, A]]],
  ])('%s', (_title, instances, expected) => {
    expect(representatives({ members, instances })).toEqual(new Map(expected));
    const reversed = new Map([...members].toReversed());
    expect(representatives({ members: reversed, instances })).toEqual(new Map(expected));
  });
});

describe('EC2 is asked by id about', () => {
  const placed = aNode({ zone: 'us-east-1a' });
  const asked = (nodes: Readonly<Record<string, ReturnType<typeof aNode>>>) =>
    unclear([aRecord({ nodes: { [A]: placed, [NODE]: placed } }), aRecord({ clusterId: OTHER, nodes })], {
      members,
      instances: said([NODE, 'terminated']),
    });

  test.each<[string, Readonly<Record<string, ReturnType<typeof aNode>>>, readonly string[]]>([
    ['no node that it lists and whose zone is known', { [B]: placed }, []],
    ['a node that it neither lists nor calls leaving', { [B]: placed, 'i-00000009': placed }, ['i-00000009']],
    ['a node whose zone it did not know', { [B]: aNode() }, [B]],
    ['no node that it calls leaving, wherever that was', { [NODE]: aNode() }, []],
  ])('%s', (_title, nodes, expected) => {
    expect(asked(nodes)).toEqual(expected);
  });
});

test('the tags that count are those of labels and selection, each once and sorted', () => {
  const selection = { tags: { Project: ['Etl'], Stage: ['prod'] } };
  expect(tagKeys({ ...settings, selection })).toEqual(['Project', 'Service', 'Stage']);
  expect(tagKeys({ ...settings, labels: {} })).toEqual([]);
});
