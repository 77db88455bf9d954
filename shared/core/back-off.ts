/** Since when something is wished for in the same words, and when it was last tried. */
export interface Tried {
  readonly signature: string;
  readonly since: Date;
  readonly lookedAt?: Date;
  /** That look threw. */
  readonly failed?: true;
}

const MINUTE = 60_000;
/** A sweep begins within its minute, not at its full second: one that begins a little early must not skip its turn. */
const ALMOST_A_MINUTE = 50_000;

/**
 * Is a wish due? A new one at once; the same one again after a quarter of the time that it has stood, one minute at
 * least and an hour at most: 1, 1, 1, 1, 1.25, 1.6 … minutes, so that what takes ten minutes is noticed within three.
 */
export function isDueAgain(signature: string, tried: Tried | undefined, now: Date): boolean {
  if (tried?.signature !== signature || tried.lookedAt === undefined) return true;
  const stood = now.getTime() - tried.since.getTime();
  const pause = Math.min(60 * MINUTE, stood / 4);
  return now.getTime() - tried.lookedAt.getTime() >= Math.max(ALMOST_A_MINUTE, pause);
}

/** The wish stands, and has been tried now. */
export const tryAgain = (signature: string, tried: Tried | undefined, lookedAt: Date, hasFailed = false): Tried => {
  const { since } = stand(signature, tried, lookedAt);
  return { signature, since, lookedAt, ...(hasFailed && { failed: true as const }) };
};

/** The wish stands; it may have been tried before. */
export const stand = (signature: string, tried: Tried | undefined, now: Date): Tried =>
  tried?.signature === signature ? tried : { signature, since: now };
