import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';

export interface Bounds {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly maxOutput: number;
}

export interface Ended {
  /** Undefined when a signal ended it. */
  readonly code: number | undefined;
  readonly isLate: boolean;
  /** The first of stdout and stderr, as they came. */
  readonly output: string;
}

/** The first to be killed when the unit has no memory left (man proc, oom_score_adj): never us. */
const FIRST = '1000';

/** Runs a program without a shell; throws when it cannot be started. It and its children are gone when this answers. */
export async function runBounded(command: string, args: readonly string[], bounds: Bounds): Promise<Ended> {
  const { cwd, env, timeoutMs, maxOutput } = bounds;
  // A process group of its own: a child's child that holds the pipes would keep `close` from coming.
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  if (child.pid !== undefined) void writeFile(`/proc/${child.pid}/oom_score_adj`, FIRST).catch(() => undefined); // It has ended.
  const chunks: Buffer[] = [];
  let length = 0;
  const keep = (chunk: Buffer): void => {
    if (length < maxOutput) chunks.push(chunk.subarray(0, maxOutput - length));
    length += chunk.length;
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  let isLate = false;
  const endAll = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // The group is gone already.
    }
  };
  const timer = setTimeout(() => {
    isLate = true;
    endAll();
  }, timeoutMs);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', endAll);
      child.once('close', resolve);
    });
    return { code: code ?? undefined, isLate, output: Buffer.concat(chunks).toString() };
  } finally {
    clearTimeout(timer);
  }
}
