import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { promtoolRules } from '../../sidecar/content/check-rules.ts';
import { runBounded } from '../../sidecar/content/run-bounded.ts';
import { program } from './content-world.ts';
import { temporaryFolder } from './sidecar-world.ts';

const PATH = process.env['PATH'] ?? '';

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test('a promtool that hangs is ended with all its children, and counts as no verdict', async () => {
  const folder = await temporaryFolder();
  // The grandchild holds the pipes: whoever waits for their end only waits for it.
  const promtool = await program(`#!/bin/sh\nsleep 600 &\necho $! >${folder}/pid\nwait\n`);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const verdict = promtoolRules(promtool, PATH)(folder, ['rules/a.yml']).catch((error: unknown) => error);
  const child = async () => await readFile(join(folder, 'pid'), 'utf8').catch(() => '');
  await expect.poll(child).toMatch(/\n$/);
  vi.advanceTimersByTime(30_000);
  expect(await verdict).toMatchObject({
    reason: 'promtool',
    retryable: true,
    message: `${promtool} gave no answer within 30 s`,
  });
  const pid = Number(await child());
  await expect.poll(() => isAlive(pid)).toBe(false);
});

test('a promtool that ends and leaves a child behind is not waited for any longer', async () => {
  const folder = await temporaryFolder();
  const promtool = await program(`#!/bin/sh\nsleep 600 &\nexit 0\n`);
  // Whoever waits for the child says that there was no answer.
  await expect(promtoolRules(promtool, PATH)(folder, ['rules/a.yml'])).resolves.toBeUndefined();
});

test('of a promtool that writes without end the first lines are said', async () => {
  const promtool = await program(
    '#!/bin/sh\necho "rules/a.yml: 3:1: wrong"\nyes xxxxxxxxxxxxxx | head -c 5000000\nexit 1\n',
  );
  const refused = promtoolRules(promtool, PATH)(tmpdir(), ['rules/a.yml']);
  await expect(refused).rejects.toMatchObject({ reason: 'rules', retryable: false });
  const { message } = (await refused.catch((error: unknown) => error)) as Error;
  expect(message).toMatch(/^promtool refuses: rules\/a\.yml: 3:1: wrong; x/);
  expect(message.length).toBeLessThan(1100);
});

test('of what a program writes no more than the limit is kept, and it may write on', async () => {
  const bounds = { cwd: tmpdir(), env: { PATH }, timeoutMs: 30_000, maxOutput: 100_000 };
  const ended = await runBounded('sh', ['-c', 'yes | head -c 5000000; exit 3'], bounds);
  expect([ended.code, ended.isLate, ended.output.length]).toEqual([3, false, 100_000]);
});

test('promtool has a small heap and one thread, and nothing else of our environment', async () => {
  const folder = await temporaryFolder();
  const promtool = await program(`#!/bin/sh\nenv | cut -d= -f1 >${folder}/env\n`);
  await promtoolRules(promtool, PATH)(folder, ['rules/a.yml']);
  const names = (await readFile(join(folder, 'env'), 'utf8')).trim().split('\n');
  expect(names.filter((name) => !['PWD', 'OLDPWD', 'SHLVL', '_'].includes(name)).sort()).toEqual([
    'GOMAXPROCS',
    'GOMEMLIMIT',
    'PATH',
  ]);
});
