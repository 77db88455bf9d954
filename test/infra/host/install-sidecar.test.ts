import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

const run = (...args: readonly string[]) =>
  spawnSync('sh', ['infra/host/install-sidecar.sh', ...args], { encoding: 'utf8', env: { PATH: process.env['PATH'] } });

test.each([[['--help']], [['-h']], [['--bucket', 'monitoring', '--help']]])(
  'install-sidecar.sh %j says how it is used, and does nothing else',
  (args) => {
    const { status, stdout, stderr } = run(...args);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^Installs the sidecar .*\n\n {2}install-sidecar\.sh --bucket NAME[^]*\n {2}--promtool .*/);
    // All of the options that it takes, and none of its code.
    expect(stdout).not.toMatch(/^set |\$/m);
  },
);

test('install-sidecar.sh tells all that is wrong at once, and changes nothing', () => {
  const { status, stdout, stderr } = run('--bucket', 'A B', '--region', '', '--content', '/tmp', '--node', '/nowhere');
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(/^install-sidecar\.sh: nothing was changed:\n/);
  const named = [...stderr.matchAll(/^ {2}(--\w+) "/gm)].map(([, option]) => option);
  expect(named).toEqual(['--bucket', '--region', '--bundle', '--node', '--content']);
});
