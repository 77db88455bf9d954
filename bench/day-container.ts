import type { VirtualClock } from '../sandbox/account/clock.ts';
import type { Compute } from '../sandbox/account/compute.ts';
import { computePorts } from '../sandbox/account/ports.ts';
import type { S3 } from '../sandbox/account/s3.ts';
import { type Container, createBudget } from '../shared/budget.ts';
import { policy } from '../shared/core/policy.ts';
import type { App, Doorbells } from '../shared/ports.ts';
import { settings } from '../test/core/sample-record.ts';
import { storage } from '../test/fakes/storage.ts';
import type { Random } from '../test/sim/random.ts';

export const BUCKET = 'bench';
export const DOCUMENTS = { install: 'bench-node-install-1', remove: 'bench-node-uninstall-1' } as const;

interface World {
  readonly account: Compute;
  readonly s3: S3;
  readonly clock: VirtualClock;
  readonly ring: Doorbells['ring'];
  readonly random: Random;
  readonly telemetry?: Pick<App, 'log' | 'meter'> | undefined;
}

/** One warm Lambda container with its own share of the budget. Each call of its ports takes 20 to 150 ms. */
export function createContainer(kind: Container, number: number, { account, s3, clock, ring, ...world }: World): App {
  const writer = `${kind}-${number}`;
  const random = world.random.fork(writer);
  const now = (): Date => clock.now();
  /** Everything that the resumed code can do without waiting is done before time goes on. */
  const travel = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      clock.after(ms, async () => {
        resolve();
        await new Promise((done) => void setImmediate(done));
      });
    });
  const remote = <P extends object>(methods: P): P =>
    Object.fromEntries(
      Object.entries(methods).map(([name, run]: [string, (...args: readonly unknown[]) => Promise<unknown>]) => [
        name,
        async (...args: readonly unknown[]) => {
          await travel(random.between(10, 75));
          try {
            return await run(...args);
          } finally {
            await travel(random.between(10, 75));
          }
        },
      ]),
    ) as P;
  const budget = createBudget(kind, now);
  const { clusters, fleet, commands } = computePorts(account, (operation) => budget.spend(operation));
  const { records, targets, artifacts } = storage(s3, BUCKET, account.world, settings.exporters);
  let orders = 0;
  const complain = (message: string, fields: Readonly<Record<string, unknown>>): void =>
    console.error(clock.now().toISOString(), writer, message, fields);
  return {
    clusters: remote(clusters),
    fleet: remote(fleet),
    commands: remote(commands),
    doorbells: remote({ ring }),
    records: remote(records),
    targets: remote(targets),
    artifacts: remote(artifacts),
    budget,
    memory: { records: new Map(), looks: new Map(), waiting: new Map() },
    settings,
    policy: policy(settings.policies),
    documents: { node: DOCUMENTS },
    log: world.telemetry?.log ?? { info: () => undefined, warn: complain, error: complain },
    meter: world.telemetry?.meter ?? { count: () => undefined, gauge: () => undefined },
    writer,
    now,
    newOrderId: () => `order-${writer}-${(orders += 1)}`,
    random: () => random.next(),
    sleep: travel,
  };
}
