import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly stdin?: string;
}

/** Under the node's own systemd, in a cgroup of the node: as if somebody had logged in and typed it. */
export const runCommand = (leader: number, command: readonly string[], { stdin = '' }: RunOptions): Promise<Finished> =>
  nsenter(
    leader,
    ['systemd-run', '--quiet', '--pipe', '--wait', '--collect', '--service-type=exec', '--', ...command],
    stdin,
  );

/** In the node's namespaces, but in the world's cgroup: for looking, not for starting what stays. */
export async function nsenter(leader: number, command: readonly string[], stdin = ''): Promise<Finished> {
  const child = spawn(
    'nsenter',
    ['--target', `${leader}`, '-m', '-p', '-n', '-u', '-i', '-C', '-T', '--', ...command],
    {
      env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
    },
  );
  child.stdin.on('error', () => undefined); // a command need not read what it is given
  child.stdin.end(stdin);
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: typeof code === 'number' ? code : -1, stdout, stderr };
}
