import { SQSClient } from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import { sqsDoorbells } from '../../shared/aws/sqs-doorbells.ts';
import type { ClusterId } from '../../shared/core/model.ts';
import { toSignal } from '../../shared/core/event.ts';
import { type Answer, type Asked, awsStub, json, jsonError } from './aws-stub.ts';

interface Entry {
  readonly Id: string;
  readonly MessageBody: string;
  readonly DelaySeconds: number;
}
const entriesOf = ({ input }: Asked) => input['Entries'] as readonly Entry[];

const taken = (asked: Asked, Failed: readonly object[] = []): Answer =>
  json({ Successful: entriesOf(asked).map(({ Id }) => ({ Id, MessageId: Id, MD5OfMessageBody: 'x' })), Failed });

async function sqs(answer: (asked: Asked) => Answer) {
  const stub = await awsStub(answer);
  const client = new SQSClient({ ...stub.client, md5: false });
  return { ...stub, doorbells: sqsDoorbells(client, `${stub.client.endpoint}/123456789012/doorbells`) };
}

test('25 clusters ring in three calls of at most 10 messages, each once', async () => {
  const ids = Array.from({ length: 25 }, (_, index) => `j-${index}` as ClusterId);
  const { doorbells, asked } = await sqs((call) => taken(call));
  await doorbells.ring([...ids, ...ids]);
  expect(asked.map((call) => entriesOf(call).length)).toEqual([10, 10, 5]);
  const signals = asked.flatMap(entriesOf).map(({ MessageBody }) => toSignal(JSON.parse(MessageBody)));
  expect(signals).toMatchObject(ids.map((at) => ({ kind: 'reconcile', at })));
});

test('a delay is given to each message', async () => {
  const { doorbells, asked } = await sqs((call) => taken(call));
  await doorbells.ring(['j-1'], 60);
  expect(asked.flatMap(entriesOf)).toMatchObject([{ DelaySeconds: 60 }]);
});

test('one message that the queue did not take fails the call, and can be retried', async () => {
  const { doorbells } = await sqs((call) => taken(call, [{ Id: '1', Code: 'InternalError', SenderFault: false }]));
  await expect(doorbells.ring(['j-1', 'j-2'])).rejects.toMatchObject({
    name: 'UnavailableError',
    message: 'sqs:SendMessageBatch left out j-2 InternalError',
  });
});

test('a message that is our own fault is not retried', async () => {
  const { doorbells } = await sqs((call) =>
    taken(call, [{ Id: '0', Code: 'InvalidParameterValue', SenderFault: true }]),
  );
  await expect(doorbells.ring(['j-1'])).rejects.toMatchObject({ name: 'ConfigError' });
});

test('a missing queue is for a person to mend', async () => {
  const { doorbells } = await sqs(() => jsonError('com.amazonaws.sqs#QueueDoesNotExist', 'no such queue'));
  await expect(doorbells.ring(['j-1'])).rejects.toMatchObject({ name: 'ConfigError' });
});
