import { spawnSync } from 'node:child_process';
import { readHost, whyNoNodes } from '../../sandbox/nodes/host-check.ts';
import { CANNOT_RUN } from '../../sandbox/nodes/world.ts';
import { parseCommand } from '../parse-command.ts';
import { NODE_TEST_PACKAGES, prepareNodeTests } from '../prepare/prepare-tests.ts';
import { installMissing } from '../prepare/setup.ts';
import { reportAndExit } from '../report-and-exit.ts';

const USAGE = `npm run test:soak [-- NAME… [-- OPTION…]]

Repetitions and floods on systemd nodes, half an hour on two cores.

  NAME     only files of test/soak with it in their path
  OPTION   vitest's: npm run test:soak -- -- -t 'words of a title'`;

/** Repetitions and floods, which `npm test` leaves out: bounded in count and time, half an hour on two cores. */
async function main(): Promise<number> {
  // What stands behind -- is among them.
  const { positionals } = parseCommand({ args: process.argv.slice(2), allowPositionals: true, options: {} }, USAGE);
  if (process.platform === 'linux') installMissing(NODE_TEST_PACKAGES);
  const obstacle = whyNoNodes(readHost(process.env));
  if (obstacle !== undefined) {
    console.error(obstacle);
    return CANNOT_RUN;
  }
  await prepareNodeTests(process.env);
  const soak = ['npx', 'vitest', 'run', '--project', 'soak', ...positionals];
  const { status } = spawnSync(process.execPath, ['sandbox/nodes/enter.ts', '--', ...soak], { stdio: 'inherit' });
  return status ?? 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  reportAndExit(error);
}
