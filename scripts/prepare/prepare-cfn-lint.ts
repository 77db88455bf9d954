import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Env, keptFolder, refuse, run } from '../exporters/kept-folder.ts';

/** Debian packages that the machine needs for it. */
export const CFN_LINT_HOST_PACKAGES = ['python3-pip'] as const;

const PINNED = join(import.meta.dirname, 'cfn-lint.requirements.txt');

/** A command, before its arguments, and what its environment has besides. */
export interface CfnLint {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** cfn-lint through pip in a folder of its own, every file checked by its hash. The second call needs no network. */
export async function prepareCfnLint(cache: string, env: Env = process.env): Promise<CfnLint> {
  // Some of what it needs is compiled for one version of Python.
  const { stdout: version } = await run('python3', ['--version'], '/', env).catch(refuse(PYTHON));
  const folder = await keptFolder(
    cache,
    'cfn-lint',
    [await readFile(PINNED, 'utf8'), version],
    async (draft, target) => {
      const flags = ['--quiet', '--no-deps', '--only-binary=:all:', '--require-hashes', `--requirement=${PINNED}`];
      const asRoot = ['--root-user-action=ignore'];
      await run('python3', ['-m', 'pip', 'install', ...flags, ...asRoot, `--target=${target}`], draft, env).catch(
        refuse(
          `cfn-lint cannot be had from PyPI. ${PYTHON}, and see that PyPI, or the index that pip is configured with, can be reached.`,
        ),
      );
    },
  );
  return { command: ['python3', join(folder, 'bin/cfn-lint')], env: { PYTHONPATH: folder } };
}

const PYTHON = "Install Python 3.10 or later, and Debian's package python3-pip";
