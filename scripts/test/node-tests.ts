import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type Count, countTests } from './test-count.ts';

const filesIn = (folder: string): readonly string[] => globSync(`${folder}/**/*.test.ts`).toSorted();

/** They start a whole Hadoop or Spark, and say what is wrong when they do not come to their turn for a minute. */
const WITH_HADOOP = ['test/nodes/hadoop-daemons.test.ts', 'test/nodes/spark-metrics.test.ts'];
const HEAVY = [...filesIn('test/e2e'), ...WITH_HADOOP];

/**
 * Runs these files of tests on nodes, or all of them, three at a time and each in a world of its own, for they wait most of
 * their time; of `heavy` never two. What a file said is printed in one piece when it is over.
 */
export async function runNodeTests(
  reports: string,
  heavy: readonly string[] = HEAVY,
  others: readonly string[] = filesIn('test/nodes').filter((file) => !WITH_HADOOP.includes(file)),
  run = runFile,
): Promise<readonly Count[]> {
  const [first, left] = [[...heavy], [...others]];
  const counts: Count[] = [];
  const lane = async (next: () => string | undefined): Promise<void> => {
    for (let file = next(); file !== undefined; file = next()) counts.push(await run(file, reports));
  };
  // The long ones of the others are the last by name: no two lanes begin with them.
  await Promise.all([lane(() => first.shift() ?? left.pop()), lane(() => left.pop()), lane(() => left.shift())]);
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
