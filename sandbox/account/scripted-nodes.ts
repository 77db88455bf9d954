import * as z from 'zod/mini';
import type { InstanceId } from '../../shared/core/model.ts';
import type { Compute } from './compute.ts';
import type { Instance } from './ec2.ts';
import type { Message } from './mds.ts';
import type { PluginResult } from './ssm-model.ts';

/** A command as a node sees it. */
export interface NodeCommand {
  readonly node: InstanceId;
  readonly document: string;
  readonly parameters: Readonly<Record<string, string | readonly string[]>>;
}

export interface NodeResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr?: string;
  /** How long the command runs; one second when not said. */
  readonly runMs?: number;
}

export interface ScriptedNodesOptions {
  /** From EC2's running to the agent's first word; undefined: this node has no agent. */
  readonly register?: (instance: Instance) => number | undefined;
  /** What a command comes to; undefined: it starts and never ends. */
  readonly script?: (command: NodeCommand) => NodeResult | undefined;
}

const PING_MS = 300_000;
const VISIBILITY_MS = 10_000;

/**
 * Answers commands in place of the nodes' agents, for tests and for machines that cannot run systemd nodes: every
 * instance that runs registers, acknowledges each message once and replies as its script says.
 */
export function scriptedNodes(account: Compute, options: ScriptedNodesOptions = {}): { stop(): void } {
  const { register = () => 1000, script = succeed } = options;
  const { clock, ec2, mds, agents } = account;
  const online = new Map<InstanceId, () => void>();
  const readSent = onceEach((payload) => sent.parse(JSON.parse(payload)));
  let cancelPing = (): void => undefined;

  function attach({ id, address, dnsName }: Instance): void {
    if (ec2.instance(id)?.state !== 'running') return;
    const platform = { PlatformType: 'Linux', PlatformName: 'Amazon Linux', PlatformVersion: '2023' };
    agents.ping(id, { AgentVersion: '3.3.2746.0', IPAddress: address, ComputerName: dnsName, ...platform });
    const seen = new Set<string>();
    const read = (): void => {
      for (const message of mds.take(id, VISIBILITY_MS)) {
        mds.remove(id, message.MessageId);
        if (!seen.has(message.MessageId)) obey(account, message, readSent, script);
        seen.add(message.MessageId);
      }
    };
    online.set(id, mds.onArrival(id, read));
    read();
  }

  function detach(id: InstanceId): void {
    online.get(id)?.();
    online.delete(id);
  }

  function ping(): void {
    for (const id of online.keys()) agents.seen(id);
    cancelPing = clock.after(PING_MS, ping);
  }

  ec2.watch((instance) => {
    const delay = instance.state === 'running' ? register(instance) : undefined;
    if (delay !== undefined) clock.after(delay, () => attach(instance));
    if (instance.state === 'shutting-down') detach(instance.id);
  });
  ping();

  return {
    stop() {
      cancelPing();
      for (const id of Array.from(online.keys())) detach(id);
    },
  };
}

const sent = z.looseObject({
  DocumentName: z.string(),
  Parameters: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  DocumentContent: z.looseObject({ mainSteps: z.array(z.looseObject({ name: z.string() })) }),
});
const cancelled = z.looseObject({ CancelMessageId: z.string() });

/** A command's payload is the same for all its nodes: it is read once. */
function onceEach<T>(read: (payload: string) => T): (payload: string) => T {
  let last: { readonly payload: string; readonly value: T } | undefined;
  return (payload) => {
    if (last?.payload !== payload) last = { payload, value: read(payload) };
    return last.value;
  };
}

function obey(
  account: Compute,
  message: Message,
  readSent: (payload: string) => z.output<typeof sent>,
  script: (command: NodeCommand) => NodeResult | undefined,
): void {
  const { commands, clock, ec2 } = account;
  if (message.Topic === 'aws.ssm.cancelCommand') {
    const { CancelMessageId } = cancelled.parse(JSON.parse(message.Payload));
    return commands.reply(CancelMessageId, { documentStatus: 'Cancelled', trace: '', steps: [] });
  }
  const { DocumentName: document, Parameters: parameters, DocumentContent } = readSent(message.Payload);
  const node = message.Destination;
  commands.reply(message.MessageId, { documentStatus: 'InProgress', trace: '', steps: [] });
  const result = script({ node, document, parameters });
  if (result === undefined) return;
  const startedAt = clock.now();
  clock.after(result.runMs ?? 1000, () => {
    if (ec2.instance(node)?.state !== 'running') return;
    const steps = DocumentContent.mainSteps.map(({ name }) => toStep(name, result, startedAt, clock.now()));
    commands.reply(message.MessageId, { documentStatus: steps.at(-1)?.status ?? 'Success', trace: '', steps });
  });
}

/** stdout and stderr as the agent joins them, 2,500 characters together. */
function toStep(
  name: string,
  { exitCode, stdout, stderr = '' }: NodeResult,
  startedAt: Date,
  endedAt: Date,
): PluginResult {
  const output = stderr === '' ? stdout : `${stdout}\n----------ERROR-------\n${stderr}`;
  const status = exitCode === 0 ? 'Success' : 'Failed';
  return { name, status, code: exitCode, output: output.slice(0, 2500), startedAt, endedAt };
}

/** The line that an install script ends with, for documents named `…_<exporter>-<install|uninstall>-<hash>`. */
export function resultLine({ document, parameters }: NodeCommand, version = '1.12.1'): string {
  const [, exporter = 'node', un] = /_([a-z]+)-(un)?install-/.exec(document) ?? [];
  const isRemoval = un !== undefined;
  const endpoints = isRemoval ? [] : [{ port: Number(parameters['Port'] ?? 9100), labels: {} }];
  const outcome = isRemoval ? 'removed' : 'installed';
  return `PROMETHEUS_ON_EMR ${JSON.stringify({ exporter, outcome, version, changed: true, endpoints })}\n`;
}

const succeed = (command: NodeCommand): NodeResult => ({ exitCode: 0, stdout: resultLine(command) });
