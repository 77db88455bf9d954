import type { CommandId, InstanceId, InvocationStatus } from '../../shared/core/model.ts';
import type { Mds } from './mds.ts';
import { commandPayload, messageId, parseMessageId } from './ssm-message.ts';
import { checkParameters, type DocumentContent, executionSeconds } from './ssm-documents.ts';
import {
  type Command,
  type CommandInvocation,
  commandStatus,
  isOpen,
  type PluginResult,
  statusOf,
} from './ssm-model.ts';
import type { Surroundings } from './surroundings.ts';
import { WireFault } from './wire.ts';

interface SendRequest {
  readonly document: string;
  readonly nodes: readonly InstanceId[];
  readonly parameters: Readonly<Record<string, readonly string[]>>;
  readonly comment: string;
  readonly timeoutSeconds: number;
  readonly maxErrors: string;
  readonly maxConcurrency: string;
}

/** One reply of an agent: the state of the whole, and of the steps it speaks of. */
export interface AgentReply {
  readonly documentStatus: string;
  readonly trace: string;
  readonly steps: readonly PluginResult[];
}

export interface RunCommand {
  send(request: SendRequest): Command;
  /** A node that SendCommand calls invalid without naming it, whatever its agent says: not registered any more. */
  setInvalid(node: InstanceId, isInvalid: boolean): void;
  cancel(id: CommandId, nodes: readonly InstanceId[]): void;
  reply(messageId: string, reply: AgentReply): void;
  /** The agent has the message: it is not delivered again. */
  acknowledge(messageId: string): void;
  /** The agent could not handle the message. */
  fail(messageId: string): void;
  /** Newest first. */
  commands(): readonly Command[];
  command(id: string): Command | undefined;
}

/** What the agent says of the whole document → StatusDetails. Any other word leaves the invocation as it is. */
const FROM_AGENT: Readonly<Record<string, InvocationStatus>> = {
  InProgress: 'InProgress',
  Success: 'Success',
  Failed: 'Failed',
  TimedOut: 'ExecutionTimedOut',
  Cancelled: 'Cancelled',
};

interface SentCommand extends Command {
  readonly invocations: Map<InstanceId, CommandInvocation>;
}

