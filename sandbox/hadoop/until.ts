import { setTimeout as sleep } from 'node:timers/promises';

const DEADLINE_MS = 120_000;

/** Asks until the answer is not undefined. What the question throws ends it at once. */
export async function until<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  for (const deadline = Date.now() + DEADLINE_MS; Date.now() < deadline; await sleep(250)) {
    const answer = await ask();
    if (answer !== undefined) return answer;
  }
  throw new Error(`${what}: not within ${DEADLINE_MS / 1000} s`);
}
