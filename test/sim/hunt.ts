import { createPool, findViolation, type Pool } from './pool.ts';

/** Where a deliberate bug was first found. */
export interface Catch {
  readonly seed: number;
  readonly invariant: string;
}

/** Looks for a deliberate bug in the first `count` histories; undefined when it stays hidden. */
export async function hunt(name: string, count: number): Promise<Catch | undefined> {
  const [mutated, sound] = [createPool(name), createPool(undefined, 1)];
  try {
    return await firstCatch(mutated, sound, 1, count);
  } finally {
    await Promise.all([mutated.close(), sound.close()]);
  }
}

/** A history that fails without the bug, too, is no catch of it. */
async function firstCatch(mutated: Pool, sound: Pool, from: number, count: number): Promise<Catch | undefined> {
  const found = await findViolation(mutated, from, count);
  if (found?.violation === undefined) return undefined;
  const { seed, violation } = found;
  const without = await sound.play(seed);
  if (without.violation === undefined) return { seed, invariant: violation.invariant };
  return await firstCatch(mutated, sound, seed + 1, count - (seed + 1 - from));
}
