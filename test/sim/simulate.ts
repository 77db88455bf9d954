import { backfill } from '../../functions/backfill.ts';
import { onEvent } from '../../functions/on-event.ts';
import { sweep } from '../../functions/sweep.ts';
import { createCalm } from './calm.ts';
import type { Trouble } from './faults.ts';
import { inventHistory } from './history.ts';
import { lambda } from './lambda.ts';
import { createLedger } from './ledger.ts';
import { player } from './play.ts';
import { random as randomOf } from './random.ts';
import { LENGTH, MINUTE, SECOND } from './time.ts';
import { createTrace } from './trace.ts';
import type { Violation } from './violation.ts';
import { createWorld, type World } from './world.ts';

export interface Options {
  readonly isTraced?: boolean;
  /** For shrinking: troubles that never strike, and steps (by index) that are left out. */
  readonly without?: { readonly troubles: ReadonlySet<Trouble>; readonly steps: ReadonlySet<number> };
}

export interface Outcome {
  readonly seed: number;
  readonly violation: Violation | undefined;
  readonly trace: readonly string[];
  readonly steps: number;
}

const NOTHING = { troubles: new Set<Trouble>(), steps: new Set<number>() };

/** An hour of one history; the same seed and options give the same one. */
export async function simulate(seed: number, { isTraced = false, without = NOTHING }: Options = {}): Promise<Outcome> {
  const { wish, steps } = inventHistory(randomOf(`history ${seed}`));
  let elapsed = (): number => 0;
  const trace = createTrace(isTraced, () => elapsed());
  const world = createWorld(`world ${seed}`, wish, without.troubles, (partial) => createLedger(partial, trace));
  elapsed = world.elapsed;
  const { clock, ledger, trouble } = world;
  const functions = lambda(world);
  const calm = createCalm(world);
  const force = (isForced: boolean): void =>
    void functions.invoke('backfill', (app) => backfill({ force: isForced }, app));
  const play = player(world, force);
  for (const [index, { at, deed }] of steps.entries()) {
    if (!without.steps.has(index)) clock.after(at, () => play(deed));
  }
  const runSweep = async (): Promise<void> => {
    const [begunAt, effects, emrCalls] = [world.elapsed(), ledger.effects(), ledger.emrCalls()];
    const others = functions.invocations();
    const wasAlone = functions.running() === 0;
    await functions.invoke('sweep', (app) => sweep({}, app));
    calm.swept({
      begunAt,
      effects: ledger.effects() - effects,
      emrCalls: ledger.emrCalls() - emrCalls,
      isAlone: wasAlone && functions.invocations() === others + 1,
    });
  };
  world.queue.onBatch((Records) =>
    functions
      .invoke('on-event', (app) => onEvent({ Records } as never, app))
      .then((answer) => answer?.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)),
  );
  const everyMinute = (): void => {
    clock.after(MINUTE, everyMinute);
    otherCustomers(world);
    if (trouble.strikes('event lost', 0.05)) return;
    void runSweep();
    if (trouble.strikes('sweep overlaps', 0.1)) {
      clock.after(trouble.random('sweep overlaps').between(0, 40 * SECOND), () => void runSweep());
    }
  };
  clock.after(randomOf(`sweep ${seed}`).between(0, MINUTE), everyMinute);
  while (world.elapsed() < LENGTH && ledger.violation() === undefined) await clock.advance(SECOND);
  return { seed, violation: ledger.violation(), trace: trace.lines, steps: steps.length };
}

/** Other tools of the account call EMR, too, and may leave nothing. */
function otherCustomers({ account, trouble, clock }: World): void {
  if (!trouble.strikes('other customers', 0.2)) return;
  const random = trouble.random('other customers');
  const operation = random.pick(['DescribeCluster', 'ListInstances', 'ListClusters', 'ListInstanceGroups']);
  for (let n = random.between(1, 20); n > 0; n -= 1) {
    clock.after(random.between(0, MINUTE), () => {
      try {
        account.emr.admit(operation);
      } catch {
        // Theirs to repeat.
      }
    });
  }
}
