import { shrink } from './shrink.ts';
import type { Pool } from './pool.ts';
import type { Outcome } from './simulate.ts';
import { stamp } from './trace.ts';

const LAST_LINES = 60;

/** Seed, invariant and a readable trace of what is still needed for it to fail. */
export async function tell(found: Outcome, pool: Pool, isWhole = false): Promise<string> {
  const { seed, violation } = found;
  if (violation === undefined) return `seed ${seed} violates nothing`;
  const { outcome, troubles, steps } = await shrink(found, pool.play);
  const lines = isWhole ? outcome.trace : outcome.trace.slice(-LAST_LINES);
  return [
    `seed ${seed} violates: ${violation.invariant}`,
    `  ${stamp(violation.at)}  ${violation.problem}`,
    `shrunk to ${steps} of ${found.steps} steps, troubles: ${troubles.join(', ') || 'none'}`,
    ...lines,
    ...(isWhole
      ? []
      : [`${lines.length} of ${outcome.trace.length} lines; npm run sim -- --from ${seed} --seeds 1 --trace`]),
  ].join('\n');
}
