import { parseArgs, type ParseArgsConfig } from 'node:util';
import { AppError, ConfigError } from '../shared/core/errors.ts';

/** Somebody asks how a command is used: an answer, and no failure. */
export class HelpAsked extends AppError {
  override readonly name = 'HelpAsked';
  readonly retryable = false;
}

/** What is given to a command; a ConfigError says what is wrong, and how it is used. */
export function parseCommand<T extends ParseArgsConfig & { readonly args: string[] }>(
  config: T,
  usage: string,
): ReturnType<typeof parseArgs<T>> {
  if (config.args.some((arg) => arg === '--help' || arg === '-h')) throw new HelpAsked(usage);
  try {
    return parseArgs(config);
  } catch (cause) {
    throw new ConfigError(`${cause instanceof Error ? cause.message : String(cause)}\n\n${usage}`, { cause });
  }
}
