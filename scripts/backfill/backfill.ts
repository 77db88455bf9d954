import { isClusterId } from '../../shared/core/event.ts';
import { parseReport } from './backfill-answer.ts';
import { readBackfillOptions } from './backfill-options.ts';
import { isWhole, runBackfill } from './backfill-run.ts';
import { renderReport } from './backfill-table.ts';
import { functionName, invoke } from '../deployed-stack.ts';
import type { Env } from '../place-options.ts';
import { printable, printableJson } from '../printable.ts';
import { reportAndExit } from '../report-and-exit.ts';

type Write = (line: string) => void;

/** The deployed function's report as a table, with progress on `say`; answers the exit code. */
export async function backfillCommand(args: readonly string[], env: Env, print: Write, say: Write): Promise<number> {
  const { call, place, json } = readBackfillOptions(args, env);
  say(`Asking ${functionName(place, 'backfill')} in ${place.region} (it takes up to 4 minutes a call) …`);
  const options = args.filter((arg) => !isClusterId(arg));
  const report = await runBackfill(call, async (event) => parseReport(await invoke(place, 'backfill', event)), say);
  print(json ? printableJson(report) : printable(renderReport(report, call.dryRun === true, options)));
  return isWhole(report) ? 0 : 1;
}

if (import.meta.main) {
  try {
    process.exitCode = await backfillCommand(process.argv.slice(2), process.env, console.log, console.error);
  } catch (error) {
    reportAndExit(error);
  }
}
