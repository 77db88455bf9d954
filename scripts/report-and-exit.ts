import { AppError } from '../shared/core/errors.ts';
import { HelpAsked } from './parse-command.ts';
import { printable } from './printable.ts';

/** What a person can mend is told without a stack trace; anything else is a defect of ours and keeps it. */
export function reportAndExit(error: unknown): void {
  if (error instanceof HelpAsked) {
    console.log(error.message);
    return;
  }
  console.error(error instanceof AppError ? printable(error.message) : error);
  process.exitCode = 1;
}
