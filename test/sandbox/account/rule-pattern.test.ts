import { expect, test } from 'vitest';
import { compilePattern } from '../../../sandbox/account/rule-pattern.ts';

const event = {
  source: 'aws.emr',
  'detail-type': 'EMR Cluster State Change',
  detail: {
    state: 'RUNNING',
    count: 2,
    text: '2',
    ip: '10.0.0.7',
    nothing: null,
    tags: ['a', 'b'],
    nested: [
      { x: 1, y: 2 },
      { x: 3, y: 4 },
    ],
  },
};
const detail = (pattern: unknown) => ({ detail: pattern });

test.each<[string, unknown, boolean]>([
  ['keys are an AND', { source: ['aws.emr'], 'detail-type': ['Other'] }, false],
  ['a leaf is an OR', { source: ['aws.ec2', 'aws.emr'] }, true],
  ['exact match is type-sensitive', detail({ count: ['2'] }), false],
  ['a number equals a number', detail({ count: [2] }), true],
  ['null equals null', detail({ nothing: [null] }), true],
  ['prefix', { 'detail-type': [{ prefix: 'EMR ' }] }, true],
  ['prefix that is not there', { 'detail-type': [{ prefix: 'emr ' }] }, false],
  ['prefix in the middle', { 'detail-type': [{ prefix: 'Cluster' }] }, false],
  ['suffix in the middle', { 'detail-type': [{ suffix: 'State' }] }, false],
  ['prefix ignoring case', { 'detail-type': [{ prefix: { 'equals-ignore-case': 'emr ' } }] }, true],
  ['suffix', { 'detail-type': [{ suffix: 'Change' }] }, true],
  ['suffix that is not there', { 'detail-type': [{ suffix: 'change' }] }, false],
  ['equals-ignore-case', detail({ state: [{ 'equals-ignore-case': 'running' }] }), true],
  ['wildcard', { 'detail-type': [{ wildcard: 'EMR*State*' }] }, true],
  ['a wildcard’s dot is a dot', { 'detail-type': [{ wildcard: 'EMR.Cluster*' }] }, false],
  ['an escaped star is a star', detail({ state: [{ wildcard: 'RUN\\*' }] }), false],
  ['anything-but one', detail({ state: [{ 'anything-but': 'RUNNING' }] }), false],
  ['anything-but a list', detail({ state: [{ 'anything-but': ['A', 'B'] }] }), true],
  ['anything-but a number', detail({ count: [{ 'anything-but': [2] }] }), false],
  ['anything-but a prefix', { 'detail-type': [{ 'anything-but': { prefix: 'EMR Cluster' } }] }, false],
  ['anything-but one of two prefixes', { 'detail-type': [{ 'anything-but': { prefix: ['X', 'EMR'] } }] }, false],
  ['anything-but a suffix', { 'detail-type': [{ 'anything-but': { suffix: 'Other' } }] }, true],
  ['anything-but needs the key', detail({ missing: [{ 'anything-but': 'x' }] }), false],
  [
    'a prefix beside anything-but is an OR',
    { 'detail-type': [{ prefix: 'EMR ' }, { 'anything-but': 'EMR Cluster State Change' }] },
    true,
  ],
  ['numeric range', detail({ count: [{ numeric: ['>', 0, '<=', 2] }] }), true],
  ['numeric out of range', detail({ count: [{ numeric: ['<', 2] }] }), false],
  ['numeric does not read strings', detail({ text: [{ numeric: ['=', 2] }] }), false],
  ['exists', detail({ state: [{ exists: true }] }), true],
  ['exists: false of an absent key', detail({ missing: [{ exists: false }] }), true],
  ['exists: false of a key that is there', detail({ state: [{ exists: false }] }), false],
  ['exists looks at leaves only', { detail: [{ exists: true }] }, false],
  ['an absent key fails', detail({ missing: ['x'] }), false],
  ['an absent object is searched for absent keys', { other: { deep: [{ exists: false }] } }, true],
  ['cidr', detail({ ip: [{ cidr: '10.0.0.0/24' }] }), true],
  ['cidr of another network', detail({ ip: [{ cidr: '10.0.1.0/24' }] }), false],
  ['$or', { $or: [{ source: ['aws.ec2'] }, { 'detail-type': [{ prefix: 'EMR' }] }] }, true],
  ['$or beside a key is an AND', { source: ['aws.ec2'], $or: [{ source: ['aws.emr'] }, { source: ['x'] }] }, false],
  ['an array in the event matches by any of its items', detail({ tags: ['b', 'c'] }), true],
  ['one object of an array is enough', detail({ nested: { x: [3] } }), true],
  ['one object of an array must match whole', detail({ nested: { x: [1], y: [4] } }), false],
])('%s: %j → %s', (_name, pattern, expected) => {
  expect(compilePattern(pattern)(event)).toBe(expected);
});

test.each<[string, unknown, RegExp]>([
  ['an unknown operator', { source: [{ regex: 'aws.*' }] }, /Unrecognized match type regex at \$\.source/],
  ['a value that is not in an array', { source: 'aws.emr' }, /must be an object or an array/],
  ['an empty leaf', { source: [] }, /Empty arrays/],
  ['an empty pattern', {}, /Empty objects/],
  ['two operators in one matcher', { source: [{ prefix: 'a', suffix: 'b' }] }, /Only one key/],
  ['exists with text', { source: [{ exists: 'true' }] }, /true or false/],
  ['a numeric operator of its own', { source: [{ numeric: ['!=', 1] }] }, /numeric comparison/],
  ['a nested anything-but', { source: [{ 'anything-but': { numeric: ['>', 1] } }] }, /anything-but/],
  ['two stars in a row', { source: [{ wildcard: 'a**' }] }, /Consecutive/],
  ['an $or of one', { $or: [{ source: ['a'] }] }, /\$or/],
  ['a prefix that is no text', { source: [{ prefix: 1 }] }, /string/],
])('%s is refused: %j', (_name, pattern, reason) => {
  expect(() => compilePattern(pattern)).toThrow(
    expect.objectContaining({ code: 'InvalidEventPatternException', message: expect.stringMatching(reason) }),
  );
});
