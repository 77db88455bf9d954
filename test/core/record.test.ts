import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { isSameRecord, parseRecord, renderRecord } from '../../shared/core/record.ts';
import { aNode, aRecord, NODE, someWork } from './sample-record.ts';

const KEY = 'clusters/j-2EXAMPLECLUST.json';
const read = (value: unknown) => parseRecord(JSON.stringify(value), KEY);

describe('a record that cannot be read is refused, by key, field and expectation:', () => {
  test.each<[string, unknown, RegExp]>([
    ['a newer schema', { schema: 3, nodes: 'new shape' }, /schema 3 is newer than this version reads \(2\); deploy/],
    ['no schema', { ...aRecord(), schema: undefined }, /schema: /],
    ['a schema that never was', { ...aRecord(), schema: 0 }, /schema: /],
    ['a schema that is no number', { ...aRecord(), schema: '3' }, /schema: /],
    ['a schema 1 that does not hold', { ...aRecord(), schema: 1, name: undefined }, /name: .*string/],
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

  test('a newer schema before anything else: what else it says is not for us to judge', () => {
    expect(() => read({ schema: 3 })).toThrow(
      `${KEY}: schema 3 is newer than this version reads (2); deploy the newer version again`,
    );
  });

  test('no JSON', () => {
    expect(() => parseRecord('{', KEY)).toThrow(`${KEY}: not JSON`);
  });
});

describe('a record of schema 1', () => {
  /** Written by version 1 itself: an installed node, a failed one, and one in flight that is leaving. */
  const text = readFileSync(new URL('./record-schema-1.json', import.meta.url), 'utf8');
  const { tagsHash, ...old } = JSON.parse(text) as Record<string, unknown>;

  test('is read as one of schema 2: all it says stays, and its tags are not known', () => {
    expect(tagsHash).toBeTypeOf('string');
    expect(parseRecord(text, KEY)).toEqual({ ...old, schema: 2 });
    expect(parseRecord(text, KEY).tags).toBeUndefined();
  });

  test('is the same record when it was written and is read again', () => {
    const migrated = parseRecord(text, KEY);
    expect(parseRecord(renderRecord(migrated), KEY)).toEqual(migrated);
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
  ['the tags', aRecord({ tags: { Project: 'Web' } })],
  ['what is held', aRecord({ held: 'dryRun' })],
])('another of %s is another record', (_title, other) => {
  expect(isSameRecord(aRecord(), other)).toBe(false);
});
