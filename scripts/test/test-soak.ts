import { spawnSync } from 'node:child_process';
import { readHost, whyNoNodes } from '../../sandbox/nodes/host-check.ts';
import { CANNOT_RUN } from '../../sandbox/nodes/world.ts';
import { NODE_TEST_PACKAGES, prepareNodeTests } from '../prepare/prepare-tests.ts';
import { installMissing } from '../prepare/setup.ts';
import { reportAndExit } from '../report-and-exit.ts';
import { soakCommand } from './soak-command.ts';

/** Repetitions and floods, which `npm test` leaves out: bounded in count and time, half an hour on two cores. */
async function main(): Promise<number> {
  const command = soakCommand(process.argv.slice(2));
  if (process.platform === 'linux') installMissing(NODE_TEST_PACKAGES);
  const obstacle = whyNoNodes(readHost(process.env));
  if (obstacle !== undefined) {
    console.error(obstacle);
    return CANNOT_RUN;
  }
  await prepareNodeTests(process.env);
  const { status } = spawnSync(process.execPath, command, { stdio: 'inherit' });
  return status ?? 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  reportAndExit(error);
}
