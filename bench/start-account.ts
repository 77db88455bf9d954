import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { said } from './said.ts';

/** What went through since it was last asked. */
export interface Traffic {
  /** By service and operation: `EC2 DescribeTags`. */
  readonly calls: Readonly<Record<string, number>>;
  /** Of the answers' bodies. */
  readonly bytes: number;
}

export interface BigAccount {
  /** What a program needs to find it. */
  readonly env: Readonly<Record<string, string>>;
  traffic(): Promise<Traffic>;
  stop(): Promise<void>;
}

/** big-account.ts in a process of its own. */
export async function startAccount(...args: readonly string[]): Promise<BigAccount> {
  const child = fork(join(import.meta.dirname, 'big-account.ts'), args, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const env = await said<Readonly<Record<string, string>>>(child);
  return {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    async traffic() {
      child.send('traffic');
      return await said<Traffic>(child);
    },
    async stop() {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    },
  };
}
