import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AGENT_UNIT, type AgentFiles, agentFiles, type NodeAgent } from './node-agent.ts';
import { type Bind, enableUnit, type NodeFile, placeFiles } from './node-files.ts';
import { type Finished, nsenter, runCommand, type RunOptions } from './run-command.ts';
import { addHostNames, insideWorld, type NodeIdentity, REGISTRY_FOLDER, WORLD_ADDRESS, WORLD_FOLDER } from './world.ts';

/** For what hangs. */
const BOOT_DEADLINE_MS = 240_000;
const STOP_DEADLINE_MS = 60_000;
/** systemd as PID 1 powers off on SIGRTMIN+4; glibc's SIGRTMIN is 34. */
const POWER_OFF = 38;

export interface NodeOptions {
  readonly instanceId: string;
  /** 10.42.0.N, N from 2 to 254: N is also the node's number in this world. */
  readonly address: string;
  /** As EC2 names it, unless given. */
  readonly hostname?: string;
  readonly region?: string;
  readonly accountId?: string;
  readonly instanceType?: string;
  /** None unless given: then a node without an SSM agent. */
  readonly agent?: NodeAgent;
  /** Where the agent finds SSM: the simulated account on the world's host, unless given. */
  readonly agentEndpoint?: string;
  /** The stand-in's; 3.3.0.0, as on the AMIs that EMR releases pin, unless given. */
  readonly agentVersion?: string;
  /** The stand-in's: 300 as the real agent's, unless a test cannot wait. */
  readonly agentResendSeconds?: number;
  /** Files that are there before the first process starts. */
  readonly files?: readonly NodeFile[];
  /** Folders or files of the world, read-only on the node; not below /tmp or /run there. */
  readonly binds?: readonly Bind[];
  /** A PEM file that the node's programs trust beside the public authorities. */
  readonly trust?: string;
  /** Seconds: by its own clock it booted this long ago (/proc/uptime). Now, unless given. */
  readonly upFor?: number;
}

export interface SandboxNode {
  readonly instanceId: string;
  readonly address: string;
  readonly hostname: string;
  /** The node's file system as the world sees it. */
  readonly root: string;
  /** Runs a command under the node's systemd, as root, and waits for it. */
  run(command: readonly string[], options?: RunOptions): Promise<Finished>;
  /** Shuts down in order, as a scale-in does. Once it answers nothing is left, and the address is free. */
  stop(): Promise<void>;
  /** Dead at once, as a lost spot instance. */
  kill(): Promise<void>;
}

/** Boots one node beside those that run, inside the world of enter.ts. */
export async function bootNode(options: NodeOptions): Promise<SandboxNode> {
  if (!insideWorld(process.env))
    throw new Error('bootNode works inside the world only: start with `npx node sandbox/nodes/enter.ts -- COMMAND`');
  const identity = identify(options);
  const { instanceId, address, hostname } = identity;
  const number = numberOf(address);
  const agent = await chosenAgent(options, identity.region);
  const files = [
    { path: '/etc/hostname', body: `${hostname}\n` },
    ...(options.trust === undefined ? [] : [await trustFile(options.trust)]),
    ...(agent?.files ?? []),
    ...(options.files ?? []),
  ];
  const folder = join(WORLD_FOLDER, number);
  await mkdir(folder).catch((cause: unknown) => {
    throw new Error(`address ${address} is taken by another node of this world`, { cause });
  });
  await placeFiles(folder, files);
  if (agent !== undefined) await enableUnit(folder, AGENT_UNIT);
  const binds = [...(agent?.binds ?? []), ...(options.binds ?? [])];
  await writeFile(join(folder, 'binds'), binds.map(({ source, target }) => `${source} ${target}\n`).join(''));
  await addHostNames([hostname, hostname.split('.')[0] ?? hostname], address);
  await writeFile(join(REGISTRY_FOLDER, `${address}.json`), JSON.stringify(identity));

  const console = join(WORLD_FOLDER, `${number}.console`);
  const script = `exec "$0" "$1" >"${console}" 2>&1`;
  // Not bound to us: the node lives until it is stopped or the world ends, whichever process booted it.
  const keeper = spawn('bash', ['-c', script, join(import.meta.dirname, 'node.sh'), number], {
    env: { ...process.env, UP_FOR: String(options.upFor ?? 0) },
    stdio: 'ignore',
    detached: true,
  });
  keeper.unref();
  const gone = once(keeper, 'exit').then(() => rm(join(REGISTRY_FOLDER, `${address}.json`), { force: true }));
  const leader = await booted(keeper, folder, instanceId, console);

  return {
    instanceId,
    address,
    hostname,
    root: join(folder, 'root'),
    run: (command, runOptions = {}) => runCommand(leader, command, runOptions),
    async stop() {
      keeper.ref(); // whoever waits for its end must not run out of things to wait for
      signal(leader, POWER_OFF);
      await Promise.race([gone, sleep(STOP_DEADLINE_MS, undefined, { ref: false })]);
      signal(leader, 'SIGKILL');
      await gone;
    },
    async kill() {
      keeper.ref();
      signal(leader, 'SIGKILL');
      await gone;
    },
  };
}

