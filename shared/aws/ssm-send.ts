import { SendCommandCommand } from '@aws-sdk/client-ssm';
import type { SSMClient } from '@aws-sdk/client-ssm';
import { halve } from '../core/halve.ts';
import { MAX_NODES_PER_ORDER, type CommandId, type Delivery, type InstanceId, type Order } from '../core/model.ts';
import { awsCode, awsMessage, isThrottled, required, toAppError } from './aws-error.ts';
import { onlineNodes } from './ssm-online.ts';

/**
 * SendCommand fails whole, and sends nothing, when it calls one of the ids invalid: those are left out, and the rest is
 * sent again. Which ones it means: what its message names ("Instances [[i-…]] not in a valid state for account …"),
 * else the ones that are not online; if all look well, halves find out.
 */
export async function sendOrder(client: SSMClient, order: Order): Promise<Delivery> {
  if (order.nodes.length > MAX_NODES_PER_ORDER) throw new RangeError(`${order.nodes.length} nodes in ${order.id}`);
  const refused: InstanceId[] = [];
  let nodes = order.nodes;
  while (nodes.length > 0) {
    const answer = await sendOrInvalid(client, order, nodes);
    if ('commandId' in answer) return { sent: [{ commandId: answer.commandId, nodes }], refused };
    const invalid = await culprits(client, nodes, answer.message);
    if (invalid.size === 0) {
      const halves = await halve(nodes, async (part) => {
        const said = await sendOrInvalid(client, order, part);
        return 'commandId' in said ? said.commandId : undefined;
      });
      return { sent: halves.sent, refused: [...refused, ...halves.refused] };
    }
    refused.push(...invalid);
    nodes = nodes.filter((id) => !invalid.has(id));
  }
  return { sent: [], refused };
}

/** None: all of them look well. */
async function culprits(
  client: SSMClient,
  nodes: readonly InstanceId[],
  message: string,
): Promise<ReadonlySet<InstanceId>> {
  const named = new Set(message.match(/i-\w+/g));
  const blamed = nodes.filter((id) => named.has(id));
  if (blamed.length > 0) return new Set(blamed);
  const online = await onlineNodes(client, nodes);
  return new Set(nodes.filter((id) => !online.has(id)));
}

type Said = { readonly commandId: CommandId } | { readonly message: string };

async function sendOrInvalid(client: SSMClient, order: Order, nodes: readonly InstanceId[]): Promise<Said> {
  try {
    const { Command } = await client.send(sendOnce(order, nodes));
    return { commandId: required(Command?.CommandId, 'Command.CommandId') as CommandId };
  } catch (error) {
    const failure = error instanceof NotRepeated ? error.failure : error;
    if (awsCode(failure) === 'InvalidInstanceId') return { message: awsMessage(failure) };
    throw toAppError('ssm:SendCommand', failure);
  }
}

/** Carries a failure past the SDK's retry, which looks at an error's name, status, code and causes: it sees none. */
class NotRepeated extends Error {
  override readonly name = 'NotRepeated';
  readonly failure: unknown;
  constructor(failure: unknown) {
    super('SendCommand failed');
    this.failure = failure;
  }
}

/**
 * SendCommand has no idempotency token: the order id travels as Comment, and the SDK may repeat the call after
 * throttling only, when it was certainly not carried out. Any other failure leaves the claim to a look for the order id.
 */
function sendOnce(order: Order, nodes: readonly InstanceId[]): SendCommandCommand {
  const command = new SendCommandCommand({
    DocumentName: order.document,
    // Its only one: a document of ours is never changed. Who adds a version and makes it the default moves no order.
    DocumentVersion: '1',
    InstanceIds: [...nodes],
    Parameters: Object.fromEntries(Object.entries(order.parameters).map(([name, values]) => [name, [...values]])),
    Comment: order.id,
    TimeoutSeconds: 300, // for delivery; 30 at least
    MaxConcurrency: String(MAX_NODES_PER_ORDER),
    MaxErrors: '100%', // at the default of 0 one failed node ends the invocations of the others as Terminated
  });
  command.middlewareStack.add(
    (next) => async (args) => {
      try {
        return await next(args);
      } catch (failure) {
        throw isThrottled(failure) ? failure : new NotRepeated(failure);
      }
    },
    { name: 'sendOnce', step: 'finalizeRequest', priority: 'low' }, // inside the SDK's retry, whose priority is high,
  );
  return command;
}
