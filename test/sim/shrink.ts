import { type Trouble, TROUBLES } from './faults.ts';
import type { Options, Outcome } from './simulate.ts';

type Play = (seed: number, options: Options) => Promise<Outcome>;

export interface Shrunk {
  readonly outcome: Outcome;
  /** What is still needed for it to fail. */
  readonly troubles: readonly Trouble[];
  readonly steps: number;
}

/** Leaves out one kind of trouble and one step after the other, as long as the same invariant still fails. */
export async function shrink(failed: Outcome, play: Play): Promise<Shrunk> {
  const without = { troubles: new Set<Trouble>(), steps: new Set<number>() };
  const fails = async (): Promise<boolean> => {
    const { violation } = await play(failed.seed, { without });
    return violation?.invariant === failed.violation?.invariant;
  };
  const leaveOut = async <T>(from: Set<T>, items: readonly T[]): Promise<void> => {
    for (const item of items) {
      from.add(item);
      if (!(await fails())) from.delete(item);
    }
  };
  await leaveOut(without.troubles, TROUBLES);
  await leaveOut(
    without.steps,
    Array.from({ length: failed.steps }, (_, index) => index),
  );
  return {
    outcome: await play(failed.seed, { without, isTraced: true }),
    troubles: TROUBLES.filter((trouble) => !without.troubles.has(trouble)),
    steps: failed.steps - without.steps.size,
  };
}
