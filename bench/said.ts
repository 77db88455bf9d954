import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** A forked process's next message; rejects when it ends instead. */
export async function said<T>(child: ChildProcess): Promise<T> {
  const ended = new AbortController();
  const [message] = (await Promise.race([
    once(child, 'message', { signal: ended.signal }),
    once(child, 'exit', { signal: ended.signal }).then(([code]) => {
      throw new Error(`${child.spawnargs.join(' ')} ended with ${code}`);
    }),
  ]).finally(() => ended.abort())) as [T];
  return message;
}
