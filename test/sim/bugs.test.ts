import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { mutations } from './mutations.ts';
import { mutate } from './plant.ts';
import { createPool } from './pool.ts';
import { catches } from './recorded-catches.ts';

const playOne = async (seed: number, mutation?: string) => {
  const pool = createPool(mutation, 1);
  try {
    return (await pool.play(seed)).violation?.invariant;
  } finally {
    await pool.close();
  }
};

test('a place that a deliberate bug no longer finds is named', () => {
  const bug = { file: 'f.ts', line: 'a;', instead: 'b;' };
  expect(mutate('x;a;y;', bug)).toBe('x;b;y;');
  expect(() => mutate('x;', bug)).toThrow('f.ts has 0 times, not once: a;');
  expect(() => mutate('a;a;', bug)).toThrow('f.ts has 2 times, not once: a;');
});

test('at least 12 deliberate bugs are kept, and each has its recorded seed', () => {
  expect(mutations.length).toBeGreaterThanOrEqual(12);
  expect(Object.keys(catches).toSorted()).toEqual(mutations.map(({ name }) => name).toSorted());
});

/** `npm run sim -- --hunt` records the seeds anew, after the functions have changed. */
test.each(mutations)('the bug "$name" is found by its recorded seed', async (mutation) => {
  mutate(readFileSync(mutation.file, 'utf8'), mutation);
  const caught = catches[mutation.name];
  expect(await playOne(caught?.seed ?? 0, mutation.name)).toBe(caught?.invariant);
});

test('the recorded seeds violate nothing without the bugs', async () => {
  const pool = createPool();
  try {
    const seeds = new Set(Object.values(catches).map(({ seed }) => seed));
    const outcomes = await Promise.all([...seeds].map((seed) => pool.play(seed)));
    expect(outcomes.flatMap(({ seed, violation }) => (violation === undefined ? [] : [seed]))).toEqual([]);
  } finally {
    await pool.close();
  }
});
