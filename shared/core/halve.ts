import type { CommandId, Delivery, InstanceId } from './model.ts';

/** One command for all of these nodes; undefined: SSM calls one of them invalid, and has sent nothing. */
type Send = (nodes: readonly InstanceId[]) => Promise<CommandId | undefined>;

/**
 * Sends to nodes of which SSM has just called some invalid without saying which: each half gets its own command, and
 * what stands alone and is refused is a culprit. One among 50 is found, and the 49 served, in at most 11 calls.
 */
export async function halve(nodes: readonly InstanceId[], send: Send): Promise<Delivery> {
  if (nodes.length <= 1) return { sent: [], refused: nodes };
  const middle = Math.floor(nodes.length / 2);
  const [left, right] = [nodes.slice(0, middle), nodes.slice(middle)];
  const first = await sendOrHalve(left, send);
  // After a good first half the culprit is known to be in the other one: sending that whole would be a call in vain.
  const isSuspect = first.refused.length === 0 && right.length > 1;
  const second = isSuspect ? await halve(right, send) : await sendOrHalve(right, send);
  return { sent: [...first.sent, ...second.sent], refused: [...first.refused, ...second.refused] };
}

export async function sendOrHalve(nodes: readonly InstanceId[], send: Send): Promise<Delivery> {
  const commandId = await send(nodes);
  return commandId === undefined ? await halve(nodes, send) : { sent: [{ commandId, nodes }], refused: [] };
}
