import type { ClusterId } from '../../shared/core/model.ts';
import { converges } from './invariants/converges.ts';
import { endedTargetsGo } from './invariants/ended-targets-go.ts';
import { restIsQuiet } from './invariants/rest-is-quiet.ts';
import { unfinished } from './unfinished.ts';
import { CALM } from './time.ts';
import type { World } from './world.ts';

/** What must hold once faults have stopped; asked after every sweep. */
export interface Calm {
  /** Called when a sweep that began at `begunAt` has ended. */
  swept(begunAt: number): void;
}

export function createCalm(world: World): Calm {
  const { ledger } = world;
  const sweepsSinceEnd = new Map<ClusterId, number>();
  let quiet: { readonly effects: number; readonly emrCalls: number } | undefined;

  function countEnded(begunAt: number): void {
    for (const { id, endedAt } of ledger.truth.clusters()) {
      if (endedAt === undefined || !ledger.targets.has(id)) sweepsSinceEnd.delete(id);
      else if (endedAt <= begunAt) sweepsSinceEnd.set(id, (sweepsSinceEnd.get(id) ?? 0) + 1);
    }
  }

  return {
    swept(begunAt) {
      if (begunAt < CALM) return;
      countEnded(begunAt);
      ledger.report('ended targets go', endedTargetsGo(sweepsSinceEnd));
      const { overdue, pending } = unfinished(world);
      ledger.report('converges', converges(overdue));
      if (quiet !== undefined) {
        ledger.report(
          'rest is quiet',
          restIsQuiet(ledger.effects() - quiet.effects, ledger.emrCalls() - quiet.emrCalls),
        );
      }
      quiet = pending.length === 0 ? { effects: ledger.effects(), emrCalls: ledger.emrCalls() } : undefined;
    },
  };
}
