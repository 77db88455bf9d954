import type { Clock } from './clock.ts';
import { WireFault } from './wire.ts';

interface QueueSettings {
  readonly name: string;
  readonly arn: string;
  /** SQS's default: 30 seconds. */
  readonly visibilitySeconds?: number;
  readonly redrive?: { readonly deadLetterArn: string; readonly maxReceiveCount: number };
}

export interface Message {
  readonly id: string;
  readonly body: string;
  readonly sentAt: Date;
  readonly receiveCount: number;
  readonly firstReceivedAt: Date;
  readonly receiptHandle: string;
  /** Message attributes of the type String. */
  readonly attributes: Readonly<Record<string, string>>;
}

interface Depth {
  readonly visible: number;
  /** Received and not deleted, or sent with a delay. */
  readonly hidden: number;
}

/** Standard queues. Retention and size limits are not modelled: nothing here lasts four days. */
export interface Sqs {
  /** Of a queue that is there, it changes the settings. */
  createQueue(settings: QueueSettings): void;
  deleteQueue(arn: string): void;
  has(arn: string): boolean;
  /** Answers the message id. Throws QueueDoesNotExist. */
  send(arn: string, body: string, delaySeconds?: number, attributes?: Readonly<Record<string, string>>): string;
  /** Hidden for so many seconds, or for as long as the queue says. */
  receive(arn: string, max: number, visibilitySeconds?: number): readonly Message[];
  /** False where the message is gone, or was received again since. */
  changeVisibility(arn: string, receiptHandle: string, seconds: number): boolean;
  /** When the oldest message that is there was sent. */
  oldest(arn: string): Date | undefined;
  remove(arn: string, receiptHandle: string): void;
  depth(arn: string): Depth;
  /** Every message that is there, hidden ones too, oldest first. */
  bodies(arn: string): readonly string[];
  settings(arn: string): QueueSettings;
  /** Calls back whenever a message becomes visible; the answer ends that. */
  onVisible(arn: string, listener: () => void): () => void;
}

interface Stored {
  readonly id: string;
  readonly body: string;
  readonly sentAt: Date;
  readonly attributes: Readonly<Record<string, string>>;
  visibleAt: number;
  receiveCount: number;
  firstReceivedAt?: Date;
  receiptHandle?: string;
}

interface Queue {
  settings: QueueSettings;
  readonly messages: Map<string, Stored>;
  listeners: readonly (() => void)[];
}

/** SendMessage: docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
const MAX_DELAY_SECONDS = 900;

export function createSqs(clock: Clock): Sqs {
  const queues = new Map<string, Queue>();
  const now = (): number => clock.now().getTime();
  const queueOf = (arn: string): Queue => {
    const queue = queues.get(arn);
    if (queue === undefined) throw new WireFault('QueueDoesNotExist', 'The specified queue does not exist.');
    return queue;
  };
  const visible = ({ messages }: Queue): Stored[] => {
    const at = now();
    return [...messages.values()].filter(({ visibleAt }) => visibleAt <= at);
  };

  const showAfter = (queue: Queue, message: Stored, seconds: number): void => {
    message.visibleAt = now() + seconds * 1000;
    clock.after(seconds * 1000, () => {
      if (queue.messages.has(message.id)) for (const listener of queue.listeners) listener();
    });
  };
  const add = (queue: Queue, body: string, delaySeconds: number, attributes = {}): string => {
    const fresh = { sentAt: clock.now(), visibleAt: 0, receiveCount: 0 };
    const message: Stored = { id: crypto.randomUUID(), body, attributes, ...fresh };
    queue.messages.set(message.id, message);
    showAfter(queue, message, delaySeconds);
    return message.id;
  };
  /** docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html */
  const isSpent = ({ settings }: Queue, { receiveCount }: Stored): boolean =>
    settings.redrive !== undefined && receiveCount >= settings.redrive.maxReceiveCount;
  const bury = (queue: Queue, { id, body }: Stored): void => {
    queue.messages.delete(id);
    add(queueOf(queue.settings.redrive?.deadLetterArn ?? ''), body, 0);
  };
  const take = (queue: Queue, message: Stored, seconds = queue.settings.visibilitySeconds ?? 30): Message => {
    message.receiveCount += 1;
    message.firstReceivedAt ??= clock.now();
    message.receiptHandle = `${message.id}#${message.receiveCount}`;
    showAfter(queue, message, seconds);
    const { id, body, sentAt, receiveCount, firstReceivedAt, receiptHandle, attributes } = message;
    return { id, body, sentAt, receiveCount, firstReceivedAt, receiptHandle, attributes };
  };

  return {
    createQueue(settings) {
      const queue = queues.get(settings.arn);
      if (queue === undefined) queues.set(settings.arn, { settings, messages: new Map(), listeners: [] });
      else queue.settings = settings;
    },
    deleteQueue: (arn) => void queues.delete(arn),
    has: (arn) => queues.has(arn),
    send(arn, body, delaySeconds = 0, attributes = {}) {
      if (!(Number.isInteger(delaySeconds) && delaySeconds >= 0 && delaySeconds <= MAX_DELAY_SECONDS)) {
        throw new WireFault(
          'InvalidParameterValue',
          `Value ${delaySeconds} for parameter DelaySeconds is invalid. Reason: Must be between 0 and 900.`,
        );
      }
      if (body === '') throw new WireFault('MissingParameter', 'The request must contain the parameter MessageBody.');
      return add(queueOf(arn), body, delaySeconds, attributes);
    },
    receive(arn, max, visibilitySeconds) {
      const queue = queueOf(arn);
      const spent = visible(queue).filter((message) => isSpent(queue, message));
      for (const message of spent) bury(queue, message);
      return visible(queue)
        .slice(0, max)
        .map((message) => take(queue, message, visibilitySeconds));
    },
    remove(arn, receiptHandle) {
      const queue = queueOf(arn);
      queue.messages.delete(byReceipt(queue, receiptHandle)?.id ?? '');
    },
    changeVisibility(arn, receiptHandle, seconds) {
      const queue = queueOf(arn);
      const message = byReceipt(queue, receiptHandle);
      if (message !== undefined) showAfter(queue, message, seconds);
      return message !== undefined;
    },
    oldest(arn) {
      const times = [...queueOf(arn).messages.values()].map(({ sentAt }) => sentAt.getTime());
      return times.length === 0 ? undefined : new Date(Math.min(...times));
    },
    depth(arn) {
      const queue = queueOf(arn);
      const shown = visible(queue).length;
      return { visible: shown, hidden: queue.messages.size - shown };
    },
    bodies: (arn) => [...queueOf(arn).messages.values()].map(({ body }) => body),
    settings: (arn) => queueOf(arn).settings,
    onVisible(arn, listener) {
      const queue = queueOf(arn);
      queue.listeners = [...queue.listeners, listener];
      return () => {
        queue.listeners = queue.listeners.filter((other) => other !== listener);
      };
    },
  };
}

/** A newer receive makes a handle worthless: docs…/APIReference/API_DeleteMessage.html */
function byReceipt({ messages }: Queue, receiptHandle: string): Stored | undefined {
  const message = messages.get(receiptHandle.split('#')[0] ?? '');
  return message?.receiptHandle === receiptHandle ? message : undefined;
}
