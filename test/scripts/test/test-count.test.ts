import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { countTests } from '../../../scripts/test/test-count.ts';

const report = { numPassedTests: 3, numFailedTests: 0, numPendingTests: 1, numTodoTests: 1 };

//   report                            run ended   → passed, failed, skipped
test.each([
  [report, true, [3, 0, 2]],
  [{ ...report, numFailedTests: 2 }, false, [3, 2, 2]],
  [report, false, [3, 1, 2]], // a file that does not load fails no test
  [undefined, true, [0, 1, 0]],
  [undefined, false, [0, 1, 0]],
])('%j of a run whose success is %s counts as %j', async (said, isGood, counted) => {
  const file = join(await mkdtemp(join(tmpdir(), 'count-')), 'report.json');
  if (said !== undefined) await writeFile(file, JSON.stringify(said));
  const { passed, failed, skipped } = countTests(file, isGood);
  expect([passed, failed, skipped]).toEqual(counted);
});