export function runCommand(
  world: Surroundings,
  queues: Mds,
  documents: ReadonlyMap<string, DocumentContent>,
  isReachable: (node: InstanceId) => boolean,
): RunCommand {
  const { clock, ids, emit, region, accountId } = world;
  const commands = new Map<string, SentCommand>();
  const invalid = new Set<InstanceId>();

  const arn = (id: InstanceId): string => `arn:aws:ec2:${region}:${accountId}:instance/${id}`;

  /** docs: systems-manager/latest/userguide/monitoring-systems-manager-event-examples */
  function announce(command: Command, { node, status }: CommandInvocation, was: string): void {
    const common = {
      'command-id': command.id,
      'document-name': command.document,
      'requested-date-time': command.requestedAt.toISOString(),
    };
    const invocation = { ...common, 'instance-id': node, status: statusOf(status) };
    emit('aws.ssm', 'EC2 Command Invocation Status-change Notification', [arn(node)], invocation);
    const now = commandStatus(command).status;
    if (now === was) return;
    const whole = {
      ...common,
      'expire-after': command.expiresAt.toISOString(),
      parameters: command.parameters,
      status: now,
    };
    emit('aws.ssm', 'EC2 Command Status-change Notification', command.nodes.map(arn), whole);
  }

  /** A terminal status never moves back: replies held during an outage come late and in any order. */
  function enter(id: CommandId, node: InstanceId, change: (invocation: CommandInvocation) => CommandInvocation): void {
    const command = commands.get(id);
    const invocation = command?.invocations.get(node);
    if (command === undefined || invocation === undefined || !isOpen(invocation.status)) return;
    const changed = change(invocation);
    const was = commandStatus(command).status;
    command.invocations.set(node, changed);
    if (!isOpen(changed.status)) queues.remove(node, messageId(id, node));
    if (statusOf(changed.status) !== statusOf(invocation.status)) announce(command, changed, was);
  }

  const setStatus = (id: CommandId, node: InstanceId, status: InvocationStatus): void =>
    enter(id, node, (invocation) => ({ ...invocation, status }));

  /** Not picked up in time: never delivered any more. Not ended in the total time: given up. */
  function watchTimeouts({ id, nodes, timeoutSeconds, expiresAt }: Command): void {
    clock.after(timeoutSeconds * 1000, () => {
      for (const node of nodes) {
        if (commands.get(id)?.invocations.get(node)?.status === 'Pending') queues.remove(node, messageId(id, node));
      }
    });
    clock.after(expiresAt.getTime() - clock.now().getTime(), () => {
      for (const node of nodes) setStatus(id, node, 'DeliveryTimedOut');
    });
  }

  function deliver(command: Command, content: DocumentContent): void {
    const topic = `aws.ssm.sendCommand.${region}.${command.document}`;
    const payload = JSON.stringify(commandPayload(command, content));
    for (const node of command.nodes) queues.put(node, messageId(command.id, node), topic, payload);
  }

  function send(request: SendRequest): Command {
    const content = documents.get(request.document);
    if (content === undefined)
      throw new WireFault('InvalidDocument', `Document with name ${request.document} does not exist.`);
    checkParameters(content, request.parameters);
    const unreachable = request.nodes.filter((node) => !isReachable(node));
    if (unreachable.length > 0) {
      const message = `Instances [[${unreachable.join(', ')}]] not in a valid state for account ${accountId}`;
      throw new WireFault('InvalidInstanceId', message);
    }
    if (request.nodes.some((node) => invalid.has(node))) {
      throw new WireFault('InvalidInstanceId', 'The specified instance ID is not valid.');
    }
    const requestedAt = clock.now();
    const seconds = request.timeoutSeconds + executionSeconds(content);
    const plugins = content.mainSteps.map(({ name }): PluginResult => ({
      name,
      status: 'Pending',
      code: -1,
      output: '',
    }));
    const command: SentCommand = {
      ...request,
      id: ids.uuid(),
      requestedAt,
      expiresAt: new Date(requestedAt.getTime() + seconds * 1000),
      invocations: new Map(request.nodes.map((node) => [node, { node, status: 'Pending', plugins, trace: '' }])),
    };
    commands.set(command.id, command);
    deliver(command, content);
    watchTimeouts(command);
    return command;
  }

  return {
    send,
    setInvalid: (node, isInvalid) => void (isInvalid ? invalid.add(node) : invalid.delete(node)),
    cancel(id, nodes) {
      for (const node of nodes) {
        const status = commands.get(id)?.invocations.get(node)?.status;
        if (status === 'Pending') setStatus(id, node, 'Cancelled');
        if (status !== 'InProgress') continue;
        setStatus(id, node, 'Cancelling');
        const payload = JSON.stringify({ CancelMessageId: messageId(id, node) });
        queues.put(node, `aws.ssm.${ids.uuid()}.${node}`, 'aws.ssm.cancelCommand', payload);
      }
    },
    reply(message, { documentStatus, trace, steps }) {
      const [id, node] = parseMessageId(message);
      enter(id, node, (invocation) => {
        const said = FROM_AGENT[documentStatus] ?? invocation.status;
        const status = invocation.status === 'Cancelling' && said === 'InProgress' ? 'Cancelling' : said;
        const heard = new Map(steps.map((step) => [step.name, step]));
        const plugins = invocation.plugins.map((plugin) => heard.get(plugin.name) ?? plugin);
        return { ...invocation, status, plugins, trace: trace || invocation.trace };
      });
    },
    acknowledge: (message) => queues.remove(parseMessageId(message)[1], message),
    fail(message) {
      const [id, node] = parseMessageId(message);
      queues.remove(node, message);
      setStatus(id, node, 'Undeliverable');
    },
    commands: () => [...commands.values()].toReversed(),
    command: (id) => commands.get(id),
  };
}
