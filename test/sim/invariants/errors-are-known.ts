import { AppError } from '../../../shared/core/errors.ts';

/** What fails is one of our own errors, which say whether to try again: anything else is a mistake in the code. */
export function errorsAreKnown(error: unknown): string | undefined {
  if (error instanceof AggregateError) return error.errors.map(errorsAreKnown).find((problem) => problem !== undefined);
  if (error instanceof AppError || !(error instanceof Error)) return undefined;
  return `${error.name}: ${error.stack ?? error.message}`;
}
