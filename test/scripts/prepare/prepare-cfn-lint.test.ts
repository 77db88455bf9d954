import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { prepareCfnLint } from '../../../scripts/prepare/prepare-cfn-lint.ts';

/** Stands in for Python and pip: notes what it is asked for, and leaves what the real one would. */
const PYTHON = `#!/bin/bash
[ "$1" = --version ] && echo "Python $VERSION" && exit
echo "$*" >>"$CALLS"
[ -z "$FAILS" ] || exit 1
for option in "$@"; do case $option in --target=*) mkdir -p "\${option#*=}/bin" && touch "\${option#*=}/bin/cfn-lint" ;; esac; done
`;

async function machine() {
  const folder = await mkdtemp(join(tmpdir(), 'cfn-lint-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const calls = join(folder, 'calls');
  await writeFile(calls, '');
  await writeFile(join(folder, 'python3'), PYTHON);
  await chmod(join(folder, 'python3'), 0o755);
  const env = { PATH: `${folder}:${process.env['PATH']}`, CALLS: calls, VERSION: '3.11.2' };
  return { cache: join(folder, 'cache'), env, calls: async () => (await readFile(calls, 'utf8')).trim().split('\n') };
}

test('pip is asked once, for wheels by their hashes only, into a folder of the cache', async () => {
  const { cache, env, calls } = await machine();
  const { command } = await prepareCfnLint(cache, env);
  expect(await prepareCfnLint(cache, env)).toEqual({
    command,
    env: { PYTHONPATH: join(command[1] ?? '', '../..') },
  });
  expect(command).toEqual(['python3', expect.stringMatching(`^${cache}/cfn-lint-[0-9a-f]{12}/bin/cfn-lint$`)]);
  expect((await stat(command[1] ?? '')).isFile()).toBe(true);
  expect(await calls()).toEqual([
    expect.stringMatching(/^-m pip install .*--no-deps --only-binary=:all: --require-hashes --requirement=\S+ /),
  ]);
});

test('another Python has a folder of its own, for some of the wheels are compiled', async () => {
  const { cache, env } = await machine();
  const { command } = await prepareCfnLint(cache, env);
  expect((await prepareCfnLint(cache, { ...env, VERSION: '3.13.1' })).command).not.toEqual(command);
});

test('where PyPI does not answer, the error says so, and nothing is kept', async () => {
  const { cache, env, calls } = await machine();
  const failing = { ...env, FAILS: 'yes' };
  await expect(prepareCfnLint(cache, failing)).rejects.toThrow(/cfn-lint cannot be had from PyPI.*python3-pip/);
  await prepareCfnLint(cache, env);
  expect(await calls()).toHaveLength(2);
});

test('what pip is given names cfn-lint 1.58.0, and pins each package by at least one SHA-256', async () => {
  const lines = (await readFile('scripts/prepare/cfn-lint.requirements.txt', 'utf8'))
    .split('\n')
    .filter((line) => !/^ *#/.test(line));
  const packages = lines.join('\n').replaceAll('\\\n', '').trim().split('\n');
  expect(packages[0]).toMatch(/^cfn-lint==1\.58\.0 /);
  expect(packages.filter((one) => !/^[\w-]+==[\w.]+( ; [^-]+)? +(--hash=sha256:[0-9a-f]{64} *)+$/.test(one))).toEqual(
    [],
  );
});
