import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { type Operation, operation } from './aws-json.ts';
import type { Message, Sqs } from './sqs.ts';
import { WireFault } from './wire.ts';

const seconds = (most: number) => z.optional(z.int().check(z.gte(0), z.lte(most)));
const receiveInput = z.strictObject({
  QueueUrl: z.string(),
  MaxNumberOfMessages: z._default(z.int().check(z.gte(1), z.lte(10)), 1),
  VisibilityTimeout: seconds(43_200),
  /** A long poll: here all that there is is found at once. */
  WaitTimeSeconds: seconds(20),
  MessageSystemAttributeNames: z._default(z.array(z.literal('SentTimestamp')), []),
  MessageAttributeNames: z._default(z.array(z.string()), []),
});
const entry = { Id: z.string(), ReceiptHandle: z.string() };
const batchOf = <Entry extends z.ZodMiniType>(one: Entry) =>
  z.strictObject({ QueueUrl: z.string(), Entries: z.array(one).check(z.minLength(1), z.maxLength(10)) });
const deleteInput = batchOf(z.strictObject(entry));
const changeInput = batchOf(z.strictObject({ ...entry, VisibilityTimeout: z.int().check(z.gte(0), z.lte(43_200)) }));

/** What a consumer calls: docs AWSSimpleQueueService/latest/APIReference, API_ReceiveMessage and so on. */
export const consumerOperations = (
  sqs: Sqs,
  toArn: (queueUrl: string) => string,
): Readonly<Record<string, Operation>> => ({
  ReceiveMessage: operation(receiveInput, (input) => {
    const found = sqs.receive(toArn(input.QueueUrl), input.MaxNumberOfMessages, input.VisibilityTimeout);
    return found.length === 0 ? {} : { Messages: found.map((message) => toMessage(message, input)) };
  }),
  DeleteMessageBatch: operation(deleteInput, ({ QueueUrl, Entries }) => {
    const arn = toArn(QueueUrl);
    return each(Entries, ({ ReceiptHandle }) => {
      sqs.remove(arn, ReceiptHandle);
      return true;
    });
  }),
  ChangeMessageVisibilityBatch: operation(changeInput, ({ QueueUrl, Entries }) => {
    const arn = toArn(QueueUrl);
    return each(Entries, ({ ReceiptHandle, VisibilityTimeout }) =>
      sqs.changeVisibility(arn, ReceiptHandle, VisibilityTimeout),
    );
  }),
});

const toMessage = (
  { id, body, receiptHandle, sentAt, attributes }: Message,
  { MessageSystemAttributeNames: system, MessageAttributeNames: named }: z.output<typeof receiveInput>,
) => ({
  MessageId: id,
  ReceiptHandle: receiptHandle,
  Body: body,
  MD5OfBody: createHash('md5').update(body).digest('hex'),
  ...(system.length > 0 && { Attributes: { SentTimestamp: String(sentAt.getTime()) } }),
  MessageAttributes: Object.fromEntries(
    Object.entries(attributes)
      .filter(([name]) => named.includes(name) || named.includes('All'))
      .map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
  ),
});

/** `run` answers whether the message could be changed. */
function each<Entry extends { readonly Id: string }>(entries: readonly Entry[], run: (entry: Entry) => boolean) {
  if (new Set(entries.map(({ Id }) => Id)).size < entries.length) {
    throw new WireFault('BatchEntryIdsNotDistinct', 'Two or more batch entries in the request have the same Id.');
  }
  const { done = [], failed = [] } = Object.groupBy(entries, (one) => (run(one) ? 'done' : 'failed'));
  return { Successful: done.map(({ Id }) => ({ Id })), Failed: failed.map(({ Id }) => ({ Id, ...UNAVAILABLE })) };
}

const UNAVAILABLE = {
  SenderFault: true,
  Code: 'InvalidParameterValue',
  Message: 'Reason: Message does not exist or is not available for visibility timeout change.',
};
