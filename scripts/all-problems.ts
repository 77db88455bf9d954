import { AppError, ConfigError } from '../shared/core/errors.ts';

/** What each of them answers, or one error that tells what is wrong with any: who mends it mends it once. */
export async function allOrProblems<const T extends readonly Promise<unknown>[]>(
  ...looks: T
): Promise<{ readonly [K in keyof T]: Awaited<T[K]> }> {
  const settled = await Promise.allSettled(looks);
  const failed = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  const first = failed.find((error) => !(error instanceof AppError)) ?? failed[0];
  if (failed.length > 1 && first instanceof AppError)
    throw new ConfigError(failed.map((error) => (error as AppError).message).join('\n'), { cause: first });
  if (failed.length > 0) throw first;
  return await Promise.all(looks);
}

/** Of what throws at once, for `allOrProblems`. */
export const attempt = async <Answer>(look: () => Answer): Promise<Awaited<Answer>> => await look();

export function throwProblems(problems: readonly string[]): void {
  if (problems.length > 0) throw new ConfigError(problems.join('\n'));
}
