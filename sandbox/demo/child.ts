import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';

export interface Child {
  readonly pid: number;
  /** Ends it with SIGTERM, and with SIGKILL if it is still there after 10 s. */
  stop(): Promise<void>;
}

/** Starts a program whose output goes to a file; its early end is told to `onExit`. */
export function startChild(
  command: readonly string[],
  options: {
    readonly env: Readonly<Record<string, string>>;
    readonly log: string;
    readonly onExit: (code: number | null) => void;
  },
): Child {
  const [program = '', ...args] = command;
  const child: ChildProcess = spawn(program, args, { env: options.env, stdio: ['ignore', 'pipe', 'pipe'] });
  const log = createWriteStream(options.log, { flags: 'a' });
  child.stdout?.pipe(log, { end: false });
  child.stderr?.pipe(log, { end: false });
  let isStopping = false;
  const ended = once(child, 'close').then(([code]) => {
    log.end();
    if (!isStopping) options.onExit(code as number | null);
  });
  return {
    pid: child.pid ?? -1,
    async stop() {
      isStopping = true;
      child.kill('SIGTERM');
      const hardStop = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await ended;
      clearTimeout(hardStop);
    },
  };
}
