import type { Clock } from './clock.ts';
import { type Quota, tokenBucket } from './token-bucket.ts';
import { WireFault } from './wire.ts';

/** Per account and region: burst, then refill (docs: general/latest/gr/emr, "API quotas"). */
export const QUOTAS: Readonly<Record<string, Quota>> = {
  ListClusters: { burst: 20, perSecond: 0.5 },
  DescribeCluster: { burst: 10, perSecond: 1 },
  ListInstances: { burst: 10, perSecond: 0.5 },
  ListInstanceGroups: { burst: 10, perSecond: 1 },
  ListInstanceFleets: { burst: 5, perSecond: 0.5 },
};
const ALL_OPERATIONS: Quota = { burst: 200, perSecond: 50 };

/** Takes a token for one call, or throws what EMR answers when there is none. */
export function emrQuota(clock: Clock): (operation: string) => void {
  const whole = tokenBucket(clock, ALL_OPERATIONS);
  const single = new Map(Object.entries(QUOTAS).map(([operation, quota]) => [operation, tokenBucket(clock, quota)]));
  return (operation) => {
    const take = single.get(operation) ?? whole;
    if (!take() || (take !== whole && !whole())) throw new WireFault('ThrottlingException', 'Rate exceeded');
  };
}
