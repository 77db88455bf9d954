import { computePorts } from '../../sandbox/account/ports.ts';
import { createBudget, type Container as Kind } from '../../shared/budget.ts';
import { UnavailableError } from '../../shared/core/errors.ts';
import { policy } from '../../shared/core/policy.ts';
import type { App, EmrOperation } from '../../shared/ports.ts';
import { admitFunction, admitRing } from '../fakes/deployed-roles.ts';
import { storage } from '../fakes/storage.ts';
import { BUCKET, type Deployment } from './deployment.ts';
import { skew, travelTime } from './faults.ts';
import type { World } from './world.ts';

/** One Lambda container: code, memory and a share of the budget, until it dies. */
export interface Container {
  readonly name: string;
  readonly kind: Kind;
  readonly deployment: Deployment;
  readonly app: App;
  /** Says why, once it is dead. */
  readonly died: Promise<string>;
  readonly kill: (why: string) => void;
}

/** Small pages, so that histories of few clusters have pages that can fail. */
const pageOf = (operation: string): number => (/^(records|targets|commands|clusters)/.test(operation) ? 3 : 10);

export function createContainer(kind: Kind, number: number, world: World): Container {
  const { clock, account, s3, trouble, queue, ledger } = world;
  const name = `${kind}-${number}`;
  const deployment = world.deployment();
  const { settings, documents } = deployment;
  const random = world.random.fork(name);
  const ahead = skew(trouble);
  const now = (): Date => new Date(clock.now().getTime() + ahead);
  const death = Promise.withResolvers<string>();
  let isDead = false;
  const kill = (why: string): void => {
    if (isDead) return;
    isDead = true;
    ledger.trace(() => `${name} dies: ${why}`);
    death.resolve(why);
  };

  /** A dead container never comes back from here: nothing of it runs any more, no `catch` and no `finally` either. */
  const travel = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      clock.after(ms, async () => {
        if (isDead) return;
        resolve();
        await macrotask();
      });
    });
  const trip = () => travel(travelTime(random, trouble));
  const mayCrash = async (when: string): Promise<void> => {
    if (!trouble.strikes('crash', 0.0015)) return;
    kill(`crash ${when}`);
    await new Promise(() => undefined);
  };

  async function io<T>(operation: string, run: () => Promise<T>): Promise<T> {
    await trip();
    await mayCrash(`before ${operation}`);
    try {
      const answer = await run();
      const page = pageOf(operation);
      for (let read = page; read < sizeOf(answer); read += page) {
        await trip();
        if (trouble.strikes('page fails', 0.04)) throw new UnavailableError(`${operation}: a page failed`);
      }
      return answer;
    } catch (error) {
      ledger.trace(() => `${name} ${operation}: ${String(error)}`);
      throw error;
    } finally {
      await mayCrash(`after ${operation}`);
      await trip();
    }
  }

  const remote = <P extends object>(port: string, methods: P): P =>
    Object.fromEntries(
      Object.entries(methods).map(([method, run]: [string, (...args: readonly unknown[]) => Promise<unknown>]) => [
        method,
        (...args: readonly unknown[]) => io(`${port}.${method}`, () => run(...args)),
      ]),
    ) as P;

  const budget = createBudget(kind, now);
  const admit = admitFunction(kind, account, s3, BUCKET);
  const spend = (operation: EmrOperation): void => {
    ledger.emrCall(name, operation);
    budget.spend(operation);
  };
  const { clusters, fleet, commands } = computePorts(account, spend, admit);
  const { records, targets, artifacts } = storage(s3, BUCKET, account.world, settings.exporters, admit);
  const ring: App['doorbells']['ring'] = async (ids, delaySeconds) => {
    admitRing(admit);
    await queue.ring(ids, delaySeconds);
  };
  const describe: typeof clusters.describe = async (id) => {
    const cluster = await clusters.describe(id);
    ledger.told(id);
    return cluster;
  };
  const instances: typeof fleet.instances = async (ids) => {
    const id = ids[Math.floor(trouble.random('eventual consistency').next() * ids.length)];
    const found = await fleet.instances(ids);
    if (id === undefined || !trouble.strikes('eventual consistency', 0.08)) return found;
    return new Map([...found, [id, { id, state: 'notFound' }]]);
  };
  let orders = 0;
  const app: App = {
    clusters: remote('clusters', { ...clusters, describe }),
    fleet: remote('fleet', { ...fleet, instances }),
    commands: remote('commands', commands),
    doorbells: remote('doorbells', { ring }),
    records: remote('records', records),
    targets: remote('targets', targets),
    artifacts: remote('artifacts', artifacts),
    budget,
    memory: { records: new Map(), looks: new Map(), waiting: new Map() },
    settings,
    policy: policy(settings.policies),
    documents,
    log: ledger.log(name),
    meter: { count: () => undefined, gauge: () => undefined },
    writer: name,
    now,
    newOrderId: () => `order-${name}-${(orders += 1)}`,
    random: random.next,
    sleep: travel,
  };
  return { name, kind, deployment, app, died: death.promise, kill };
}

/** What a careless reader would make of a list whose later page failed; only a deliberate bug calls it. @public */
export function firstOf<T>(answer: T, count: number): T {
  const some = <I>(items: Iterable<I>): readonly I[] => [...items].slice(0, count);
  if (answer instanceof Map) return new Map(some(answer)) as T;
  if (answer instanceof Set) return new Set(some(answer)) as T;
  return (Array.isArray(answer) ? some(answer) : answer) as T;
}

const sizeOf = (answer: unknown): number => {
  if (answer instanceof Map || answer instanceof Set) return answer.size;
  return Array.isArray(answer) ? answer.length : 0;
};

/** Everything that the resumed code can do without waiting is done before time goes on. */
const macrotask = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
