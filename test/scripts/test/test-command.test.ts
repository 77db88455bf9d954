import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { soakCommand } from '../../../scripts/test/soak-command.ts';

/** A machine without any program: none to install with, and none to make nodes with. */
const bare = { PATH: mkdtempSync(join(tmpdir(), 'bare-')) };
afterAll(() => rmSync(bare.PATH, { recursive: true }));

const run = (script: string, ...args: readonly string[]) =>
  spawnSync(process.execPath, [`scripts/test/${script}`, ...args], { encoding: 'utf8', env: bare });

test('npm test ends with 77 and one sentence with what to do where systemd nodes cannot run', () => {
  const { status, stdout, stderr } = run('test.ts');
  expect([status, stdout]).toEqual([77, '']);
  expect(stderr).toMatch(/^Systemd nodes cannot run here: .*\. sudo apt-get install .*npm test -- --without-nodes\n$/);
});

test("the soak tests take vitest's options behind a second --, and say so to who gives them before", () => {
  const given = ['flood', '--', '-t', 'a title'];
  expect(soakCommand(given).slice(-3)).toEqual(['flood', '-t', 'a title']);
  expect(run('test-soak.ts', ...given).status).toBe(77);
  const { status, stderr } = run('test-soak.ts', '-t', 'a title');
  expect(status).toBe(1);
  expect(stderr).toContain("npm run test:soak -- -- -t 'words of a title'");
});
