import { ConfigError } from '../../shared/core/errors.ts';
import { sendOrHalve } from '../../shared/core/halve.ts';
import type { InstanceId, Invocation, OrderId } from '../../shared/core/model.ts';
import type { Commands } from '../../shared/ports.ts';
import type { Compute } from './compute.ts';
import { type Call, everyPage } from './port-call.ts';
import { type Command, type CommandInvocation, isOpen } from './ssm-model.ts';
import { WireFault } from './wire.ts';

/** DescribeInstanceInformation, ListCommands, ListCommandInvocations: at most 50 a page. */
const SSM_PAGE = 50;
const DELIVERY_SECONDS = 300;

export function commandsPort(account: Compute, call: Call): Commands {
  const isOnline = (id: InstanceId): boolean => account.agents.agent(id)?.ping === 'Online';
  return {
    async online(nodes) {
      const online = await everyPage(call, ['DescribeInstanceInformation', {}], SSM_PAGE, () => nodes.filter(isOnline));
      return new Set(online);
    },
    async send({ id, document, parameters, nodes }) {
      if (nodes.length === 0 || nodes.length > SSM_PAGE) throw new RangeError(`${nodes.length} nodes in ${id}`);
      const offline = nodes.filter((node) => !isOnline(node));
      const online = nodes.filter(isOnline);
      if (online.length === 0) return { sent: [], refused: offline };
      const limits = { timeoutSeconds: DELIVERY_SECONDS, maxErrors: '100%', maxConcurrency: '50' };
      const { sent, refused } = await sendOrHalve(online, async (part) => {
        try {
          const request = { document, parameters, nodes: part, comment: id, ...limits };
          return (
            await call('SendCommand', { DocumentName: document, InstanceIds: part }, () =>
              account.commands.send(request),
            )
          ).id;
        } catch (error) {
          if (isInvalidNode(error)) return undefined;
          throw error;
        }
      });
      return { sent, refused: [...offline, ...refused] };
    },
    async find(orderId, since) {
      const from = Math.floor(since.getTime() / 1000) * 1000;
      const recent = await everyPage(call, ['ListCommands', {}], SSM_PAGE, () =>
        account.commands.commands().filter(({ requestedAt }) => requestedAt.getTime() > from),
      );
      return recent.filter(({ comment }) => comment === orderId).map((command) => command.id);
    },
    results: (commandId) =>
      everyPage(call, ['ListCommandInvocations', {}], SSM_PAGE, () => {
        const command = account.commands.command(commandId);
        return command === undefined ? [] : [...command.invocations.values()].map((one) => toInvocation(command, one));
      }),
  };
}

const isInvalidNode = (error: unknown): boolean =>
  error instanceof ConfigError && error.cause instanceof WireFault && error.cause.code === 'InvalidInstanceId';

function toInvocation({ id, comment }: Command, { node, status, plugins }: CommandInvocation): Invocation {
  const code = plugins.at(-1)?.code ?? -1;
  return {
    node,
    commandId: id,
    orderId: comment.startsWith('order-') ? (comment as OrderId) : undefined,
    status,
    ...(code >= 0 && !isOpen(status) && { exitCode: code }),
    output: plugins.map(({ output }) => output).join('\n'),
  };
}
