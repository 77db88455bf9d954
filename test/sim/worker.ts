import { parentPort, workerData } from 'node:worker_threads';
import { plant } from './plant.ts';
import type { Job } from './pool.ts';

// One thread of a pool: plays the histories that it is told to, with the bug that it was started with.
const { mutation } = workerData as { readonly mutation?: string };
if (mutation !== undefined) plant(mutation);
const { simulate } = await import('./simulate.ts');

parentPort?.on('message', ({ seed, options }: Job) => {
  void simulate(seed, options).then((outcome) => parentPort?.postMessage(outcome, []));
});
