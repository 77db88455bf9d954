import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Account, createAccount } from '../../sandbox/account/account.ts';
import { realClock } from '../../sandbox/account/clock.ts';
import { QUICK } from '../../sandbox/account/compute.ts';
import { openDeployable } from '../../sandbox/account/deployable.ts';
import type { Call } from '../../sandbox/account/face.ts';
import { inProcess } from '../../sandbox/account/lambda.ts';
import { readExportersLock } from '../../scripts/exporters/exporters-lock.ts';

const root = join(import.meta.dirname, '../..');

type Env = Readonly<Record<string, string>>;

export interface DeployWorld {
  readonly account: Account;
  readonly calls: readonly Call[];
  /** `npm run <script> -- <args>` in a checkout of its own. */
  readonly npmRun: (script: string, ...args: readonly string[]) => Promise<Said>;
  /** Of a terminal: credentials, where AWS is, and which releases there are. */
  readonly env: Env;
}

/** An empty account, as the commands of a terminal see it; and releases of a few bytes in a folder. */
export async function deployWorld(): Promise<DeployWorld> {
  const home = await mkdtemp(join(tmpdir(), 'deploy-'));
  onTestFinished(() => rm(home, { recursive: true }));
  const account = createAccount({ clock: realClock(), timings: QUICK });
  const calls: Call[] = [];
  const deployable = await openDeployable({
    account,
    onCall: (call) => void calls.push(call),
    runner: () => inProcess(async () => ({})),
  });
  onTestFinished(() => deployable.close());
  const env = {
    ...deployable.env,
    ...(await releases(home)),
    HOME: home,
    PATH: process.env['PATH'] ?? '',
    PROMETHEUS_ON_EMR_CACHE: join(home, 'cache'),
  };
  const folder = await checkout(home);
  return { account, calls, env, npmRun: (script, ...args) => run(folder, env, script, args) };
}

/** The exporters that ship, in the versions that ship, with other bytes. */
async function releases(home: string): Promise<Env> {
  const folder = join(home, 'releases');
  await mkdir(folder);
  const lock: Record<string, object> = {};
  for (const [name, { artifacts, unlocked = {}, ...locked }] of Object.entries(await readExportersLock())) {
    const files = {
      ...unlocked,
      ...Object.fromEntries(Object.entries(artifacts).map(([key, { file }]) => [key, file])),
    };
    const made: Record<string, object> = {};
    for (const [key, file] of Object.entries(files)) {
      const bytes = `not ${file}`;
      await writeFile(join(folder, file), bytes);
      made[key] = { file, size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
    }
    lock[name] = { ...locked, artifacts: made, origin: 'a few bytes for tests' };
  }
  await writeFile(join(home, 'exporters.lock'), JSON.stringify(lock));
  return { EXPORTERS_LOCK: join(home, 'exporters.lock'), PROMETHEUS_ON_EMR_ARTIFACTS: folder };
}

interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const PARTS = [
  'functions',
  'infra',
  'scripts',
  'shared',
  'sidecar',
  'monitoring.yml',
  'package-lock.json',
  'package.json',
  'serverless.yml',
];

/** What is packaged leaves files in the checkout, and must not change meanwhile. */
async function checkout(home: string): Promise<string> {
  const folder = join(home, 'checkout');
  await mkdir(folder);
  for (const part of PARTS) await cp(join(root, part), join(folder, part), { recursive: true });
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

const run = (cwd: string, env: Env, script: string, args: readonly string[]): Promise<Said> =>
  new Promise((done) => {
    const options = { cwd, env, maxBuffer: 1e8 };
    execFile('npm', ['run', '--silent', script, '--', ...args], options, (error, stdout, stderr) =>
      done({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    );
  });
