import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Options, Outcome } from './simulate.ts';

export interface Job {
  readonly seed: number;
  readonly options: Options;
}

/** Threads that play histories, each one at a time. */
export interface Pool {
  readonly play: (seed: number, options?: Options) => Promise<Outcome>;
  readonly threads: number;
  readonly close: () => Promise<void>;
}

/** All cores, unless told otherwise; `mutation` names a deliberate bug to play with. */
export function createPool(mutation?: string, threads: number = availableParallelism()): Pool {
  const idle: Worker[] = [];
  const waiting: ((worker: Worker) => void)[] = [];
  const free = (worker: Worker): void => {
    const next = waiting.shift();
    if (next === undefined) idle.push(worker);
    else next(worker);
  };
  const workers = Array.from(
    { length: threads },
    () => new Worker(new URL('worker.ts', import.meta.url), { workerData: { mutation } }),
  );
  for (const worker of workers) free(worker);

  const take = (): Promise<Worker> => {
    const worker = idle.pop();
    return worker === undefined ? new Promise((resolve) => void waiting.push(resolve)) : Promise.resolve(worker);
  };

  return {
    threads,
    async play(seed, options = {}) {
      const worker = await take();
      const job: Job = { seed, options };
      const played = Promise.withResolvers<Outcome>();
      worker.once('message', played.resolve);
      worker.once('error', played.reject);
      worker.postMessage(job, []);
      try {
        return await played.promise;
      } finally {
        worker.off('message', played.resolve);
        worker.off('error', played.reject);
        free(worker);
      }
    },
    close: async () => void (await Promise.all(workers.map((worker) => worker.terminate()))),
  };
}

/** Plays seeds until one fails, at most `count`; the answer is the first that was seen to fail. */
export async function findViolation(
  pool: Pool,
  from: number,
  count: number,
  onPlayed: (outcome: Outcome) => void = () => undefined,
): Promise<Outcome | undefined> {
  let next = from;
  let found: Outcome | undefined;
  const play = async (): Promise<void> => {
    while (next < from + count && found === undefined) {
      const outcome = await pool.play((next += 1) - 1);
      onPlayed(outcome);
      if (outcome.violation !== undefined) found ??= outcome;
    }
  };
  await Promise.all(Array.from({ length: pool.threads }, play));
  return found;
}
