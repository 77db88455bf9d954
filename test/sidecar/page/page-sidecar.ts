import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { asTheUnit } from '../as-the-unit.ts';
import { bundleSidecar } from '../../../scripts/package/bundle-sidecar.ts';
import { openS3 } from '../sidecar-account.ts';

let bundle: Promise<string> | undefined;

/** The sidecar as it ships, in a process of its own before the simulated S3; answers once it listens. */
export async function pageSidecar(objects: Readonly<Record<string, string>>, flags: readonly string[] = []) {
  const account = await openS3();
  const home = await mkdtemp(join(tmpdir(), 'page-'));
  for (const [key, body] of Object.entries(objects)) account.put(key, body);
  const args = ['--directory', home, '--listen=127.0.0.1:0', '--interval=100ms', ...flags];
  const unit = await asTheUnit();
  const child = spawn(process.execPath, [...unit.flags, await (bundle ??= bundleSidecar()), ...args], {
    env: { ...account.env, ...unit.environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  const port = await new Promise<number>((resolve, reject) => {
    ended.then(() => reject(new Error('the sidecar ended')), reject);
    createInterface(child.stdout).on('line', (line) => {
      const { message, address } = JSON.parse(line) as { message: string; address?: { port: number } };
      if (message === 'sidecar started') resolve(address?.port ?? 0);
    });
  });
  const url = `http://127.0.0.1:${port}`;
  const text = async (path: string): Promise<string> => await (await fetch(url + path)).text();
  return {
    account,
    url,
    text,
    pid: child.pid ?? 0,
    /** Loads the page until it says this. */
    async shows(words: string, seconds = 60): Promise<string> {
      for (const deadline = Date.now() + seconds * 1000; Date.now() < deadline;) {
        const page = await text('/');
        if (page.includes(words)) return page;
        await new Promise((done) => void setTimeout(done, 100));
      }
      throw new Error(`the page never says: ${words}\n${await text('/')}`);
    },
    async close(): Promise<void> {
      child.kill('SIGTERM');
      await ended;
      await account.face.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}
