import { setTimeout } from 'node:timers/promises';
import { throwProblems } from '../all-problems.ts';
import { regionProblems } from '../aws/identity.ts';
import { lockFile } from '../package/package-stack.ts';
import type { Env } from '../place-options.ts';
import { oneLine, printableJson } from '../printable.ts';
import { reportAndExit } from '../report-and-exit.ts';
import { renderResult, renderSummary } from './checklist.ts';
import { READ_ONLY, smokePolicy, WITH_INSTALL } from './checks.ts';
import { createSmoke } from './create-smoke.ts';
import { runChecks } from './run-checks.ts';
import { readSmokeOptions } from './smoke-options.ts';

type Write = (text: string) => void;

/** The checklist on `print`, progress on `say`; answers the exit code. */
export async function smokeCommand(args: readonly string[], env: Env, print: Write, say: Write): Promise<number> {
  const options = readSmokeOptions(args, env);
  if (options === 'policy') {
    print(JSON.stringify(smokePolicy(), null, 2));
    return 0;
  }
  const { clusterId, place, install, json } = options;
  throwProblems(regionProblems(place.region));
  const smoke = await createSmoke({
    place,
    clusterId,
    lockPath: lockFile(env),
    now: () => new Date(),
    sleep: (milliseconds) => setTimeout(milliseconds),
    say: (line) => say(`          ${oneLine(line)}`),
  });
  const results = await runChecks(install ? WITH_INSTALL : READ_ONLY, smoke, (result) => {
    if (!json) print(renderResult(result));
  });
  print(json ? printableJson({ clusterId, ...place, results }) : renderSummary(results, install));
  return results.some(({ state }) => state === 'red') ? 1 : 0;
}

if (import.meta.main) {
  try {
    process.exitCode = await smokeCommand(process.argv.slice(2), process.env, console.log, console.error);
  } catch (error) {
    reportAndExit(error);
  }
}
