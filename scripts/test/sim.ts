import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { hunt } from '../../test/sim/hunt.ts';
import { mutations } from '../../test/sim/mutations.ts';
import { createPool, findViolation } from '../../test/sim/pool.ts';
import { CATCHES_FILE } from '../../test/sim/recorded-catches.ts';
import { tell } from '../../test/sim/tell.ts';

/**
 * Plays histories of an hour against the functions: `npm run sim -- --seeds 10000 --from 1`. One that violates an
 * invariant is shrunk and told; `--trace` tells all of it, or all of the first one when none does. `--mutation <name>`
 * plays with a deliberate bug; `--hunt` looks for each of them and records the seed that finds it.
 */
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    from: { type: 'string', default: '1' },
    trace: { type: 'boolean', default: false },
    mutation: { type: 'string' },
    hunt: { type: 'boolean', default: false },
  },
});

function whole(name: string, text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`--${name} ${text}: needs a whole number from 1 on`);
  return Number(text);
}

async function play(): Promise<number> {
  const [from, count] = [whole('from', values.from), whole('seeds', values.seeds)];
  const pool = createPool(values.mutation);
  try {
    const begun = performance.now();
    let played = 0;
    const found = await findViolation(pool, from, count, () => {
      played += 1;
      if (played % 100 === 0) process.stderr.write(`${played} of ${count}\r`);
    });
    const seconds = (performance.now() - begun) / 1000;
    if (found !== undefined) console.log(await tell(found, pool, values.trace));
    else if (values.trace) console.log((await pool.play(from, { isTraced: true })).trace.join('\n'));
    const rate = `${played} histories in ${seconds.toFixed(1)} s, ${(played / seconds).toFixed(1)} a second`;
    console.log(`${rate}: ${found === undefined ? 'no violation' : 'one violation'}`);
    return found === undefined ? 0 : 1;
  } finally {
    await pool.close();
  }
}

const MOST = 500;

async function huntAll(): Promise<number> {
  const names = values.mutation === undefined ? mutations.map(({ name }) => name) : [values.mutation];
  const known = new Set(mutations.map(({ name }) => name));
  const before = Object.entries(JSON.parse(readFileSync(CATCHES_FILE, 'utf8')) as Record<string, unknown>);
  const catches = new Map(before.filter(([name]) => known.has(name)));
  let hidden = 0;
  for (const name of names) {
    const caught = await hunt(name, MOST);
    console.log(
      caught ? `${name}: seed ${caught.seed}, ${caught.invariant}` : `${name}: hidden from ${MOST} histories`,
    );
    if (caught === undefined) hidden += 1;
    else catches.set(name, caught);
    writeFileSync(CATCHES_FILE, `${JSON.stringify(Object.fromEntries(catches), undefined, 2)}\n`);
  }
  return hidden === 0 ? 0 : 1;
}

process.exitCode = values.hunt ? await huntAll() : await play();
