import { computePorts } from '../../sandbox/account/ports.ts';
import { createBudget } from '../../shared/budget.ts';
import type { ClusterId } from '../../shared/core/model.ts';
import type { App, Budget, EmrOperation } from '../../shared/ports.ts';
import { admitFunction, admitRing } from '../fakes/deployed-roles.ts';
import { BUCKET, type Options, world, type World } from '../fakes/world.ts';

/** A budget that has room for everything. */
const AMPLE: Budget = {
  wait: () => 0,
  spend: () => undefined,
  waitForLook: () => 0,
  spendLook: () => undefined,
  alone: (look) => look(),
};

interface BackfillWorld extends Omit<World, 'rung'> {
  /** Cluster ids that were queued. */
  readonly rung: readonly ClusterId[];
  readonly bucket: string;
  /** EMR calls of the app's containers, in order. */
  readonly spent: EmrOperation[];
  /** A container of on-event. */
  readonly consumer: (changes?: Partial<App>) => App;
  /** A container with backfill's own budget; time goes on while it waits. */
  readonly frugal: () => App & { readonly overdrawn: readonly EmrOperation[] };
}

/** The world as backfill's own container sees it. */
export function backfillWorld(options: Options = {}): BackfillWorld {
  const it = world(options);
  const spent: EmrOperation[] = [];
  const rung: ClusterId[] = [];
  const admit = admitFunction('backfill', it.account, it.s3, BUCKET);
  const container = (changes: Partial<App> = {}): App =>
    it.container(
      {
        ...computePorts(it.account, (operation) => void spent.push(operation), admit),
        doorbells: {
          async ring(ids) {
            admitRing(admit);
            rung.push(...ids);
          },
        },
        budget: AMPLE,
        memory: { records: new Map(), looks: new Map(), waiting: new Map() },
        ...changes,
      },
      'backfill',
    );
  function frugal() {
    const budget = createBudget('backfill', () => it.clock.now());
    const overdrawn: EmrOperation[] = [];
    const spend = (operation: EmrOperation): void => {
      spent.push(operation);
      if (budget.wait([operation]) > 0) overdrawn.push(operation);
      budget.spend(operation);
    };
    const ports = computePorts(it.account, spend, admit);
    const sleep = async (milliseconds: number): Promise<void> => await it.clock.advance(milliseconds);
    return { ...container({ ...ports, budget, sleep }), overdrawn };
  }
  return { ...it, bucket: BUCKET, rung, spent, container, consumer: it.container, app: container(), frugal };
}
