import { readdir, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Where this process may put the beginning of a file: with what an earlier one left of it when it was stopped. Of two
 * processes at the same time each has its own, for one that still writes must not change what the other has checked.
 */
export async function claimPart(path: string): Promise<string> {
  const prefix = `${basename(path)}.part-`;
  const mine = `${path}.part-${process.pid}`;
  for (const found of await readdir(dirname(path))) {
    if (!found.startsWith(prefix) || isAlive(Number(found.slice(prefix.length)))) continue;
    await rename(join(dirname(path), found), mine).catch(() => undefined); // Another process was quicker.
  }
  return mine;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'; // somebody else's
  }
}