function identify(options: NodeOptions): NodeIdentity {
  const { instanceId, address, region = 'us-east-1' } = options;
  const { hostname = `ip-${address.replaceAll('.', '-')}.ec2.internal` } = options;
  const { accountId = '123456789012', instanceType = 'm5.xlarge' } = options;
  return { instanceId, address, hostname, region, availabilityZone: `${region}a`, accountId, instanceType };
}

async function chosenAgent(options: NodeOptions, region: string): Promise<AgentFiles | undefined> {
  const {
    agent,
    agentEndpoint: endpoint = `http://${WORLD_ADDRESS}:4566`,
    agentVersion: version = '3.3.0.0',
  } = options;
  if (agent === undefined) return undefined;
  return await agentFiles({ agent, endpoint, region, version, resendSeconds: options.agentResendSeconds ?? 300 });
}

function numberOf(address: string): string {
  const number = /^10\.42\.0\.(\d{1,3})$/.exec(address)?.[1];
  if (number === undefined || Number(number) < 2 || Number(number) > 254)
    throw new Error(`address ${address}: expected 10.42.0.2 to 10.42.0.254`);
  return number;
}

async function trustFile(pem: string): Promise<NodeFile> {
  const path = '/etc/ssl/certs/ca-certificates.crt';
  const known = await readFile(join(process.env['SANDBOX_NODE_BASE'] ?? '', path), 'utf8');
  return { path, body: `${known}\n${await readFile(pem, 'utf8')}` };
}

async function booted(keeper: ChildProcess, folder: string, instanceId: string, console: string): Promise<number> {
  const deadline = Date.now() + BOOT_DEADLINE_MS;
  const leaderFile = join(folder, 'leader');
  for (let state = ''; Date.now() < deadline && keeper.exitCode === null; await sleep(25)) {
    if (!existsSync(leaderFile)) continue;
    const leader = Number(await readFile(leaderFile, 'utf8'));
    state = (await nsenter(leader, ['systemctl', 'is-system-running', '--wait'])).stdout.trim();
    if (state === 'running') return leader;
    if (state === 'degraded') {
      const { stdout } = await nsenter(leader, ['systemctl', '--failed', '--no-legend', '--plain']);
      signal(leader, 'SIGKILL');
      throw new Error(`node ${instanceId} booted, but these units failed: ${stdout.trim()}`);
    }
  }
  throw new Error(`node ${instanceId} did not boot: ${await readFile(console, 'utf8').catch(() => 'no console')}`);
}

function signal(pid: number, name: NodeJS.Signals | number): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // already gone
  }
}
