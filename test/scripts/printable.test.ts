import { expect, test } from 'vitest';
import { oneLine, printable, printableJson } from '../../scripts/printable.ts';
import { renderResult } from '../../scripts/smoke/checklist.ts';
import { textTable } from '../../scripts/text-table.ts';

const EVIL = 'a\u001b[2Jb\u0007\u007f\u009bc\r\u202ed';

test('what a terminal obeys becomes a question mark; lines and letters of any script stay', () => {
  expect(printable(`${EVIL}\nnächste → 行`)).toBe('a?[2Jb???c??d\nnächste → 行');
});

test('a line feed does not begin a line of its own in a cell, or in a line of the checklist', () => {
  expect(oneLine('a\nb')).toBe('a b');
  expect(textTable(['REASON', 'NEXT'], [['x\nj-2 fine', EVIL]])).toBe('REASON      NEXT\nx j-2 fine  a?[2Jb???c??d');
  const red = {
    state: 'red',
    id: 'x',
    says: 'y',
    milliseconds: 0,
    problems: [{ what: `${EVIL}\nok`, fix: 'a\nb' }],
  } as const;
  expect(renderResult(red).split('\n').slice(1)).toEqual(['      ✗ a?[2Jb???c??d ok', '        → a b']);
});

test('JSON is shown escaped, and means the same', () => {
  const shown = printableJson({ EVIL });
  expect(shown).toBe(printable(shown));
  expect(JSON.parse(shown)).toEqual({ EVIL });
});
