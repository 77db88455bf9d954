import type { ClusterId } from '../../shared/core/model.ts';
import { converges } from './invariants/converges.ts';
import { endedTargetsGo } from './invariants/ended-targets-go.ts';
import { restIsQuiet } from './invariants/rest-is-quiet.ts';
import { unfinished } from './unfinished.ts';
import { CALM } from './time.ts';
import type { World } from './world.ts';

interface Swept {
  readonly begunAt: number;
  /** Of all functions while it ran. */
  readonly effects: number;
  readonly emrCalls: number;
  /** No other function ran meanwhile. */
  readonly isAlone: boolean;
}

/** What must hold once faults have stopped; asked after every sweep. */
export interface Calm {
  readonly swept: (sweep: Swept) => void;
}

export function createCalm(world: World): Calm {
  const { ledger } = world;
  const sweepsSinceEnd = new Map<ClusterId, number>();
  /** Sweeps in a row that found or left nothing to do. */
  let finished = 0;

  function countEnded(begunAt: number): void {
    for (const { id, endedAt } of ledger.truth.clusters()) {
      if (endedAt === undefined || !ledger.targets.has(id)) sweepsSinceEnd.delete(id);
      else if (endedAt <= begunAt) sweepsSinceEnd.set(id, (sweepsSinceEnd.get(id) ?? 0) + 1);
    }
  }

  return {
    swept({ begunAt, effects, emrCalls, isAlone }) {
      if (begunAt < CALM) return;
      countEnded(begunAt);
      ledger.report('ended targets go', endedTargetsGo(sweepsSinceEnd));
      const { overdue, pending } = unfinished(world);
      ledger.report('converges', converges(overdue));
      if (finished >= 2 && isAlone && pending.length === 0) {
        ledger.report('rest is quiet', restIsQuiet(effects, emrCalls));
      }
      finished = pending.length === 0 ? finished + 1 : 0;
    },
  };
}
