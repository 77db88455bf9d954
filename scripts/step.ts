import { AppError, ConfigError } from '../shared/core/errors.ts';

export type Say = (line: string) => void;

/** One step of a command: announced, and named where it fails. */
export async function step<T>(name: string, say: Say, run: () => Promise<T>): Promise<T> {
  say(`→ ${name}`);
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw new ConfigError(`${name} failed\n\n${error.message}`, { cause: error });
  }
}
