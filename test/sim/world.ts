import { type VirtualClock, virtualClock } from '../../sandbox/account/clock.ts';
import { type Compute, compute, type Timings } from '../../sandbox/account/compute.ts';
import { createS3, type S3 } from '../../sandbox/account/s3.ts';
import { scriptedNodes } from '../../sandbox/account/scripted-nodes.ts';
import { BUCKET, deploy, type Deployment, type Wish } from './deployment.ts';
import { type Trouble, type Troubles, randomFaults, troubles } from './faults.ts';
import { createHosts, type Hosts } from './hosts.ts';
import type { Ledger } from './ledger.ts';
import { createQueue, type Queue } from './queue.ts';
import { type Random, random as randomOf } from './random.ts';
import { CALM, SECOND, START } from './time.ts';

/** The account, its nodes, what was deployed into it, and who watches. */
export interface World {
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly trouble: Troubles;
  readonly account: Compute;
  readonly s3: S3;
  readonly queue: Queue;
  readonly hosts: Hosts;
  readonly ledger: Ledger;
  readonly deployments: readonly Deployment[];
  readonly deployment: () => Deployment;
  readonly deploy: (wish: Wish) => void;
  /** Milliseconds since the history began. */
  readonly elapsed: () => number;
}

const TIMINGS: Timings = {
  fulfil: 5 * SECOND,
  provision: 15 * SECOND,
  bootstrap: 40 * SECOND,
  steps: 20 * SECOND,
  decommission: 30 * SECOND,
  boot: 10 * SECOND,
  shutDown: 30 * SECOND,
  spotWarning: 120 * SECOND,
};

export function createWorld(
  seed: string,
  wish: Wish,
  isOff: ReadonlySet<Trouble>,
  watch: (world: Omit<World, 'ledger'>) => Ledger,
): World {
  const clock = virtualClock(START);
  const elapsed = (): number => clock.now().getTime() - START.getTime();
  const random = randomOf(seed);
  const trouble = troubles(random.fork('troubles'), isOff, () => elapsed() >= CALM);
  const queue = createQueue(clock, trouble);
  const faults = randomFaults(trouble);
  const options = { clock, faults, seed, timings: TIMINGS, publish: queue.publish };
  const real = compute(options);
  const bucket = createS3(clock, faults);
  bucket.createBucket(BUCKET);
  const deployments: Deployment[] = [];
  const hosts = createHosts(clock, random.fork('hosts'), trouble, deployments);
  const world: Omit<World, 'ledger'> = {
    clock,
    random,
    trouble,
    account: { ...real, commands: { ...real.commands, send: (request) => watched(real.commands.send(request)) } },
    s3: {
      ...bucket,
      put: (name, key, put) => {
        const object = bucket.put(name, key, put);
        ledger.put(key, Buffer.from(object.body).toString(), object.metadata);
        return object;
      },
      remove: (name, key, condition) => {
        const marker = bucket.remove(name, key, condition);
        ledger.removed(key);
        return marker;
      },
    },
    queue,
    hosts,
    deployments,
    deployment() {
      const last = deployments.at(-1);
      if (last === undefined) throw new Error('nothing is deployed');
      return last;
    },
    deploy(next) {
      const before = deployments.at(-1);
      deployments.push(deploy(deployments.length + 1, next, before, { account: real, s3: bucket, at: elapsed() }));
    },
    elapsed,
  };
  const ledger = watch(world);
  const watched = (command: ReturnType<typeof real.commands.send>) => {
    ledger.sent(command);
    return command;
  };
  scriptedNodes(real, { register: ({ id }) => hosts.register(id), script: hosts.run });
  world.deploy(wish);
  return { ...world, ledger };
}
