import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { countTests } from '../../../scripts/test/test-count.ts';

const report = { numPassedTests: 3, numFailedTests: 0, numPendingTests: 1, numTodoTests: 1, testResults: [] };

async function reportFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'count-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, 'report.json');
}

//   report                            run ended   → passed, failed, skipped
test.each([
  [report, true, [3, 0, 2]],
  [{ ...report, numFailedTests: 2 }, false, [3, 2, 2]],
  [report, false, [3, 1, 2]], // a file that does not load fails no test
  [undefined, true, [0, 1, 0]],
  [undefined, false, [0, 1, 0]],
])('%j of a run whose success is %s counts as %j', async (said, isGood, counted) => {
  const file = await reportFile();
  if (said !== undefined) await writeFile(file, JSON.stringify(said));
  const { passed, failed, skipped } = countTests('fast tests', file, isGood);
  expect([passed, failed, skipped]).toEqual(counted);
});

test('what failed is named with its file and its reason: a test, a file that does not load, and a run that says neither', async () => {
  const file = await reportFile();
  const count = async (testResults: readonly unknown[]): Promise<readonly string[]> => {
    await writeFile(file, JSON.stringify({ ...report, testResults }));
    return countTests('fast tests', file, false).failures;
  };
  const [good, bad] = [
    { status: 'passed', fullName: 'one is one', failureMessages: [] },
    { status: 'failed', fullName: 'one is two', failureMessages: ['Error: expected 1 to be 2'] },
  ];
  const name = join(process.cwd(), 'test/a.test.ts');
  expect(await count([{ name, message: '', assertionResults: [good, bad] }])).toEqual([
    'test/a.test.ts: one is two\nError: expected 1 to be 2',
  ]);
  expect(await count([{ name, message: 'no such module', assertionResults: [] }])).toEqual([
    'test/a.test.ts: no such module',
  ]);
  expect(await count([{ name, message: '', assertionResults: [good] }])).toEqual(['fast tests: see its output above']);
});
