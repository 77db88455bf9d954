import { EC2Client } from '@aws-sdk/client-ec2';
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { chunksOf, required } from '../../shared/aws/aws-error.ts';
import { ec2Fleet } from '../../shared/aws/ec2-fleet.ts';
import { sqsDoorbells } from '../../shared/aws/sqs-doorbells.ts';
import { ConfigError, UnavailableError } from '../../shared/core/errors.ts';
import type { Place } from '../place-options.ts';
import type { DeadLetter, DeadLetters, RedrivePorts } from '../redrive/redrive-run.ts';
import { inWords, notDeployed } from './in-words.ts';
import { findStack, stackName } from './stack.ts';

/** SQS: a receive and a batch have at most 10 messages. */
const AT_ONCE = 10;
/** Long enough for thousands of messages; SQS hides one for 12 hours at most. */
const HIDDEN_SECONDS = 1800;
/** A long poll asks all of SQS's servers: a short one may answer nothing though there is something. */
const POLL_SECONDS = 2;

/** The queues of the deployed stack, by its outputs. */
export async function redrivePorts(place: Place): Promise<RedrivePorts> {
  const stack = await findStack(place);
  if (stack === undefined) throw new ConfigError(notDeployed(place));
  const url = (name: string): string => {
    const found = stack.outputs[name];
    if (found === undefined) throw new ConfigError(`the stack ${stackName(place)} has no output ${name}: deploy again`);
    return found;
  };
  const sqs = new SQSClient({ region: place.region });
  const bell = sqsDoorbells(sqs, url('DoorbellQueueUrl'));
  const fleet = ec2Fleet(new EC2Client({ region: place.region }));
  return {
    queues: {
      rules: deadLetters(sqs, url('RuleDeadLetterQueueUrl'), place),
      doorbells: deadLetters(sqs, url('DoorbellDeadLetterQueueUrl'), place),
    },
    ring: (ids) => inWords('sqs:SendMessage', place, () => bell.ring(ids)),
    async clustersOf(ids) {
      const found = await inWords('ec2:DescribeInstances', place, () => fleet.instances(ids));
      return new Map([...found].flatMap(([id, { clusterId }]) => (clusterId === undefined ? [] : [[id, clusterId]])));
    },
  };
}

function deadLetters(sqs: SQSClient, QueueUrl: string, place: Place): DeadLetters {
  /** `run` answers what SQS did not do. */
  const inBatches = async (
    operation: string,
    letters: readonly DeadLetter[],
    run: (entries: { Id: string; ReceiptHandle: string }[]) => Promise<{ Failed?: readonly unknown[] | undefined }>,
  ): Promise<void> => {
    for (const chunk of chunksOf(AT_ONCE, letters)) {
      const entries = chunk.map(({ receipt }, index) => ({ Id: String(index), ReceiptHandle: receipt }));
      const { Failed = [] } = await inWords(operation, place, () => run(entries));
      if (Failed.length > 0) throw new UnavailableError(`${operation} left out ${Failed.length} messages: try again`);
    }
  };
  return {
    async receive() {
      const { Messages = [] } = await inWords('sqs:ReceiveMessage', place, () =>
        sqs.send(
          new ReceiveMessageCommand({
            QueueUrl,
            MaxNumberOfMessages: AT_ONCE,
            VisibilityTimeout: HIDDEN_SECONDS,
            WaitTimeSeconds: POLL_SECONDS,
            MessageSystemAttributeNames: ['SentTimestamp'],
            MessageAttributeNames: ['ERROR_CODE'],
          }),
        ),
      );
      return Messages.map(toLetter);
    },
    delete: (letters) =>
      inBatches('sqs:DeleteMessage', letters, (Entries) =>
        sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries })),
      ),
    release: (letters) =>
      inBatches('sqs:ChangeMessageVisibility', letters, (entries) => {
        const Entries = entries.map((entry) => ({ ...entry, VisibilityTimeout: 0 }));
        return sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }));
      }),
  };
}

/** EventBridge says in the attribute ERROR_CODE why it could not deliver (EventBridge, "dead-letter queues"). */
const toLetter = ({ MessageId, ReceiptHandle, Body, Attributes, MessageAttributes }: Message): DeadLetter => ({
  id: required(MessageId, 'MessageId'),
  receipt: required(ReceiptHandle, 'ReceiptHandle'),
  body: Body ?? '',
  sentAt: new Date(Number(Attributes?.SentTimestamp)),
  ...(MessageAttributes?.['ERROR_CODE']?.StringValue !== undefined && {
    error: MessageAttributes['ERROR_CODE'].StringValue,
  }),
});
