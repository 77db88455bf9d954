import { readFileSync, writeFileSync } from 'node:fs';
import { ConfigError } from '../../shared/core/errors.ts';
import { hunt } from '../../test/sim/hunt.ts';
import { mutations } from '../../test/sim/mutations.ts';
import { createPool, findViolation } from '../../test/sim/pool.ts';
import { CATCHES_FILE } from '../../test/sim/recorded-catches.ts';
import { tell } from '../../test/sim/tell.ts';
import { nearest } from '../nearest.ts';
import { parseCommand } from '../parse-command.ts';
import { reportAndExit } from '../report-and-exit.ts';

const USAGE = `npm run sim [-- options]

Plays histories of an hour against the functions. One that violates an invariant is shrunk and told.

  --seeds N         how many (200)
  --from N          the first one's seed (1)
  --trace           tell all of that one, or of the first one when none violates anything
  --mutation NAME   play with a deliberate bug of test/sim/mutations.ts
  --hunt            look for each of those bugs, or for that of --mutation, and record the seed that finds it`;

const OPTIONS = {
  seeds: { type: 'string', default: '200' },
  from: { type: 'string', default: '1' },
  trace: { type: 'boolean', default: false },
  mutation: { type: 'string' },
  hunt: { type: 'boolean', default: false },
} as const;

interface Asked {
  readonly seeds: number;
  readonly from: number;
  readonly trace: boolean;
  readonly mutation: string | undefined;
  readonly hunt: boolean;
}

function readAsked(args: readonly string[]): Asked {
  const { seeds, from, ...values } = parseCommand({ args: [...args], options: OPTIONS }, USAGE).values;
  const known = mutations.map(({ name }) => name);
  const { mutation } = values;
  if (mutation !== undefined && !known.includes(mutation))
    throw new ConfigError(`--mutation is "${mutation}": no such bug${nearest(mutation, known)}: ${known.join('; ')}`);
  return { ...values, mutation, seeds: whole('seeds', seeds), from: whole('from', from) };
}

function whole(name: string, text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw new ConfigError(`--${name} is "${text}": expected a whole number from 1 to 999999999`);
  return Number(text);
}

async function play({ seeds: count, from, trace, mutation }: Asked): Promise<number> {
  const pool = createPool(mutation);
  try {
    const begun = performance.now();
    let played = 0;
    const found = await findViolation(pool, from, count, () => {
      played += 1;
      if (played % 100 === 0) process.stderr.write(`${played} of ${count}\r`);
    });
    const seconds = (performance.now() - begun) / 1000;
    if (found !== undefined) console.log(await tell(found, pool, trace));
    else if (trace) console.log((await pool.play(from, { isTraced: true })).trace.join('\n'));
    const rate = `${played} histories in ${seconds.toFixed(1)} s, ${(played / seconds).toFixed(1)} a second`;
    console.log(`${rate}: ${found === undefined ? 'no violation' : 'one violation'}`);
    return found === undefined ? 0 : 1;
  } finally {
    await pool.close();
  }
}

const MOST = 500;

async function huntAll({ mutation }: Asked): Promise<number> {
  const names = mutation === undefined ? mutations.map(({ name }) => name) : [mutation];
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

try {
  const asked = readAsked(process.argv.slice(2));
  process.exitCode = asked.hunt ? await huntAll(asked) : await play(asked);
} catch (error) {
  reportAndExit(error);
}
