import { SendMessageBatchCommand, SendMessageCommand, SQSClient, ListQueuesCommand } from '@aws-sdk/client-sqs';
import { describe, expect, test } from 'vitest';
import { virtualClock } from '../../../sandbox/account/clock.ts';
import { createCredentials } from '../../../sandbox/account/credentials.ts';
import { mapQueue, type EventSourceSettings } from '../../../sandbox/account/event-source.ts';
import { createSqs } from '../../../sandbox/account/sqs.ts';
import { sqsHandler } from '../../../sandbox/account/sqs-wire.ts';
import { surroundings } from '../../../sandbox/account/surroundings.ts';
import { clientConfig, testFace } from './account-clients.ts';

const arn = (name: string) => `arn:aws:sqs:us-east-1:123456789012:${name}`;
const bells = arn('bells');
const START = new Date('2026-11-22T10:00:00Z');

function queues() {
  const clock = virtualClock(START);
  const sqs = createSqs(clock);
  sqs.createQueue({ name: 'dead', arn: arn('dead') });
  sqs.createQueue({
    name: 'bells',
    arn: bells,
    visibilitySeconds: 60,
    redrive: { deadLetterArn: arn('dead'), maxReceiveCount: 2 },
  });
  return { clock, sqs };
}

async function wire() {
  const { clock, sqs } = queues();
  const world = surroundings({ clock, publish: () => {} });
  const face = await testFace({ targets: { AmazonSQS: sqsHandler(sqs, world) } });
  const client = new SQSClient(clientConfig(face.url, createCredentials(clock).issue()));
  return { clock, sqs, client, QueueUrl: `${face.url}/123456789012/bells` };
}

describe('sending over the wire', () => {
  test('a message is there at once, a delayed one after its delay', async () => {
    const { client, sqs, clock, QueueUrl } = await wire();
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'now' }));
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'later', DelaySeconds: 900 }));
    expect(sqs.depth(bells)).toEqual({ visible: 1, hidden: 1 });
    await clock.advance(899_000);
    expect(sqs.depth(bells)).toEqual({ visible: 1, hidden: 1 });
    await clock.advance(1000);
    expect(sqs.depth(bells)).toEqual({ visible: 2, hidden: 0 });
  });

  test('a batch answers each entry for itself', async () => {
    const { client, sqs, QueueUrl } = await wire();
    const Entries = [
      { Id: 'a', MessageBody: 'x' },
      { Id: 'b', MessageBody: 'y', DelaySeconds: 901 },
    ];
    const { Successful, Failed } = await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    expect(Successful?.map(({ Id }) => Id)).toEqual(['a']);
    expect(Failed).toMatchObject([{ Id: 'b', Code: 'InvalidParameterValue' }]);
    expect(sqs.bodies(bells)).toEqual(['x']);
  });

  test.each<[string, { Id: string; MessageBody: string }[]]>([
    ['TooManyEntriesInBatchRequest', Array.from({ length: 11 }, (_, n) => ({ Id: `m${n}`, MessageBody: 'x' }))],
    ['EmptyBatchRequest', []],
    [
      'BatchEntryIdsNotDistinct',
      [
        { Id: 'a', MessageBody: 'x' },
        { Id: 'a', MessageBody: 'y' },
      ],
    ],
  ])('%s is refused', async (name, Entries) => {
    const { client, QueueUrl } = await wire();
    await expect(client.send(new SendMessageBatchCommand({ QueueUrl, Entries }))).rejects.toMatchObject({ name });
  });

  test('what is not there or not modelled says so', async () => {
    const { client, QueueUrl } = await wire();
    const send = (change: object) => client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x', ...change }));
    await expect(send({ QueueUrl: QueueUrl.replace('bells', 'none') })).rejects.toMatchObject({
      name: 'QueueDoesNotExist',
    });
    await expect(send({ DelaySeconds: 901 })).rejects.toMatchObject({ name: 'InvalidParameterValue' });
    await expect(send({ MessageAttributes: { a: { DataType: 'String', StringValue: 'b' } } })).rejects.toMatchObject({
      name: 'NotImplemented',
    });
    await expect(client.send(new ListQueuesCommand({}))).rejects.toMatchObject({ name: 'NotImplemented' });
  });
});

