import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import type { StepStatus } from './reply.ts';

export interface ScriptRun {
  readonly file: string;
  readonly timeoutSeconds: number;
  readonly environment: Readonly<Record<string, string>>;
  /** Aborted when somebody cancels the command. */
  readonly cancelled: AbortSignal;
}

export interface ScriptEnd {
  readonly status: StepStatus;
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const KILLED = 137;
const KEPT = 64 * 1024; // more than any reply holds
const CWD = '/usr/bin';

/**
 * As the real agent: `sh -c FILE`, root, no HOME or USER, stdin /dev/null, a process group of its own. It is over when
 * the script has ended and nobody holds its stdout or stderr any more: a child in the background counts.
 */
export async function runScript({ file, timeoutSeconds, environment, cancelled }: ScriptRun): Promise<ScriptEnd> {
  const child = spawn('sh', ['-c', file], {
    cwd: CWD,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let killedFor: StepStatus | undefined;
  const kill = (reason: StepStatus) => {
    killedFor ??= reason;
    killGroup(child.pid);
  };
  const timer = setTimeout(() => kill('TimedOut'), timeoutSeconds * 1000);
  const cancel = () => kill('Cancelled');
  cancelled.addEventListener('abort', cancel, { once: true });
  if (cancelled.aborted) cancel();
  const [stdout, stderr, end] = await Promise.all([keep(child.stdout), keep(child.stderr), once(child, 'close')]);
  clearTimeout(timer);
  cancelled.removeEventListener('abort', cancel);
  if (killedFor !== undefined) return { status: killedFor, code: KILLED, stdout, stderr };
  const [exit, signal] = end as [number | null, NodeJS.Signals | null];
  const code = exit ?? 128 + constants.signals[signal ?? 'SIGKILL'];
  if (code === 0) return { status: 'Success', code, stdout, stderr };
  return { status: 'Failed', code, stdout, stderr: `${stderr}failed to run commands: exit status ${code}` };
}

async function keep(stream: Readable): Promise<string> {
  stream.setEncoding('utf8');
  let kept = '';
  for await (const chunk of stream) if (kept.length < KEPT) kept += String(chunk);
  return kept;
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // the group has ended in this moment
  }
}
