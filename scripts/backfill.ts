import { parseReport } from './backfill-answer.ts';
import { readBackfillOptions } from './backfill-options.ts';
import { isWhole, runBackfill } from './backfill-run.ts';
import { renderReport } from './backfill-table.ts';
import { functionName, invoke } from './deployed-stack.ts';
import { reportAndExit } from './report-and-exit.ts';

/** `npm run backfill -- [--dry-run] [--force] …`: the deployed function's report, as a table with progress. */
try {
  const { call, place, json } = readBackfillOptions(process.argv.slice(2), process.env);
  const say = (line: string): void => console.error(line);
  say(`Asking ${functionName(place, 'backfill')} in ${place.region} (it takes up to 4 minutes a call) …`);
  const report = await runBackfill(call, async (event) => parseReport(await invoke(place, 'backfill', event)), say);
  console.log(json ? JSON.stringify(report, null, 2) : renderReport(report, call.dryRun === true));
  if (!isWhole(report)) process.exitCode = 1;
} catch (error) {
  reportAndExit(error);
}