describe('receiving', () => {
  test('a received message is hidden for the visibility timeout, then comes back with its count', async () => {
    const { clock, sqs } = queues();
    sqs.send(bells, 'x');
    expect(sqs.receive(bells, 10)).toMatchObject([{ body: 'x', receiveCount: 1 }]);
    expect(sqs.receive(bells, 10)).toEqual([]);
    await clock.advance(60_000);
    expect(sqs.receive(bells, 10)).toMatchObject([{ receiveCount: 2 }]);
  });

  test('after maxReceiveCount receives the message is in the dead-letter queue', async () => {
    const { clock, sqs } = queues();
    sqs.send(bells, 'poison');
    for (let n = 0; n < 3; n += 1) {
      sqs.receive(bells, 10);
      await clock.advance(60_000);
    }
    expect([sqs.bodies(bells), sqs.bodies(arn('dead'))]).toEqual([[], ['poison']]);
  });

  test('a receipt handle of an earlier receive deletes nothing', async () => {
    const { clock, sqs } = queues();
    sqs.send(bells, 'x');
    const [first] = sqs.receive(bells, 1);
    await clock.advance(60_000);
    const [second] = sqs.receive(bells, 1);
    sqs.remove(bells, first?.receiptHandle ?? '');
    expect(sqs.bodies(bells)).toEqual(['x']);
    sqs.remove(bells, second?.receiptHandle ?? '');
    expect(sqs.bodies(bells)).toEqual([]);
  });
});

const MAPPING: EventSourceSettings = {
  queueArn: bells,
  batchSize: 4,
  windowSeconds: 2,
  maxConcurrency: 2,
  reportsFailures: true,
};
interface Batch {
  readonly Records: readonly { readonly messageId: string; readonly body: string }[];
}
const bodies = ({ Records }: Batch) => Records.map(({ body }) => body);

describe('the event source mapping', () => {
  test('messages inside the window are one batch, a full batch does not wait for it', async () => {
    const { clock, sqs } = queues();
    const batches: [number, string[]][] = [];
    mapQueue(sqs, clock, MAPPING, async (event) => {
      batches.push([clock.now().getTime() - START.getTime(), bodies(event as Batch)]);
    });
    sqs.send(bells, 'a');
    await clock.advance(1000);
    sqs.send(bells, 'b');
    await clock.advance(5000);
    for (const body of ['c', 'd', 'e', 'f', 'g']) sqs.send(bells, body);
    await clock.advance(10_000);
    expect(batches).toEqual([
      [2000, ['a', 'b']],
      [6000, ['c', 'd', 'e', 'f']],
      [8000, ['g']],
    ]);
    expect(sqs.bodies(bells)).toEqual([]);
  });

  test.each<[string, (batch: Batch) => unknown, string[]]>([
    [
      'only the reported message comes back',
      ({ Records }) => ({ batchItemFailures: [{ itemIdentifier: Records[1]?.messageId }] }),
      ['b'],
    ],
    [
      'an id that is not in the batch fails the whole batch',
      () => ({ batchItemFailures: [{ itemIdentifier: 'other' }] }),
      ['a', 'b'],
    ],
    ['a list of failures that is no list fails the whole batch', () => ({ batchItemFailures: 'b' }), ['a', 'b']],
    ['no failures: nothing comes back', () => ({ batchItemFailures: [] }), []],
    ['a thrown error fails the whole batch', () => Promise.reject(new Error('crash')), ['a', 'b']],
  ])('%s', async (_name, answer, left) => {
    const { clock, sqs } = queues();
    mapQueue(sqs, clock, MAPPING, async (event) => await answer(event as Batch));
    sqs.send(bells, 'a');
    sqs.send(bells, 'b');
    await clock.advance(3000);
    expect(sqs.bodies(bells)).toEqual(left);
  });

  test('a message that always fails ends in the dead-letter queue', async () => {
    const { clock, sqs } = queues();
    let runs = 0;
    mapQueue(sqs, clock, MAPPING, () => {
      runs += 1;
      return Promise.reject(new Error('always'));
    });
    sqs.send(bells, 'poison');
    await clock.advance(600_000);
    expect([runs, sqs.bodies(arn('dead'))]).toEqual([2, ['poison']]);
  });

  test('no more than two batches are under way at once', async () => {
    const { clock, sqs } = queues();
    const finish: (() => void)[] = [];
    mapQueue(
      sqs,
      clock,
      { ...MAPPING, windowSeconds: 0, batchSize: 1 },
      () => new Promise((resolve) => void finish.push(() => resolve(null))),
    );
    for (const body of ['a', 'b', 'c']) sqs.send(bells, body);
    // The virtual clock waits for its tasks, so each of these stands for one container that is busy.
    void clock.advance(0);
    void clock.advance(0);
    void clock.advance(0);
    await expect.poll(() => finish.length).toBe(2);
    finish[0]?.();
    await expect.poll(() => sqs.bodies(bells).length).toBe(2);
    void clock.advance(0);
    await expect.poll(() => finish.length).toBe(3);
  });

  test.each([
    ['a batch over 10 without a window', { batchSize: 11, windowSeconds: 0 }, /needs a MaximumBatchingWindowInSeconds/],
    ['a concurrency of one', { maxConcurrency: 1 }, /MaximumConcurrency 1 is not 2 to 1,000/],
  ])('%s is refused as AWS does', (_name, change, reason) => {
    const { clock, sqs } = queues();
    expect(() => mapQueue(sqs, clock, { ...MAPPING, ...change }, async () => null)).toThrow(reason);
  });
});
