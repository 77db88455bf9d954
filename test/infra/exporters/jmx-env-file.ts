import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

const AGENT = new URL('../../../infra/exporters/jmx/agent.sh', import.meta.url).pathname;

/** A folder of env files, and one as ours under /opt, until the test ends. */
export interface Conf {
  readonly conf: string;
  readonly home: string;
}

export async function emptyConf(): Promise<Conf> {
  const folder = await mkdtemp(join(tmpdir(), 'env-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const conf = join(folder, 'conf');
  const home = join(folder, 'prometheus-on-emr/jmx');
  await mkdir(conf, { mode: 0o755 });
  await mkdir(join(home, 'agent'), { recursive: true });
  return { conf, home };
}

/** What bash says to a script: its output, or what it failed with. */
export async function shell(script: string, program = 'bash', env: Readonly<Record<string, string>> = {}) {
  // No socket as stdin: bash would take itself for a remote shell and read somebody's .bashrc.
  const child = spawn(program, ['-c', script], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', ...env },
  });
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: code as number, stdout, stderr };
}

/** Runs functions of agent.sh as the documents do: under the contract's options. */
export const agentShell = async ({ conf, home }: Conf, script: string) =>
  await shell(
    `set -euo pipefail; HOME_DIR='${home}' BASE='${home}/..' VERSION=1.0.1 CHANGED=false; . ${AGENT}; AGENT_CONF='${conf}'; ${script}`,
  );

/** The env file with a block of these lines at its end, or with none: what changed, or why it was refused. */
export const writeBlock = async (at: Conf, name: string, lines: string): Promise<string> => {
  const { stdout, stderr } = await agentShell(
    at,
    `env_write ${name} "$(cat <<'END'\n${lines}\nEND\n)" && echo $CHANGED || echo "$AGENT_WHY"`,
  );
  if (stderr !== '' && !stderr.includes('.prometheus-on-emr: line')) throw new Error(stderr);
  return stdout.trim();
};

export const put = async ({ conf }: Conf, name: string, body: string): Promise<string> => {
  await writeFile(join(conf, name), body, { encoding: 'latin1', mode: 0o644 });
  return join(conf, name);
};
