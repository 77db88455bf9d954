import { mutations } from './mutations.ts';
import { createPool, findViolation } from './pool.ts';

/** Where a deliberate bug was first found. */
export interface Catch {
  readonly seed: number;
  readonly invariant: string;
}

/** Looks for each deliberate bug in the first `count` histories; undefined for one that stays hidden. */
export async function hunt(
  count: number,
  onHunted: (name: string, found: Catch | undefined) => void,
  names: readonly string[] = mutations.map(({ name }) => name),
): Promise<ReadonlyMap<string, Catch | undefined>> {
  const catches = new Map<string, Catch | undefined>();
  for (const name of names) {
    const pool = createPool(name);
    try {
      const found = await findViolation(pool, 1, count);
      const caught = found?.violation && { seed: found.seed, invariant: found.violation.invariant };
      catches.set(name, caught);
      onHunted(name, caught);
    } finally {
      await pool.close();
    }
  }
  return catches;
}
