import { setTimeout as sleep } from 'node:timers/promises';

const DEADLINE_MS = 120_000;

/** Asks until the answer is not undefined. What the question throws ends it at once. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  milliseconds = DEADLINE_MS,
): Promise<T> {
  for (const deadline = Date.now() + milliseconds; Date.now() < deadline; await sleep(250)) {
    const answer = await ask();
    if (answer !== undefined) return answer;
  }
  throw new Error(`${what}: not within ${milliseconds / 1000} s`);
}
