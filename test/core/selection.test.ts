import { describe, expect, test } from 'vitest';
import { isSelected } from '../../shared/core/selection.ts';
import { docTable } from './doc-table.ts';

type Tags = Readonly<Record<string, string>>;
type Case = readonly [Readonly<Record<string, readonly string[]>>, Tags, boolean];

const both = { Project: ['Etl'], Stage: ['prod'] };
const rows: Readonly<Record<string, readonly Case[]>> = {
  '{} anything → yes': [
    [{}, {}, true],
    [{}, { Project: 'Web' }, true],
  ],
  '{ Project: [Etl, Ml] } { Project: Etl } → yes': [
    [{ Project: ['Etl', 'Ml'] }, { Project: 'Etl' }, true],
    [{ Project: ['Etl', 'Ml'] }, { Project: 'Ml', Owner: 'me' }, true],
  ],
  '{ Project: [Etl] } { Project: Web }, or none → no': [
    [{ Project: ['Etl'] }, { Project: 'Web' }, false],
    [{ Project: ['Etl'] }, { Project: 'etl' }, false],
    [{ Project: ['Etl'] }, {}, false],
  ],
  '{ Project: [Etl], Stage: [prod] } { …: Etl, …: prod } → yes': [[both, { Project: 'Etl', Stage: 'prod' }, true]],
  '{ Project: [Etl], Stage: [prod] } { Project: Etl } → no: every named tag must match': [
    [both, { Project: 'Etl' }, false],
    [both, { Project: 'Etl', Stage: 'test' }, false],
  ],
};

test('every row of the table in selection.ts is tested, and no other', () => {
  expect(Object.keys(rows)).toEqual(docTable('shared/core/selection.ts'));
});

describe.each(Object.entries(rows))('%s', (_row, cases) => {
  test.each(cases)('case %#', (tags, cluster, expected) => {
    expect(isSelected(cluster, { tags })).toBe(expected);
  });
});
