import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { FunctionError, type Invocation, type Runner } from './lambda.ts';

/** What the parent sends; times are milliseconds since the epoch. */
export interface ToContainer {
  readonly payload: string;
  readonly requestId: string;
  readonly functionArn: string;
  readonly deadline: number;
}

export type FromContainer =
  | { readonly kind: 'result'; readonly payload: string }
  /** `fatal`: the package does not load, so this container is of no use. */
  | { readonly kind: 'error'; readonly errorType: string; readonly message: string; readonly fatal: boolean };

export interface ContainerSettings {
  /** The unzipped package. */
  readonly folder: string;
  /** All of it: nothing of this process's own environment goes along. */
  readonly environment: Readonly<Record<string, string>>;
  /** Every line the function writes to stdout or stderr. */
  readonly onLine: (line: string) => void;
}

const BOOTSTRAP = fileURLToPath(new URL('lambda-bootstrap.ts', import.meta.url));

/**
 * One process per warm container; a container serves one event at a time, so as many start as run at once.
 * Freezing between invocations, memory limits and recycling are not modelled.
 */
export function containers({ folder, environment, onLine }: ContainerSettings): Runner {
  const alive = new Set<ChildProcess>();
  let idle: readonly ChildProcess[] = [];

  const start = (): ChildProcess => {
    const child = spawn(process.execPath, [BOOTSTRAP], {
      cwd: folder,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    alive.add(child);
    for (const stream of [child.stdout, child.stderr]) if (stream) createInterface(stream).on('line', onLine);
    child.once('close', () => {
      alive.delete(child);
      idle = idle.filter((other) => other !== child);
    });
    return child;
  };

  return {
    async invoke(payload, invocation) {
      const warm = idle[0];
      idle = idle.slice(1);
      const child = warm ?? start();
      const cold = warm === undefined;
      const answer = await exchange(child, payload, invocation);
      if (answer.kind === 'error') {
        if (answer.fatal) child.kill('SIGKILL');
        else idle = [...idle, child];
        return { cold, error: new FunctionError(answer.errorType, answer.message) };
      }
      idle = [...idle, child];
      return { cold, payload: answer.payload };
    },
    async stop() {
      await Promise.all(
        [...alive].map((child) => {
          const closed = new Promise((resolve) => void child.once('close', resolve));
          child.kill('SIGKILL');
          return closed;
        }),
      );
    },
  };
}

function exchange(
  child: ChildProcess,
  payload: string,
  { requestId, functionArn, timeoutMs }: Invocation,
): Promise<FromContainer> {
  return new Promise((resolve) => {
    const settle = (answer: FromContainer): void => {
      clearTimeout(timer);
      child.off('message', onMessage).off('close', onClose);
      resolve(answer);
    };
    const die = (errorType: string, reason: string): void => {
      settle({ kind: 'error', errorType, message: `RequestId: ${requestId} Error: ${reason}`, fatal: true });
    };
    const onMessage = (message: unknown): void => settle(message as FromContainer);
    const onClose = (code: number | null, signal: string | null): void =>
      die('Runtime.ExitError', `Runtime exited with ${signal ?? `exit status ${code}`}`);
    const timer = setTimeout(
      () => die('Sandbox.Timedout', `Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`),
      timeoutMs,
    );
    child.once('message', onMessage).once('close', onClose);
    const message: ToContainer = { payload, requestId, functionArn, deadline: Date.now() + timeoutMs };
    // A child that died while idle answers through 'close'.
    child.send(message, () => {});
  });
}
