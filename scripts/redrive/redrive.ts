import { redrivePorts } from '../aws/dead-letters.ts';
import type { Env } from '../place-options.ts';
import { printable } from '../printable.ts';
import { readRedriveOptions } from './redrive-options.ts';
import { redrive } from './redrive-run.ts';
import { renderRedriven } from './redrive-table.ts';
import { reportAndExit } from '../report-and-exit.ts';

/** Puts dead letters back; answers the exit code, 1 while something is left that somebody has to look at. */
export async function redriveCommand(
  args: readonly string[],
  env: Env,
  print: (text: string) => void,
  now: Date,
): Promise<number> {
  const { place, ...mode } = readRedriveOptions(args, env);
  const done = await redrive(mode, await redrivePorts(place));
  print(printable(renderRedriven(done, mode, now)));
  const isLeft = !mode.dryRun && !mode.discard && done.nameless.length > 0;
  return done.problem !== undefined || isLeft ? 1 : 0;
}

if (import.meta.main) {
  try {
    process.exitCode = await redriveCommand(process.argv.slice(2), process.env, console.log, new Date());
  } catch (error) {
    reportAndExit(error);
  }
}
