import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Commands, commands, type Message } from './commands.ts';
import { ec2Identity, type Identity } from './identity.ts';
import { logLine } from './log-line.ts';
import { outbox } from './outbox.ts';
import { type Platform, platform } from './platform.ts';
import { type Call, ServiceError, signedCalls } from './wire.ts';

const CONFIG = '/etc/amazon/ssm/amazon-ssm-agent.json';
const STATE = '/var/lib/amazon/ssm';
const NAME = 'amazon-ssm-agent';
const FIVE_MINUTES_MS = 300_000;
const QUICK_MS = 2_000; // a poll that came back sooner is followed by a sleep as long
const RETRY_MS = 3_000;

interface Config {
  readonly Ssm: { readonly Endpoint: string };
  readonly Mds: { readonly Endpoint: string; readonly StopTimeoutMillis?: number };
}

export interface AgentOptions {
  /** This bundle, which is also the worker. */
  readonly program: string;
  readonly version: string;
  /** 5 minutes in the real agent. */
  readonly resendMs: number;
}

export async function runAgent({ program, version, resendMs }: AgentOptions): Promise<void> {
  const { Ssm, Mds } = JSON.parse(readFileSync(CONFIG, 'utf8')) as Config;
  const timeoutMs = Math.max(10_000, Mds.StopTimeoutMillis ?? 20_000);
  const identity = await ec2Identity();
  const service = { endpoint: Ssm.Endpoint, timeoutMs };
  const ssm = signedCalls({ ...service, signingName: 'ssm', targetPrefix: 'AmazonSSM' }, identity);
  const delivery = { endpoint: Mds.Endpoint, timeoutMs, targetPrefix: 'EC2WindowsMessageDeliveryService' } as const;
  const mds = signedCalls({ ...delivery, signingName: 'ec2messages' }, identity);
  const state = join(STATE, identity.instanceId);
  const out = outbox(join(state, 'replies'), mds);
  const system = platform();
  const environment = {
    PATH: process.env['PATH'] ?? '',
    AWS_SSM_INSTANCE_ID: identity.instanceId,
    AWS_SSM_REGION_NAME: identity.region,
    AWS_SSM_PLATFORM_NAME: system.name,
    AWS_SSM_PLATFORM_VERSION: system.version,
  };
  const work = commands({ folder: join(state, 'commands'), program, version, environment, mds, out });
  await wakeUp(ssm, identity, version);
  const present = () => ssm('UpdateInstanceInformation', presence(identity, system, version));
  await attempt(present);
  void every(FIVE_MINUTES_MS, FIVE_MINUTES_MS, present);
  void every(resendMs, resendMs, () => out.resend());
  const associations = () => ssm('ListInstanceAssociations', { InstanceId: identity.instanceId, MaxResults: 20 });
  void sleep(11_000).then(() => attempt(associations));
  void every(2 * FIVE_MINUTES_MS, 30_000, associations);
  await work.resume();
  await poll(mds, identity, work);
}

/** Until the service knows it, the agent hibernates: it takes no work and asks again after five minutes. */
async function wakeUp(ssm: Call, { instanceId }: Identity, version: string): Promise<void> {
  const short = { AgentName: NAME, AgentVersion: version, InstanceId: instanceId, PlatformType: 'Linux' };
  for (;;) {
    try {
      await ssm('UpdateInstanceInformation', short);
      return;
    } catch (error) {
      logLine('hibernating', { error });
      await sleep(error instanceof ServiceError ? FIVE_MINUTES_MS : RETRY_MS);
    }
  }
}

const presence = (
  { instanceId, availabilityZone, availabilityZoneId }: Identity,
  system: Platform,
  version: string,
) => ({
  AgentName: NAME,
  AgentStatus: 'Active',
  AgentVersion: version,
  AvailabilityZone: availabilityZone,
  AvailabilityZoneId: availabilityZoneId,
  ComputerName: system.host,
  InstanceId: instanceId,
  IPAddress: system.address,
  PlatformName: system.name,
  PlatformType: 'Linux',
  PlatformVersion: system.version,
  SSMConnectionChannel: 'ec2messages',
});

async function every(ms: number, after: number, task: () => Promise<unknown>): Promise<never> {
  await sleep(after);
  for (;;) {
    await attempt(task);
    await sleep(ms);
  }
}

const attempt = (task: () => Promise<unknown>): Promise<unknown> =>
  task().catch((error: unknown) => logLine('not done', { error }));

async function poll(mds: Call, { instanceId }: Identity, work: Commands): Promise<never> {
  for (;;) {
    const asked = Date.now();
    try {
      const request = { Destination: instanceId, MessagesRequestId: randomUUID(), VisibilityTimeoutInSeconds: 10 };
      const { Messages = [] } = (await mds('GetMessages', request)) as { readonly Messages?: readonly Message[] };
      for (const message of Messages) await work.accept(message);
    } catch (error) {
      logLine('poll failed', { error });
      await sleep(RETRY_MS);
    }
    if (Date.now() - asked < QUICK_MS) await sleep(QUICK_MS);
  }
}
