import { expect, test } from 'vitest';
import { compilePattern } from '../../../sandbox/account/rule-pattern.ts';
import { EVENT, PATTERNS, REFUSED } from './event-patterns.ts';

test.each(PATTERNS)('%s: %j → %s', (_name, pattern, expected) => {
  expect(compilePattern(pattern)(EVENT)).toBe(expected);
});

test.each(REFUSED)('%s is refused: %j', (_name, pattern, reason) => {
  expect(() => compilePattern(pattern)).toThrow(
    expect.objectContaining({ code: 'InvalidEventPatternException', message: expect.stringMatching(reason) }),
  );
});

test.each([
  [{ source: ['a'], $or: [{ source: ['b'] }, { id: ['c'] }] }, 'source beside'],
  [{ detail: { state: ['a'] }, $or: [{ id: ['c'] }, { detail: { state: ['b'] } }] }, 'detail.state beside'],
])('a key beside $or and in it, of which the engine forgets one, is not modelled: %j', (pattern, message) => {
  expect(() => compilePattern(pattern)).toThrow(message);
});
