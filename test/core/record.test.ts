import { describe, expect, test } from 'vitest';
import { isSameRecord, parseRecord, renderRecord } from '../../shared/core/record.ts';
import { aNode, aRecord, NODE, someWork } from './sample-record.ts';

const KEY = 'clusters/j-2EXAMPLECLUST.json';
const read = (value: unknown) => parseRecord(JSON.stringify(value), KEY);

describe('a record that cannot be read is refused, by key, field and expectation:', () => {
  test.each<[string, unknown, RegExp]>([
    ['a newer schema', { schema: 2, nodes: 'new shape' }, /schema 2 is newer than this version reads \(1\); deploy/],
    ['no schema', { ...aRecord(), schema: undefined }, /schema: /],
    ['a field too many', { ...aRecord(), extra: 1 }, /record: .*extra/],
    ['a field too few', { ...aRecord(), name: undefined }, /name: .*string/],
    ['a wrong cluster id', { ...aRecord(), clusterId: 'x' }, /clusterId: /],
    ['a wrong instance id', { ...aRecord(), nodes: { web: aNode() } }, /nodes\.web: /],
    ['a wrong instant', { ...aRecord(), observedAt: 'yesterday' }, /observedAt: /],
    ['a negative sequence', { ...aRecord(), sequence: -1 }, /sequence: /],
    [
      'work without attempt',
      {
        ...aRecord(),
        nodes: { [NODE]: aNode({ exporters: { node: { work: { ...someWork(), attempt: undefined as never } } } }) },
      },
      /exporters\.node\.work\.attempt: /,
    ],
    ['a list', [], /record|schema/],
    ['null', null, /record: /],
  ])('%s', (_title, value, message) => {
    expect(() => read(value)).toThrow(message);
    expect(() => read(value)).toThrow(expect.objectContaining({ name: 'UnreadableError', retryable: false }));
    expect(() => read(value)).toThrow(KEY);
  });

  test('no JSON', () => {
    expect(() => parseRecord('{', KEY)).toThrow(`${KEY}: not JSON`);
  });
});

test('every problem is named in one go', () => {
  expect(() => read({ ...aRecord(), name: 1, state: 'UP' })).toThrow(/name: .*; state: /);
});

test('a rendered record has sorted keys and ends in a line break', () => {
  const text = renderRecord(aRecord({ labels: { b: '1', a: '2' } }));
  expect(text).toContain('"labels":{"a":"2","b":"1"}');
  expect(text.startsWith('{"clusterId":')).toBe(true);
  expect(text.endsWith('}\n')).toBe(true);
});

test('who saved a record, when it was observed and how often it was saved is not part of what it says', () => {
  const other = { ...aRecord(), writer: 'other', sequence: 9, observedAt: '2020-01-01T00:00:00.000Z' };
  expect(isSameRecord(aRecord(), other)).toBe(true);
});

test('an undefined field says what an absent one says', () => {
  expect(isSameRecord(aRecord(), aRecord({ targetEtag: undefined }))).toBe(true);
});

test.each<[string, ReturnType<typeof aRecord>]>([
  ['a node', aRecord({ nodes: {} })],
  ['a state', aRecord({ state: 'WAITING' })],
  ['the target file’s ETag', aRecord({ targetEtag: '"1"' })],
])('another of %s is another record', (_title, other) => {
  expect(isSameRecord(aRecord(), other)).toBe(false);
});
