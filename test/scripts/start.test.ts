import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';

test('a command whose npm was ended is ended in order, and leaves nothing running', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'start-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const script = join(folder, 'long.mjs');
  await writeFile(
    script,
    `process.once('SIGTERM', () => setTimeout(() => { console.log('in order'); process.exit(); }, 2500));
     console.log('up');
     setInterval(() => undefined, 1000);`,
  );
  // It takes its time to end, as what cleans up does. As npm does it: a shell between, which hands no signal on.
  const npm = spawn('sh', ['-c', `node scripts/start.mjs ${script}; true`], { stdio: ['ignore', 'pipe', 'inherit'] });
  const said = text(npm.stdout);
  await once(npm.stdout, 'data');
  npm.kill('SIGKILL');
  expect(await said).toBe('up\nin order\n');
});
