import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** A machine without any program: none to install with, and none to make nodes with. */
const bare = { PATH: mkdtempSync(join(tmpdir(), 'bare-')) };

test('npm test ends with 77 and one sentence with what to do where systemd nodes cannot run', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/test/test.ts'], {
    encoding: 'utf8',
    env: bare,
  });
  expect([status, stdout]).toEqual([77, '']);
  expect(stderr).toMatch(/^Systemd nodes cannot run here: .*\. sudo apt-get install .*npm test -- --without-nodes\n$/);
});
