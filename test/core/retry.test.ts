import { expect, test } from 'vitest';
import { deferralDelay, failureDelay, isOver, MAX_ATTEMPTS } from '../../shared/core/retry.ts';
import { ago, MINUTE, NOW } from './sample-record.ts';

test('failures are tried again after 1, 2, 4, 8 and 16 minutes, and the sixth is the last', () => {
  const delays = Array.from({ length: MAX_ATTEMPTS - 1 }, (_, index) => failureDelay(index + 1) / MINUTE);
  expect(delays).toEqual([1, 2, 4, 8, 16]);
});

test('"try again later" doubles its delay up to an hour, however often it is said', () => {
  const delays = [1, 2, 3, 4, 5, 6, 7, 8, 1_000_000].map((deferrals) => deferralDelay(deferrals) / MINUTE);
  expect(delays).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
});

test('a delay is over at its end, not before, and not for an instant still to come', () => {
  expect(isOver(ago(MINUTE), MINUTE, NOW)).toBe(true);
  expect(isOver(ago(MINUTE - 1), MINUTE, NOW)).toBe(false);
  expect(isOver(ago(-MINUTE), 0, NOW)).toBe(false);
});
