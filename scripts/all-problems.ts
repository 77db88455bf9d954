import { AppError, ConfigError, UnavailableError } from '../shared/core/errors.ts';

/**
 * What each of them answers, or one error that tells what is wrong with any: who mends it mends it once.
 *
 *   failed                                → thrown
 *   one                                   → that one
 *   several, each of them retryable       → UnavailableError with what each said
 *   several, each of them told to people  → ConfigError with what each said
 *   several, a defect of ours among them  → AggregateError, whose trace tells all of them
 */
export async function allOrProblems<const T extends readonly Promise<unknown>[]>(
  ...looks: T
): Promise<{ readonly [K in keyof T]: Awaited<T[K]> }> {
  const settled = await Promise.allSettled(looks);
  const failed = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  if (failed.length > 1) throw asOne(failed);
  return await Promise.all(looks);
}

function asOne(failed: readonly unknown[]): Error {
  const said = failed.map((error) => (error instanceof Error ? error.message : String(error))).join('\n');
  const told = failed.filter((error) => error instanceof AppError);
  if (told.length < failed.length) return new AggregateError(failed, said);
  const Told = told.every(({ retryable }) => retryable) ? UnavailableError : ConfigError;
  return new Told(said, { cause: told[0] });
}

/** Of what throws at once, for `allOrProblems`. */
export const attempt = async <Answer>(look: () => Answer): Promise<Awaited<Answer>> => await look();

export function throwProblems(problems: readonly string[]): void {
  if (problems.length > 0) throw new ConfigError(problems.join('\n'));
}
