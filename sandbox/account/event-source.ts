import { createHash } from 'node:crypto';
import type { Clock } from './clock.ts';
import type { Message, Sqs } from './sqs.ts';

/** A Lambda event source mapping on a queue. */
export interface EventSourceSettings {
  readonly queueArn: string;
  readonly batchSize: number;
  /** MaximumBatchingWindowInSeconds. */
  readonly windowSeconds: number;
  /** ScalingConfig.MaximumConcurrency, 2 to 1,000. */
  readonly maxConcurrency: number;
  /** FunctionResponseTypes holds ReportBatchItemFailures. */
  readonly reportsFailures: boolean;
}

/** The answer is the function's payload; a rejection is an invocation that failed. */
type Invoke = (event: unknown) => Promise<unknown>;

/**
 * A batch is closed by its size or its window: docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
 * The invocation is part of the clock's task, so a virtual clock waits for it: an in-process function must not itself
 * wait for that clock. The answer ends the mapping; a batch that has begun is brought to its end.
 */
export function mapQueue(sqs: Sqs, clock: Clock, settings: EventSourceSettings, invoke: Invoke): () => void {
  check(settings, sqs);
  const { queueArn, batchSize, windowSeconds, maxConcurrency } = settings;
  let running = 0;
  let cancelWindow: (() => void) | undefined;
  let ended = false;

  const wake = (): void => {
    if (ended) return;
    const { visible } = sqs.depth(queueArn);
    if (visible === 0 || running >= maxConcurrency) return;
    if (visible < batchSize && cancelWindow !== undefined) return;
    cancelWindow?.();
    cancelWindow = clock.after(visible < batchSize ? windowSeconds * 1000 : 0, runBatch);
  };
  const runBatch = async (): Promise<void> => {
    cancelWindow = undefined;
    const messages = sqs.receive(queueArn, batchSize);
    if (messages.length === 0) return;
    running += 1;
    wake();
    const failed = await invoke({ Records: messages.map((message) => toRecord(message, queueArn)) }).then(
      (answer) => failedIds(answer, messages, settings),
      () => new Set(messages.map(({ id }) => id)),
    );
    if (sqs.has(queueArn)) {
      for (const { id, receiptHandle } of messages) if (!failed.has(id)) sqs.remove(queueArn, receiptHandle);
    }
    running -= 1;
    wake();
  };
  const unlisten = sqs.onVisible(queueArn, wake);
  // Messages may have waited for it.
  wake();
  return () => {
    ended = true;
    cancelWindow?.();
    unlisten();
  };
}

function check({ queueArn, batchSize, windowSeconds, maxConcurrency }: EventSourceSettings, sqs: Sqs): void {
  const problems = [
    ...(batchSize >= 1 && batchSize <= 10_000 ? [] : [`BatchSize ${batchSize} is not 1 to 10,000`]),
    ...(windowSeconds >= 0 && windowSeconds <= 300
      ? []
      : [`MaximumBatchingWindowInSeconds ${windowSeconds} is not 0 to 300`]),
    ...(batchSize > 10 && windowSeconds < 1
      ? ['a BatchSize over 10 needs a MaximumBatchingWindowInSeconds of at least 1']
      : []),
    ...(maxConcurrency >= 2 && maxConcurrency <= 1000
      ? []
      : [`MaximumConcurrency ${maxConcurrency} is not 2 to 1,000`]),
  ];
  if (problems.length > 0)
    throw new Error(`event source mapping of ${sqs.settings(queueArn).name}: ${problems.join('; ')}`);
}

/** docs.aws.amazon.com/lambda/latest/dg/with-sqs.html "Example standard queue message event". */
const toRecord = ({ id, body, receiptHandle, receiveCount, sentAt, firstReceivedAt }: Message, queueArn: string) => ({
  messageId: id,
  receiptHandle,
  body,
  attributes: {
    ApproximateReceiveCount: String(receiveCount),
    SentTimestamp: String(sentAt.getTime()),
    SenderId: 'AIDAIENQZJOLO23YVJ4VO',
    ApproximateFirstReceiveTimestamp: String(firstReceivedAt.getTime()),
  },
  messageAttributes: {},
  md5OfBody: createHash('md5').update(body).digest('hex'),
  eventSource: 'aws:sqs',
  eventSourceARN: queueArn,
  awsRegion: queueArn.split(':')[3],
});

/**
 *   answer                                        → failed
 *   null, {}, { batchItemFailures: null or [] }   → none
 *   every itemIdentifier is one of the batch's    → those
 *   anything else                                 → the whole batch
 * docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
function failedIds(
  answer: unknown,
  messages: readonly Message[],
  { reportsFailures }: EventSourceSettings,
): ReadonlySet<string> {
  const none = new Set<string>();
  const all = new Set(messages.map(({ id }) => id));
  if (!reportsFailures || answer === null || answer === undefined) return none;
  if (typeof answer !== 'object') return all;
  const failures = 'batchItemFailures' in answer ? answer.batchItemFailures : undefined;
  if (failures === null || failures === undefined) return none;
  if (!Array.isArray(failures)) return all;
  const ids = failures.map((failure: { itemIdentifier?: unknown } | null) => String(failure?.itemIdentifier));
  return ids.every((id) => all.has(id)) ? new Set(ids) : all;
}
