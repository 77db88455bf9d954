import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { stripVTControlCharacters } from 'node:util';
import { ConfigError } from '../../shared/core/errors.ts';
import { marked } from './osls-alone.ts';
import type { Env } from '../place-options.ts';

const osls = createRequire(import.meta.url).resolve('osls/bin/serverless.js');

interface Run {
  /** Where serverless.yml is. */
  readonly cwd: string;
  readonly env: Env;
  /** What osls says while it is at it. */
  readonly onLine?: (line: string) => void;
}

/** Runs osls as a child. It says on stdout and stderr what is wrong: both are the error's message. */
export async function runOsls(args: readonly string[], { cwd, env, onLine = () => {} }: Run): Promise<void> {
  const child = spawn(process.execPath, [osls, ...args], {
    cwd,
    env: marked(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: string[] = [];
  const read = async (stream: NodeJS.ReadableStream): Promise<void> => {
    for await (const line of createInterface(stream)) {
      const plain = stripVTControlCharacters(line);
      said.push(plain);
      onLine(plain);
    }
  };
  const ended = new Promise<number | NodeJS.Signals>((done, failed) => {
    child.once('error', failed);
    child.once('exit', (code, signal) => done(code ?? signal ?? 1));
  });
  const [code] = await Promise.all([ended, read(child.stdout), read(child.stderr)]);
  if (code === 0) return;
  throw new ConfigError(`osls ${args[0]}: ${errorOf(said) || `ended with ${code}`}`);
}

/** What it calls an error, without what it has said of itself before; all of it where it calls nothing so. */
function errorOf(lines: readonly string[]): string {
  const at = lines.findIndex((line) => line.trim() === 'Error:');
  return lines.slice(Math.max(0, at)).join('\n').trim();
}
