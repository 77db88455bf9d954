import { messageOf } from '../failure.ts';
import { ContentError } from './content-error.ts';
import { runBounded } from './run-bounded.ts';

/** Fifty rule files take a second. */
const TIMEOUT_MS = 30_000;
const MAX_OUTPUT = 64 * 1024;
const SHOWN = 1000;
/** It shares the unit's MemoryMax. */
const SMALL = { GOMEMLIMIT: '64MiB', GOMAXPROCS: '1' } as const;

/** Throws what promtool, the one beside the running Prometheus, has against these files of a folder. */
export type CheckRules = (folder: string, paths: readonly string[]) => Promise<void>;

export const promtoolRules =
  (promtool: string, path: string): CheckRules =>
  async (folder, paths) => {
    if (paths.length === 0) return;
    const bounds = { cwd: folder, env: { PATH: path, ...SMALL }, timeoutMs: TIMEOUT_MS, maxOutput: MAX_OUTPUT };
    const { code, isLate, output } = await runBounded(promtool, ['check', 'rules', ...paths], bounds).catch(
      (cause: unknown) => {
        throw notNow(
          `--promtool "${promtool}" cannot be run (${messageOf(cause)}): give the path of Prometheus's promtool`,
          cause,
        );
      },
    );
    if (isLate) throw notNow(`${promtool} gave no answer within ${TIMEOUT_MS / 1000} s`);
    if (code === undefined) throw notNow(`${promtool} was killed (by the memory limit of the unit?)`);
    if (code !== 0) throw new ContentError('rules', `promtool refuses: ${complaintsIn(output)}`);
  };

const notNow = (message: string, cause?: unknown) => new ContentError('promtool', message, { cause, retryable: true });

/** promtool says of each file that it looks at it, and of a good one how many rules it has: what is left is file:line. */
function complaintsIn(output: string): string {
  const lines = output.split('\n').map((line) => line.trim());
  const bad = lines.filter((line) => line !== '' && !/^(Checking |SUCCESS: |FAILED:$)/.test(line));
  return (bad.length > 0 ? bad : lines).join('; ').slice(0, SHOWN);
}
