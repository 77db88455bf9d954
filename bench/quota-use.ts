import type { Quota } from '../sandbox/account/token-bucket.ts';
import { MINUTE } from '../test/sim/time.ts';
import type { Call } from './day.ts';

/** The most that was called in any minute, over what the quota lets through in one. */
export const uses = (calls: readonly Call[], quotas: Readonly<Record<string, Quota>>) =>
  Object.entries(quotas).map(([operation, { burst, perSecond }]) => {
    const times = calls.filter((call) => call.operation === operation).map(({ at }) => at);
    let first = 0;
    let most = 0;
    for (const [last, end] of times.entries()) {
      while ((times[first] ?? end) <= end - MINUTE) first += 1;
      most = Math.max(most, last + 1 - first);
    }
    return { operation, share: most / (burst + 60 * perSecond) };
  });
