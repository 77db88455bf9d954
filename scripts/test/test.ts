import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { prepare } from '../../sandbox/demo/prepare.ts';
import { readHost, whyNoNodes } from '../../sandbox/nodes/host-check.ts';
import { cacheFolder } from '../cache-folder.ts';
import { runNodeTests } from './node-tests.ts';
import { CFN_LINT_HOST_PACKAGES, prepareCfnLint } from '../prepare/prepare-cfn-lint.ts';
import { browserPackages } from '../prepare/find-chromium.ts';
import { parseCommand } from '../parse-command.ts';
import { NODE_TEST_PACKAGES, prepareNodeTests } from '../prepare/prepare-tests.ts';
import { installMissing } from '../prepare/setup.ts';
import { reportAndExit } from '../report-and-exit.ts';
import { type Count, countTests } from './test-count.ts';

/**
 * Every test that needs no cloud: lint, types, the fast tests, then those on systemd nodes. The last lines name what
 * failed, and count.
 * Exit code 77 where systemd nodes cannot run, unless `--without-nodes` says to go on without.
 */
const CANNOT_RUN = 77;

const USAGE = `npm test [-- --without-nodes]

Every test that needs no cloud. One file alone: npx vitest run test/core/ports.test.ts

  --without-nodes   leave out those that need systemd nodes, and name them`;

const reports = join(cacheFolder(process.env), 'reports');

async function main(): Promise<number> {
  const options = { 'without-nodes': { type: 'boolean', default: false } } as const;
  const { values } = parseCommand({ args: process.argv.slice(2), options }, USAGE);
  const hasNodes = !values['without-nodes'];
  const packages = hasNodes ? NODE_TEST_PACKAGES : ['openssl', ...CFN_LINT_HOST_PACKAGES];
  installMissing([...packages, ...browserPackages(process.env)]);
  if (hasNodes) {
    const obstacle = whyNoNodes(readHost(process.env));
    if (obstacle !== undefined) {
      console.error(`${obstacle} Or run the tests that need none: npm test -- --without-nodes`);
      return CANNOT_RUN;
    }
  }
  await (hasNodes ? prepareNodeTests(process.env) : prepare(cacheFolder(process.env), process.env));
  await prepareCfnLint(cacheFolder(process.env));
  const counts = [
    step('lint', ['npm', 'run', '--silent', 'lint']),
    step('types', ['npm', 'run', '--silent', 'typecheck']),
    vitest('fast'),
    vitest('template'),
    vitest('sim'),
    ...(hasNodes ? [vitest('world'), ...(await nodes())] : [listSkipped('world'), listSkipped('nodes')]),
  ];
  const total = (key: 'passed' | 'failed' | 'skipped'): number => counts.reduce((sum, count) => sum + count[key], 0);
  const skipped = total('skipped') === 0 ? '' : `, ${total('skipped')} skipped`;
  // Whoever sees only the end of what was printed sees what failed.
  for (const failure of counts.flatMap(({ failures }) => failures)) console.error(`\nFAILED ${failure}`);
  console.log(`${total('passed')} passed, ${total('failed')} failed${skipped}`);
  return total('failed') === 0 ? 0 : 1;
}

/** A gate that is no test runner counts as one test. */
function step(name: string, command: readonly string[]): Count {
  console.error(`— ${name}`);
  const isGood = run(command);
  return { passed: isGood ? 1 : 0, failed: isGood ? 0 : 1, skipped: 0, failures: isGood ? [] : [name] };
}

function vitest(project: string): Count {
  console.error(`— ${project} tests`);
  mkdirSync(reports, { recursive: true });
  const file = join(reports, `${project}.json`);
  rmSync(file, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const isGood = run(['npx', 'vitest', 'run', '--project', project, ...reporters]);
  return countTests(`${project} tests`, file, isGood);
}

async function nodes(): Promise<readonly Count[]> {
  console.error('— nodes tests');
  return await runNodeTests(reports);
}

/** Counts and names what `--without-nodes` leaves out. */
function listSkipped(project: string): Count {
  const { stdout } = spawnSync('npx', ['vitest', 'list', '--project', project, '--json'], { encoding: 'utf8' });
  const tests = JSON.parse(stdout) as readonly { readonly name: string }[];
  console.error(`— ${project} tests are skipped, for they need systemd nodes:`);
  for (const { name } of tests) console.error(`  ${name}`);
  return { passed: 0, failed: 0, skipped: tests.length, failures: [] };
}

function run([command = '', ...args]: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] }).status === 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  reportAndExit(error);
}
