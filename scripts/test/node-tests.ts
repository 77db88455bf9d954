import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type Count, countTests } from './test-count.ts';

const filesIn = (folder: string): readonly string[] => globSync(`${folder}/**/*.test.ts`).toSorted();

/** They start a whole Hadoop or Spark, and say what is wrong when they do not come to their turn for a minute. */
const WITH_HADOOP = ['test/nodes/hadoop-daemons.test.ts', 'test/nodes/spark-metrics.test.ts'];
/** Hadoop, Spark and all exporters on three nodes, and every rule and dashboard: two processors are full of it. */
const ALONE = 'test/e2e/hadoop.test.ts';
const HEAVY = [...filesIn('test/e2e').filter((file) => file !== ALONE), ...WITH_HADOOP];

const hasJvm = (file: string): boolean => /jmx|spark/.test(file);
const others = filesIn('test/nodes').filter((file) => !WITH_HADOOP.includes(file));
const OTHERS = [...others.filter((file) => !hasJvm(file)), ...others.filter(hasJvm)];

/**
 * Runs these files of tests on nodes, or all of them, three at a time and each in a world of its own, for they wait most of
 * their time; `alone` before all others, of `heavy` never two. What a file said is printed in one piece when it is over.
 */
export async function runNodeTests(
  reports: string,
  heavy: readonly string[] = HEAVY,
  light: readonly string[] = OTHERS,
  run = runFile,
  alone: readonly string[] = [ALONE],
): Promise<readonly Count[]> {
  const [first, left] = [[...heavy], [...light]];
  const counts: Count[] = [];
  const lane = async (next: () => string | undefined): Promise<void> => {
    for (let file = next(); file !== undefined; file = next()) counts.push(await run(file, reports));
  };
  const before = [...alone];
  await lane(() => before.shift());
  await Promise.all([lane(() => first.shift() ?? left.shift()), lane(() => left.shift()), lane(() => left.shift())]);
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
