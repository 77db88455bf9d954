import { defineConfig } from 'vitest/config';

const SIMULATION = ['test/sim/seeds.test.ts', 'test/sim/bugs.test.ts'];

/** A failure's message names the values, not `[ …(92) ]`: the last lines of npm test are all that some readers see. */
const chaiConfig = { truncateThreshold: 4000 };

/** Limits for what hangs: on a machine that gives us a tenth of a processor, a test of 3 s takes 30 s. */
const limits = { testTimeout: 300_000, hookTimeout: 600_000, expect: { poll: { timeout: 240_000 } } };

/**
 * `fast`: needs nothing but Node (npm run check). `nodes`: boots real systemd nodes, a real Prometheus, real processes;
 * one file at a time in a world of nodes (npm test has three worlds). `world`: enters worlds of nodes from outside, or
 * needs Java.
 * `sim`: plays histories on all cores. `soak`: repetitions and floods (npm run test:soak). `template`: other people's
 * programs read what is deployed.
 */
export default defineConfig({
  test: {
    // Vitest leaves one processor alone: of two that is every other one.
    maxWorkers: '100%',
    projects: [
      { test: { name: 'template', chaiConfig, ...limits, include: ['test/template/**/*.test.ts'] } },
      { test: { name: 'world', chaiConfig, ...limits, include: ['test/world/**/*.test.ts'] } },
      {
        test: {
          name: 'fast',
          chaiConfig,
          ...limits,
          // Most of a test file's time would go into loading the AWS SDK again. No test changes a module's state.
          isolate: false,
          include: ['test/**/*.test.ts'],
          exclude: ['test/nodes/**', 'test/e2e/**', 'test/world/**', 'test/soak/**', 'test/template/**', ...SIMULATION],
        },
      },
      {
        test: {
          name: 'nodes',
          chaiConfig,
          ...limits,
          include: ['test/nodes/**/*.test.ts', 'test/e2e/**/*.test.ts'],
          fileParallelism: false,
        },
      },
      { test: { name: 'sim', chaiConfig, ...limits, include: SIMULATION, fileParallelism: false } },
      {
        test: {
          name: 'soak',
          chaiConfig,
          ...limits,
          include: ['test/soak/**/*.test.ts'],
          fileParallelism: false,
        },
      },
    ],
  },
});
