import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type Count, countTests } from './test-count.ts';

const filesIn = (folder: string): readonly string[] => globSync(`${folder}/**/*.test.ts`).toSorted();

/**
 * Runs these files of tests on nodes, or all of them, three at a time and each in a world of its own, for they wait most of
 * their time; of `stories` never two, nor three of the long ones (spark, jmx: last by name), which have JVMs. What a file
 * said is printed in one piece when it is over.
 */
export async function runNodeTests(
  reports: string,
  stories = filesIn('test/e2e'),
  others = filesIn('test/nodes'),
  run = runFile,
): Promise<readonly Count[]> {
  const [ofStories, left] = [[...stories], [...others]];
  const counts: Count[] = [];
  const lane = async (next: () => string | undefined): Promise<void> => {
    for (let file = next(); file !== undefined; file = next()) counts.push(await run(file, reports));
  };
  await Promise.all([lane(() => ofStories.shift() ?? left.pop()), lane(() => left.pop()), lane(() => left.shift())]);
  return counts;
}

async function runFile(file: string, reports: string): Promise<Count> {
  const report = join(reports, `${file.replaceAll('/', '-')}.json`);
  rmSync(report, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'nodes', file, ...reporters];
  const child = spawn(process.execPath, ['sandbox/nodes/enter.ts', '--', process.execPath, ...vitest], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  process.stderr.write(`${stderr}${stdout}`);
  return countTests(file, report, code === 0);
}
