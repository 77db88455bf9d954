import { setTimeout as sleep } from 'node:timers/promises';

/** For what hangs: a busy machine may take many times as long as a free one, and is not at fault. */
const HANG_MS = 240_000;

/** Asks until the answer is neither undefined nor false. What the question throws ends it at once. */
export async function until<T>(
  what: string,
  ask: () => T | undefined | false | Promise<T | undefined | false>,
  milliseconds = HANG_MS,
): Promise<T> {
  for (const deadline = Date.now() + milliseconds; Date.now() < deadline; await sleep(250)) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
  }
  throw new Error(`${what}: not within ${milliseconds / 1000} s`);
}
