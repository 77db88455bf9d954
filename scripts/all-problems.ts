import { AppError, ConfigError } from '../shared/core/errors.ts';

type Answers<T extends readonly (() => unknown)[]> = { readonly [K in keyof T]: Awaited<ReturnType<T[K]>> };

/** What each of them answers, or one error that tells what is wrong with any: who mends it mends it once. */
export async function allOrProblems<const T extends readonly (() => unknown)[]>(...looks: T): Promise<Answers<T>> {
  const settled = await Promise.allSettled(looks.map(async (look) => await look()));
  const failed = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  const first = failed.find((error) => !(error instanceof AppError)) ?? failed[0];
  if (failed.length > 1 && first instanceof AppError)
    throw new ConfigError(failed.map((error) => (error as AppError).message).join('\n'), { cause: first });
  if (failed.length > 0) throw first;
  return settled.map((one) => (one.status === 'fulfilled' ? one.value : undefined)) as unknown as Answers<T>;
}

export function throwProblems(problems: readonly string[]): void {
  if (problems.length > 0) throw new ConfigError(problems.join('\n'));
}
