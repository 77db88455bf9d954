import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

/** Commands of the checkout itself; those that speak with AWS have their own tests. */
const COMMANDS: readonly (readonly [string, string])[] = [
  ['npm test', 'scripts/test/test.ts'],
  ['npm run sim', 'scripts/test/sim.ts'],
  ['npm run test:soak', 'scripts/test/test-soak.ts'],
  ['npm run bench', 'bench/main.ts'],
  ['npm run demo', 'sandbox/demo.ts'],
  ['npm run metrics', 'scripts/metrics/metrics.ts'],
  ['npm run dashboards', 'scripts/dashboards/dashboards.ts'],
];

const run = (script: string, ...args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });
  return { status, stdout, stderr };
};

test.each(COMMANDS)('%s -- --help says how it is used, and does nothing else', (command, script) => {
  const said = run(script, '--help');
  expect(said).toEqual({
    status: 0,
    stderr: '',
    stdout: expect.stringMatching(new RegExp(`^${command}(?: \\[-- .*)?\n`)),
  });
});

// One that takes words, and one that does not.
test.each(COMMANDS.slice(1, 3))('%s refuses what it does not know, and says how it is used', (command, script) => {
  const { status, stdout, stderr } = run(script, '--hlep');
  expect([status, stdout, stderr.split('\n')[0]]).toEqual([1, '', expect.stringMatching(/'--hlep'/)]);
  expect(stderr).toContain(`\n\n${command} [-- `);
});

test('npm run bench refuses every name that no figure has, with the one that was meant', () => {
  const { status, stdout, stderr } = run('bench/main.ts', 'latenci', 'plan', 'nothing-like-it');
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(
    /^no figure is named latenci; did you mean latency\?\nno figure is named nothing-like-it\n\nnpm run bench \[-- /,
  );
});

test.each([
  [['--seeds', 'many'], '--seeds is "many": expected a whole number from 1 to 999999999\n'],
  [['--mutation', 'lease ignord'], expect.stringMatching(/^--mutation is "lease ignord": no such bug; did you mean/)],
])('npm run sim -- %j is answered with what is wrong', (args, stderr) => {
  expect(run('scripts/test/sim.ts', ...args)).toEqual({ status: 1, stdout: '', stderr });
});
