import { expect, test } from 'vitest';
import type { Fault, Faults } from '../../sandbox/account/faults.ts';
import { parseTargets } from '../../shared/core/parse-targets.ts';
import { targetFile } from '../sidecar/sidecar-account.ts';
import { sidecarWorld } from '../sidecar/sidecar-world.ts';
import { say } from './say.ts';

const FILES = 1000;
const SYNCS = 300;
/** Files that change before each sync. */
const CHANGES = 20;
const FAILING = 0.1;
/** More than there will be answers to fail. */
const ARMED = 3000;
const FAULTS: readonly Fault[] = [
  { kind: 'error', status: 500, code: 'InternalError' },
  { kind: 'error', status: 503, code: 'SlowDown' },
  { kind: 'error', status: 403, code: 'AccessDenied' },
  { kind: 'half' },
  { kind: 'lost' },
];

const keyOf = (index: number): string => `targets/j-${1000 + index}.json`;
const fileOf = (index: number): string => `j-${1000 + index}.json`;

/** The same numbers from 0 to 1 each time: a linear congruential generator (Numerical Recipes). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32) / 2 ** 32;
}

/** Each answer fails with the same chance: between two failures lie geometrically distributed ones that do not. */
function armFailures(faults: Faults, random: () => number): readonly number[] {
  let answer = 0;
  return Array.from({ length: ARMED }, () => {
    const skip = Math.floor(Math.log(1 - random()) / Math.log(1 - FAILING));
    faults.arm(FAULTS[Math.floor(random() * FAULTS.length)] ?? { kind: 'lost' }, { skip });
    return (answer += skip + 1);
  });
}

test(
  `of ${FILES} files none is lost or broken in ${SYNCS} syncs while one answer of S3 in ten fails`,
  { timeout: 600_000 },
  async () => {
    const world = await sidecarWorld();
    const random = numbers(20_261_122);
    const newest = Array.from({ length: FILES }, () => targetFile(3, '0'));
    newest.forEach((text, index) => world.put(keyOf(index), text));
    expect(await world.sync()).toBe('same');

    const written = newest.map((text) => new Set([text]));
    const failures = armFailures(world.s3.faults, random);
    const before = world.calls.length;
    const outcomes = new Map<string, number>();
    for (let sync = 1; sync <= SYNCS; sync += 1) {
      for (let change = 0; change < CHANGES; change += 1) {
        const index = Math.floor(random() * FILES);
        newest[index] = targetFile(3, `${sync}`);
        written[index]?.add(newest[index]);
        world.put(keyOf(index), newest[index]);
      }
      const outcome = await world.sync();
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      world.pass(5000);
      const files = await world.files();
      expect(Object.keys(files)).toHaveLength(FILES);
      const foreign = written.flatMap((versions, index) => (versions.has(files[fileOf(index)] ?? '') ? [] : [index]));
      expect(foreign).toEqual([]);
    }
    const answers = world.calls.length - before;
    const failed = failures.filter((answer) => answer <= answers).length;
    world.s3.faults.clear();
    expect(await world.sync()).toBe('same');
    const files = await world.files();
    expect(newest.map((_, index) => files[fileOf(index)])).toEqual(newest);
    expect(parseTargets(files[fileOf(0)] ?? '')).toHaveLength(3);
    expect(failed / answers).toBeGreaterThan(FAILING * 0.8);
    const told = [...outcomes].map(([outcome, times]) => `${times} ${outcome}`).join(', ');
    say(`${SYNCS} syncs of ${FILES} files: ${told}; ${failed} of ${answers} answers failed`);
  },
);
