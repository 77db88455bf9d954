import type { Clock } from '../../sandbox/account/clock.ts';
import type { BusEvent } from '../../sandbox/account/events.ts';
import { createSqs } from '../../sandbox/account/sqs.ts';
import type { ClusterId } from '../../shared/core/model.ts';
import { toSignal } from '../../shared/core/event.ts';
import { latenessOfEvent, type Troubles } from './faults.ts';
import { SECOND } from './time.ts';

/** The rules, and the queue in front of on-event with its consumers. */
export interface Queue {
  readonly publish: (event: BusEvent) => void;
  readonly ring: (ids: readonly ClusterId[], delaySeconds?: number) => Promise<void>;
  /** `consume` answers the ids of the messages to deliver again; undefined: all of them. */
  readonly onBatch: (consume: (messages: readonly Message[]) => Promise<readonly string[] | undefined>) => void;
}

interface Message {
  readonly messageId: string;
  readonly body: string;
}

const QUEUE = 'queue';
/** serverless.yml and infra/resources/queues.yml */
const BATCH = 100;
const WINDOW = SECOND;
const CONSUMERS = 2;

export function createQueue(clock: Clock, trouble: Troubles): Queue {
  const sqs = createSqs(clock);
  sqs.createQueue({ name: 'dead', arn: 'dead' });
  sqs.createQueue({
    name: QUEUE,
    arn: QUEUE,
    visibilitySeconds: 370,
    redrive: { deadLetterArn: 'dead', maxReceiveCount: 5 },
  });
  let consume: Parameters<Queue['onBatch']>[0] = async () => [];
  let consuming = 0;
  let isWindowOpen = false;

  function wake(): void {
    if (isWindowOpen || consuming >= CONSUMERS || sqs.depth(QUEUE).visible === 0) return;
    isWindowOpen = true;
    clock.after(WINDOW, () => {
      isWindowOpen = false;
      void runBatch();
    });
  }

  async function runBatch(): Promise<void> {
    const messages = sqs.receive(QUEUE, BATCH);
    if (messages.length === 0) return;
    consuming += 1;
    wake();
    const again = await consume(messages.map(({ id, body }) => ({ messageId: id, body })));
    for (const { id, receiptHandle } of messages) {
      if (again !== undefined && !again.includes(id)) sqs.remove(QUEUE, receiptHandle);
    }
    consuming -= 1;
    wake();
  }

  const send = (event: BusEvent): void => void sqs.send(QUEUE, JSON.stringify(event));
  sqs.onVisible(QUEUE, wake);
  return {
    publish(event) {
      if (toSignal(event).kind !== 'reconcile') return;
      if (trouble.strikes('event lost', 0.2)) return;
      if (trouble.strikes('event doubled', 0.1)) send(event);
      if (trouble.strikes('event late', 0.1)) clock.after(latenessOfEvent(trouble), () => send(event));
      else send(event);
    },
    async ring(ids, delaySeconds) {
      for (const clusterId of ids) sqs.send(QUEUE, JSON.stringify({ clusterId }), delaySeconds);
    },
    onBatch: (next) => void (consume = next),
  };
}
