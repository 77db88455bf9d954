import { paginateListCommandInvocations, paginateListCommands } from '@aws-sdk/client-ssm';
import type { CommandInvocation, SSMClient } from '@aws-sdk/client-ssm';
import { ConfigError } from '../core/errors.ts';
import { isUnfinished } from '../core/invocation-status.ts';
import type { CommandId, InstanceId, Invocation, InvocationStatus, OrderId } from '../core/model.ts';
import type { Commands } from '../ports.ts';
import { awsCode, everyItem, required } from './aws-error.ts';
import { onlineNodes } from './ssm-online.ts';
import { sendOrder } from './ssm-send.ts';

/** ListCommands, ListCommandInvocations: at most 50 a page. */
const PAGE = 50;

export function ssmCommands(client: SSMClient): Commands {
  return {
    online: (nodes) => onlineNodes(client, nodes),
    send: (order) => sendOrder(client, order),

    async find(orderId, since) {
      // Whole seconds (InvokedAfter's format): rounded down, so that nothing sent after `since` is left out.
      const InvokedAfter = `${since.toISOString().slice(0, 19)}Z`;
      const Filters = [{ key: 'InvokedAfter' as const, value: InvokedAfter }];
      const commands = await everyItem(
        'ssm:ListCommands',
        paginateListCommands({ client }, { Filters, MaxResults: PAGE }),
        ({ Commands: listed }) => listed,
      );
      return commands
        .filter(({ Comment }) => Comment === orderId)
        .map(({ CommandId }) => required(CommandId, 'Commands[].CommandId') as CommandId);
    },

    async results(commandId) {
      try {
        const invocations = await everyItem(
          'ssm:ListCommandInvocations',
          paginateListCommandInvocations({ client }, { CommandId: commandId, Details: true, MaxResults: PAGE }),
          ({ CommandInvocations }) => CommandInvocations,
        );
        return invocations.map((invocation) => toInvocation(commandId, invocation));
      } catch (error) {
        if (error instanceof ConfigError && awsCode(error.cause) === 'InvalidCommandId') return [];
        throw error;
      }
    },
  };
}

/** Our documents have one step; SSM says −1 for a step that never ran. */
function toInvocation(commandId: CommandId, invocation: CommandInvocation): Invocation {
  const { InstanceId, Comment, Status, StatusDetails, CommandPlugins = [] } = invocation;
  // The API text spells some with spaces: "Delivery Timed Out".
  const status = required(StatusDetails ?? Status, 'StatusDetails').replaceAll(' ', '') as InvocationStatus;
  const code = CommandPlugins.at(-1)?.ResponseCode ?? -1;
  return {
    node: required(InstanceId, 'CommandInvocations[].InstanceId') as InstanceId,
    commandId,
    orderId: Comment?.startsWith('order-') ? (Comment as OrderId) : undefined,
    status,
    ...(code >= 0 && !isUnfinished(status) && { exitCode: code }),
    output: CommandPlugins.map(({ Output = '' }) => Output).join('\n'),
  };
}
