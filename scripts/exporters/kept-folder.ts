import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ConfigError } from '../../shared/core/errors.ts';

export type Env = Readonly<Record<string, string | undefined>>;

/** A folder of the cache, named by its recipe, whole or absent. `fill` has a draft folder to work in. */
export async function keptFolder(
  cache: string,
  name: string,
  recipe: readonly string[],
  fill: (draft: string, folder: string) => Promise<void>,
): Promise<string> {
  await mkdir(cache, { recursive: true });
  const folder = join(cache, `${name}-${createHash('sha256').update(recipe.join('\n')).digest('hex').slice(0, 12)}`);
  if (await exists(folder)) return folder;
  const draft = await mkdtemp(join(cache, `${name}-draft-`));
  try {
    const content = join(draft, 'content');
    await mkdir(content);
    process.stderr.write(`Fetching ${name} into ${folder} (about a minute)…\n`);
    await fill(draft, content);
    // The nodes' users are others.
    await run('chmod', ['-R', 'a+rX', content], cache, process.env);
    await rename(content, folder).catch(async (error: unknown) => {
      if (!(await exists(folder))) throw error; // Else another run was quicker: its folder is as good.
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return folder;
}

const exec = promisify(execFile);
const MAX_OUTPUT = 16 * 1024 * 1024;
export const run = (command: string, args: readonly string[], cwd: string, env: Env) =>
  exec(command, args, { cwd, maxBuffer: MAX_OUTPUT, env: { ...env } });

export const refuse = (message: string) => (cause: unknown) => {
  throw new ConfigError(message, { cause });
};

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
