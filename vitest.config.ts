import { defineConfig } from 'vitest/config';

const SIMULATION = ['test/sim/seeds.test.ts', 'test/sim/bugs.test.ts'];

/**
 * `fast`: needs nothing but Node (npm run check). `nodes`: boots real systemd nodes, a real Prometheus, real processes;
 * one file at a time in a world of nodes (npm test has three worlds). `world`: enters worlds of nodes from outside, or
 * needs Java.
 * `sim`: plays histories on all cores. `soak`: repetitions and floods (npm run test:soak). `template`: other people's
 * programs read what is deployed.
 */
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'template', include: ['test/template/**/*.test.ts'], testTimeout: 60_000 } },
      { test: { name: 'world', include: ['test/world/**/*.test.ts'], testTimeout: 60_000 } },
      {
        test: {
          name: 'fast',
          // Most of a test file's time would go into loading the AWS SDK again. No test changes a module's state.
          isolate: false,
          include: ['test/**/*.test.ts'],
          exclude: ['test/nodes/**', 'test/e2e/**', 'test/world/**', 'test/soak/**', 'test/template/**', ...SIMULATION],
        },
      },
      {
        test: {
          name: 'nodes',
          include: ['test/nodes/**/*.test.ts', 'test/e2e/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
      { test: { name: 'sim', include: SIMULATION, fileParallelism: false } },
      {
        test: {
          name: 'soak',
          include: ['test/soak/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
