import { describe, expect, test } from 'vitest';
import { isDueAgain, stand, type Tried, tryAgain } from '../../shared/core/back-off.ts';
import { MINUTE, NOW, SECOND } from './sample-record.ts';

const before = (milliseconds: number): Date => new Date(NOW.getTime() - milliseconds);
const tried = (since: number, lookedAt?: number): Tried => ({
  signature: 'missing',
  since: before(since),
  ...(lookedAt !== undefined && { lookedAt: before(lookedAt) }),
});

describe('a wish', () => {
  test.each<[string, Tried | undefined, boolean]>([
    ['that nobody had before is due at once', undefined, true],
    ['in other words is due at once', { ...tried(MINUTE, 0), signature: 'joined: i-1' }, true],
    ['that was not tried yet is due', tried(10 * MINUTE), true],
    ['is due again in the next minute’s sweep', tried(MINUTE, MINUTE), true],
    ['is due again in a sweep that begins 10 s early', tried(50 * SECOND, 50 * SECOND), true],
    ['is not due again within the same minute', tried(MINUTE, 50 * SECOND - 1), false],
    ['that stands for 20 minutes is due after 5', tried(20 * MINUTE, 5 * MINUTE), true],
    ['that stands for 20 minutes is not due before', tried(20 * MINUTE, 5 * MINUTE - 1), false],
    ['that stands for days is due after an hour', tried(10_000 * MINUTE, 60 * MINUTE), true],
    ['that stands for days is not due before', tried(10_000 * MINUTE, 60 * MINUTE - 1), false],
  ])('%s', (_title, before_, expected) => {
    expect(isDueAgain('missing', before_, NOW)).toBe(expected);
  });
});

test('the looks of a wish that stands for two hours, one sweep a minute', () => {
  let state = stand('missing', undefined, new Date(0));
  const looks: number[] = [];
  for (let minute = 0; minute <= 120; minute += 1) {
    const now = new Date(minute * MINUTE);
    state = stand('missing', state, now);
    if (!isDueAgain('missing', state, now)) continue;
    looks.push(minute);
    state = tryAgain('missing', state, now);
  }
  expect(looks).toEqual([0, 1, 2, 3, 4, 6, 8, 11, 15, 20, 27, 36, 48, 64, 86, 115]);
});

test('a wish in other words begins anew', () => {
  expect(stand('joined', tried(60 * MINUTE, MINUTE), NOW)).toEqual({ signature: 'joined', since: NOW });
  expect(tryAgain('joined', tried(60 * MINUTE, MINUTE), NOW)).toEqual({
    signature: 'joined',
    since: NOW,
    lookedAt: NOW,
  });
});

test('a wish in the same words stands since it came', () => {
  expect(stand('missing', tried(60 * MINUTE, MINUTE), NOW)).toEqual(tried(60 * MINUTE, MINUTE));
  expect(tryAgain('missing', tried(60 * MINUTE, MINUTE), NOW)).toEqual(tried(60 * MINUTE, 0));
});

test('a look that threw is remembered until the next one', () => {
  const failed = tryAgain('missing', undefined, NOW, true);
  expect(failed.failed).toBe(true);
  expect(stand('missing', failed, NOW).failed).toBe(true);
  expect(tryAgain('missing', failed, NOW).failed).toBeUndefined();
});
