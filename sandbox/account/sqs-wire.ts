import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { jsonHandler, operation } from './aws-json.ts';
import { consumerOperations } from './sqs-consume.ts';
import type { Sqs } from './sqs.ts';
import type { Surroundings } from './surroundings.ts';
import { WireFault, type WireHandler } from './wire.ts';

const message = { MessageBody: z.string(), DelaySeconds: z.optional(z.int()) };
const sendInput = z.strictObject({ QueueUrl: z.string(), ...message });
const batchInput = z.strictObject({
  QueueUrl: z.string(),
  Entries: z.array(z.strictObject({ Id: z.string().check(z.regex(/^[A-Za-z0-9_-]{1,80}$/)), ...message })),
});
/** docs: AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes. */
const attributesInput = z.strictObject({
  QueueUrl: z.string(),
  AttributeNames: z.array(
    z.enum(['All', 'QueueArn', 'ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible']),
  ),
});
type Entry = z.output<typeof batchInput>['Entries'][number];

/** SendMessageBatch: docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html */
const MAX_ENTRIES = 10;

/** The part of SQS that the functions call; consuming is the event source mapping's. */
export function sqsHandler(sqs: Sqs, world: Surroundings): WireHandler {
  const { region } = world;
  const send = (queueUrl: string, { MessageBody, DelaySeconds }: Omit<Entry, 'Id'>) => ({
    MessageId: sqs.send(toArn(queueUrl, region), MessageBody, DelaySeconds),
    MD5OfMessageBody: createHash('md5').update(MessageBody).digest('hex'),
  });
  return jsonHandler(
    'AmazonSQS',
    {
      ...consumerOperations(sqs, (queueUrl) => toArn(queueUrl, region)),
      GetQueueAttributes: operation(attributesInput, ({ QueueUrl, AttributeNames }) => {
        const arn = toArn(QueueUrl, region);
        const { visible, hidden } = sqs.depth(arn);
        const all = {
          QueueArn: arn,
          ApproximateNumberOfMessages: String(visible),
          ApproximateNumberOfMessagesNotVisible: String(hidden),
        };
        const isAsked = (name: string): boolean => AttributeNames.some((asked) => asked === 'All' || asked === name);
        return { Attributes: Object.fromEntries(Object.entries(all).filter(([name]) => isAsked(name))) };
      }),
      SendMessage: operation(sendInput, ({ QueueUrl, ...rest }) => send(QueueUrl, rest)),
      SendMessageBatch: operation(batchInput, ({ QueueUrl, Entries }) => {
        checkEntries(Entries);
        sqs.settings(toArn(QueueUrl, region));
        const outcomes = Entries.map((entry) => outcomeOf(entry, () => send(QueueUrl, entry)));
        return {
          Successful: outcomes.filter((outcome) => 'MessageId' in outcome),
          Failed: outcomes.filter((outcome) => 'SenderFault' in outcome),
        };
      }),
    },
    world,
  );
}

const outcomeOf = <Sent extends object>({ Id }: Entry, run: () => Sent) => {
  try {
    return { Id, ...run() };
  } catch (error) {
    if (!(error instanceof WireFault)) throw error;
    return { Id, Code: error.code, Message: error.message, SenderFault: true };
  }
};

function checkEntries(entries: readonly Entry[]): void {
  if (entries.length === 0)
    throw new WireFault('EmptyBatchRequest', 'There should be at least one entry in the request.');
  if (entries.length > MAX_ENTRIES) {
    throw new WireFault(
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are 10. You have sent ${entries.length}.`,
    );
  }
  if (new Set(entries.map(({ Id }) => Id)).size < entries.length) {
    throw new WireFault('BatchEntryIdsNotDistinct', 'Two or more batch entries in the request have the same Id.');
  }
}

/** The ARN of the queue at `https://<any host>/<account>/<name>`: docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-message-identifiers.html */
export function toArn(queueUrl: string, region: string): string {
  const [, accountId, name] = /^https?:\/\/[^/]+\/(\d{12})\/([\w-]{1,80})$/.exec(queueUrl) ?? [];
  if (name === undefined)
    throw new WireFault('InvalidAddress', `The address ${queueUrl} is not valid for this endpoint.`, 404);
  return `arn:aws:sqs:${region}:${accountId}:${name}`;
}
