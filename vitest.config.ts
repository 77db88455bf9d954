import { defineConfig } from 'vitest/config';

const SIMULATION = ['test/sim/seeds.test.ts', 'test/sim/bugs.test.ts'];

/** A failure's message names the values, not `[ …(92) ]`: the last lines of npm test are all that some readers see. */
const chaiConfig = { truncateThreshold: 4000 };

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
      { test: { name: 'template', chaiConfig, include: ['test/template/**/*.test.ts'], testTimeout: 60_000 } },
      { test: { name: 'world', chaiConfig, include: ['test/world/**/*.test.ts'], testTimeout: 60_000 } },
      {
        test: {
          name: 'fast',
          chaiConfig,
          // Most of a test file's time would go into loading the AWS SDK again. No test changes a module's state.
          isolate: false,
          // Limits for what hangs: on a machine that gives us a tenth of a processor, a test of 3 s takes 30 s.
          testTimeout: 120_000,
          hookTimeout: 120_000,
          expect: { poll: { timeout: 60_000 } },
          include: ['test/**/*.test.ts'],
          exclude: ['test/nodes/**', 'test/e2e/**', 'test/world/**', 'test/soak/**', 'test/template/**', ...SIMULATION],
        },
      },
      {
        test: {
          name: 'nodes',
          chaiConfig,
          include: ['test/nodes/**/*.test.ts', 'test/e2e/**/*.test.ts'],
          fileParallelism: false,
          // Limits for what hangs, as above.
          testTimeout: 300_000,
          hookTimeout: 600_000,
          expect: { poll: { timeout: 240_000 } },
        },
      },
      { test: { name: 'sim', chaiConfig, include: SIMULATION, fileParallelism: false } },
      {
        test: {
          name: 'soak',
          chaiConfig,
          include: ['test/soak/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
