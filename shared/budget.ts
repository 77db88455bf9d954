import type { ClusterId } from './core/model.ts';
import type { Budget, EmrOperation } from './ports.ts';

interface Quota {
  readonly burst: number;
  readonly perSecond: number;
}

/** Calls at once, and how many more each second; per account and Region (general/latest/gr/emr, "API quotas"). */
const QUOTAS: Readonly<Record<EmrOperation, Quota>> = {
  ListClusters: { burst: 20, perSecond: 0.5 },
  DescribeCluster: { burst: 10, perSecond: 1 },
  ListInstances: { burst: 10, perSecond: 0.5 },
  ListInstanceGroups: { burst: 10, perSecond: 1 },
  ListInstanceFleets: { burst: 5, perSecond: 0.5 },
};

/** Half of every quota is the customer's own. */
const OURS = 0.5;

/**
 * How our half is divided among the containers that can run at once (maximumConcurrency in serverless.yml), and how many
 * calls each may spend in a row at least: a launch, like a resize, rings a consumer several times within seconds, and a
 * sweep has but seconds of each minute.
 */
export const CONTAINERS = {
  sweep: { atOnce: 1, share: 1 / 2, burst: { describe: 8, list: 3 } },
  'on-event': { atOnce: 2, share: 1 / 5, burst: { describe: 3, list: 2 } },
  backfill: { atOnce: 1, share: 1 / 10, burst: { describe: 1, list: 1 } },
} as const;

export type Container = keyof typeof CONTAINERS;

/** A cluster may be looked at three times in a row, and once more each 20 s. */
const LOOKS: Bucket = { interval: 20_000, slack: 2 * 20_000 };

/**
 * The part of one container in EMR's quotas. In any minute a bucket lets through no more than its burst and what comes
 * back in 60 s: with `share` of our half as that sum, all containers together stay within the half. A new container
 * begins with one look's worth, and not with a burst for each container that Lambda replaces: one token for each
 * operation, and a second DescribeCluster for a consumer, for a cluster rings when it starts and again when it runs.
 */
export function createBudget(container: Container, now: () => Date): Budget {
  const start = now().getTime();
  const operations = new Map<EmrOperation, number>();
  const looks = new Map<ClusterId, number>();
  let last: Promise<void> = Promise.resolve();
  const bucket = (operation: EmrOperation): Bucket => bucketOf(container, operation);
  const fullAt = (operation: EmrOperation): number => operations.get(operation) ?? start + missing(operation);
  const missing = (operation: EmrOperation): number => {
    const { slack, interval } = bucket(operation);
    const isSpare = operation === 'DescribeCluster' && container === 'on-event';
    return isSpare ? slack - interval : slack;
  };
  return {
    wait(asked) {
      const at = now().getTime();
      return Math.max(0, ...asked.map((operation) => waitFor(bucket(operation), fullAt(operation), at)));
    },
    spend(operation) {
      operations.set(operation, spent(bucket(operation), fullAt(operation), now().getTime()));
    },
    waitForLook: (id) => waitFor(LOOKS, looks.get(id) ?? 0, now().getTime()),
    spendLook(id) {
      const at = now().getTime();
      looks.set(id, spent(LOOKS, looks.get(id) ?? 0, at));
      for (const [other, full] of looks) if (full <= at) looks.delete(other);
    },
    alone(look) {
      const mine = last.then(look);
      last = mine.then(nothing, nothing);
      return mine;
    },
  };
}

function bucketOf(container: Container, operation: EmrOperation): Bucket {
  const { burst, perSecond } = QUOTAS[operation];
  const { share: part, burst: least } = CONTAINERS[container];
  const share = OURS * part;
  const atOnce = Math.max(operation === 'DescribeCluster' ? least.describe : least.list, share * burst);
  const interval = Math.ceil(60_000 / (share * (burst + 60 * perSecond) - atOnce));
  return { interval, slack: Math.floor((atOnce - 1) * interval) };
}

/**
 * A token bucket whose whole state is the instant at which it is full again. In whole milliseconds: a token takes
 * `interval` to come back, and there is one while no more than `slack` is missing.
 */
interface Bucket {
  readonly interval: number;
  readonly slack: number;
}

const nothing = (): void => undefined;

const waitFor = ({ slack }: Bucket, fullAt: number, at: number): number => Math.max(0, fullAt - at - slack);

const spent = ({ interval }: Bucket, fullAt: number, at: number): number => Math.max(fullAt, at) + interval;
