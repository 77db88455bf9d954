import { execFile } from 'node:child_process';
import { globSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { access, constants, stat } from 'node:fs/promises';
import { ConfigError } from '../../shared/core/errors.ts';
import { cacheFolder } from '../cache-folder.ts';
import type { Env } from '../place-options.ts';

const TIMEOUT_MS = 60_000;
const MAX_OUTPUT = 16 * 1024 * 1024;

/** The one that is given; else of PATH, else of the Prometheus that tests have prepared; undefined where there is none. */
export async function findPromtool(given: string | undefined, env: Env): Promise<string | undefined> {
  const inPath = (env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'promtool'));
  const prepared = globSync(join(cacheFolder(env), 'prometheus-[0-9]*/promtool'))
    .toSorted()
    .reverse();
  for (const path of given === undefined ? [...inPath, ...prepared] : [given]) if (await isProgram(path)) return path;
  if (given === undefined) return undefined;
  throw new ConfigError(`--promtool is "${given}": no program there`);
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

/** What promtool has against rule files, each with file and line. */
export async function promtoolProblems(
  promtool: string,
  files: readonly string[],
  root: string,
): Promise<readonly string[]> {
  if (files.length === 0) return [];
  const { code, output } = await run(promtool, ['check', 'rules', ...files], root);
  if (code === 0) return [];
  const lines = output.split('\n').map((line) => line.trim());
  // It says many a thing twice, and logs between.
  const said = [...new Set(lines)].filter(
    (line) => !/^(|Checking .*|SUCCESS: .*|FAILED:|(time|ts|level)=.*)$/.test(line),
  );
  return said.length > 0 ? said.map((line) => `promtool: ${line}`) : [`promtool ended with ${code}: ${output.trim()}`];
}

const run = (command: string, args: readonly string[], cwd: string) =>
  new Promise<{ readonly code: number | string; readonly output: string }>((resolve, reject) => {
    const options = { cwd, timeout: TIMEOUT_MS, maxBuffer: MAX_OUTPUT };
    execFile(command, args, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : (error.code ?? error.signal ?? 1);
      if (typeof code === 'string')
        reject(new ConfigError(`${command} cannot be run (${code}): give another --promtool`, { cause: error }));
      else resolve({ code, output: `${stdout}\n${stderr}` });
    });
  });
