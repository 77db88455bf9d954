import { parseArgs } from 'node:util';
import { createPool, findViolation, type Pool } from '../test/sim/pool.ts';
import { shrink } from '../test/sim/shrink.ts';
import type { Outcome } from '../test/sim/simulate.ts';
import { stamp } from '../test/sim/trace.ts';

/**
 * Plays histories of an hour against the functions: `npm run sim -- --seeds 10000 --from 1`. One that violates an
 * invariant is shrunk and told. `--trace` tells all of it, `--mutation` plays with a deliberate bug.
 */
const TOLD = 60;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    from: { type: 'string', default: '1' },
    trace: { type: 'boolean', default: false },
    mutation: { type: 'string' },
  },
});

const whole = (name: string, text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`--${name} ${text}: a whole number is needed`);
  return Number(text);
};

async function main(): Promise<number> {
  const from = whole('from', values.from);
  const count = whole('seeds', values.seeds);
  const pool = createPool(values.mutation);
  try {
    const begun = performance.now();
    let played = 0;
    const found = await findViolation(pool, from, count, () => {
      played += 1;
      if (played % 100 === 0) process.stderr.write(`${played} of ${count}\r`);
    });
    const seconds = (performance.now() - begun) / 1000;
    console.log(`${played} histories in ${seconds.toFixed(1)} s: ${(played / seconds).toFixed(1)} a second`);
    if (found !== undefined) await tell(found, pool);
    else if (values.trace) await tellAll(from, pool);
    console.log(found === undefined ? '0 violations' : '1 violation');
    return found === undefined ? 0 : 1;
  } finally {
    await pool.close();
  }
}

async function tell(found: Outcome, pool: Pool): Promise<void> {
  const { seed, violation } = found;
  if (violation === undefined) return;
  console.log(`\nseed ${seed}: ${violation.invariant}\n  ${stamp(violation.at)}  ${violation.problem}\n\nshrinking …`);
  const { outcome, troubles, steps } = await shrink(found, pool.play);
  const { trace } = outcome;
  const left = `${steps} of ${found.steps} steps, troubles: ${troubles.join(', ') || 'none'}`;
  console.log(`still fails with ${left}\n${values.trace ? trace.join('\n') : trace.slice(-TOLD).join('\n')}`);
  if (!values.trace)
    console.log(`\nthe last ${TOLD} of ${trace.length} lines; --from ${seed} --seeds 1 --trace tells all`);
}

async function tellAll(seed: number, pool: Pool): Promise<void> {
  const { trace } = await pool.play(seed, { isTraced: true });
  console.log(trace.join('\n'));
}

process.exitCode = await main();
