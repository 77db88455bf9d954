import { expect, test } from 'vitest';
import { createPool, findViolation } from './pool.ts';
import { simulate } from './simulate.ts';
import { tell } from './tell.ts';

const SEEDS = 200;

test(`${SEEDS} histories violate nothing`, { timeout: 1_200_000 }, async () => {
  const pool = createPool();
  try {
    const found = await findViolation(pool, 1, SEEDS);
    expect(found && (await tell(found, pool))).toBeUndefined();
  } finally {
    await pool.close();
  }
});

test('the same seed is the same history, line by line', async () => {
  const [first, second] = [await simulate(7, { isTraced: true }), await simulate(7, { isTraced: true })];
  expect(first.trace.length).toBeGreaterThan(100);
  expect(second.trace).toEqual(first.trace);
});
