import type { InstanceId } from '../../shared/core/model.ts';
import type { Surroundings } from './surroundings.ts';

/** A message on a node's queue, in the shape that the agent reads. */
export interface Message {
  readonly CreatedDate: string;
  readonly Destination: InstanceId;
  readonly MessageId: string;
  readonly Topic: string;
  readonly PayloadDigest: '';
  /** JSON as a string. */
  readonly Payload: string;
}

/** The queues of the message delivery service (`ec2messages`), one for each node. */
export interface Mds {
  /** `payload`: JSON. */
  put(node: InstanceId, messageId: string, topic: string, payload: string): void;
  /** What is visible now; each message then stays hidden for the visibility timeout, or until it is removed. */
  take(node: InstanceId, visibilityMs: number): readonly Message[];
  /** The long poll: what `take` answers, as soon as that is anything, or nothing after `waitMs`. */
  poll(node: InstanceId, visibilityMs: number, waitMs: number): Promise<readonly Message[]>;
  /** Acknowledged, or answered for good. */
  remove(node: InstanceId, messageId: string): void;
  /** Somebody waits for this node's messages. */
  isPolled(node: InstanceId): boolean;
  /** Called whenever a message may have become visible; the answer stops it. */
  onArrival(node: InstanceId, listener: () => void): () => void;
}

interface Queued {
  readonly message: Message;
  readonly visibleAt: number;
}

export function mds({ clock }: Surroundings): Mds {
  const queues = new Map<InstanceId, readonly Queued[]>();
  const listeners = new Map<InstanceId, Set<() => void>>();
  const polls = new Map<InstanceId, (messages: readonly Message[]) => void>();
  const now = (): number => clock.now().getTime();
  const queue = (node: InstanceId): readonly Queued[] => queues.get(node) ?? [];
  const tell = (node: InstanceId): void => {
    for (const listener of Array.from(listeners.get(node) ?? [])) listener();
  };

  function take(node: InstanceId, visibilityMs: number): readonly Message[] {
    const visible = queue(node).filter(({ visibleAt }) => visibleAt <= now());
    if (visible.length === 0) return [];
    const hidden = (entry: Queued): Queued => ({ ...entry, visibleAt: now() + visibilityMs });
    queues.set(
      node,
      queue(node).map((entry) => (visible.includes(entry) ? hidden(entry) : entry)),
    );
    // An answer may go into a dead connection: whatever was not acknowledged is shown again.
    clock.after(visibilityMs, () => tell(node));
    return visible.map(({ message }) => message);
  }

  function onArrival(node: InstanceId, listener: () => void): () => void {
    const all = listeners.get(node) ?? new Set();
    listeners.set(node, all.add(listener));
    return () => void all.delete(listener);
  }

  return {
    put(node, messageId, topic, payload) {
      const CreatedDate = clock.now().toISOString();
      const message: Message = {
        CreatedDate,
        Destination: node,
        MessageId: messageId,
        Topic: topic,
        PayloadDigest: '',
        Payload: payload,
      };
      queues.set(node, [...queue(node), { message, visibleAt: now() }]);
      tell(node);
    },
    take,
    poll: (node, visibilityMs, waitMs) =>
      new Promise((resolve) => {
        // An agent polls once at a time: the older poll is that of an agent that was killed.
        polls.get(node)?.([]);
        const finish = (messages: readonly Message[]): void => {
          stopListening();
          stopWaiting();
          polls.delete(node);
          resolve(messages);
        };
        const look = (): void => {
          const messages = take(node, visibilityMs);
          if (messages.length > 0) finish(messages);
        };
        const stopListening = onArrival(node, look);
        const stopWaiting = clock.after(waitMs, () => finish([]));
        polls.set(node, finish);
        look();
      }),
    remove: (node, messageId) =>
      void queues.set(
        node,
        queue(node).filter(({ message }) => message.MessageId !== messageId),
      ),
    isPolled: (node) => polls.has(node),
    onArrival,
  };
}
