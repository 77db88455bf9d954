import type { Clock } from './clock.ts';

export interface Quota {
  readonly burst: number;
  readonly perSecond: number;
}

/** Answers a function that takes one token, and says whether there was one. */
export function tokenBucket(clock: Clock, { burst, perSecond }: Quota): () => boolean {
  let tokens = burst;
  let filledAt = clock.now().getTime();
  return () => {
    const now = clock.now().getTime();
    tokens = Math.min(burst, tokens + ((now - filledAt) / 1000) * perSecond);
    filledAt = now;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}
