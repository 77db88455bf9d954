import { SQSClient } from '@aws-sdk/client-sqs';
import { expect, onTestFinished, test } from 'vitest';
import { createAccount } from '../../sandbox/account/account.ts';
import { virtualClock } from '../../sandbox/account/clock.ts';
import { QUICK } from '../../sandbox/account/compute.ts';
import { openFace } from '../../sandbox/account/face.ts';
import { sqsDoorbells } from '../../shared/aws/sqs-doorbells.ts';
import { toSignal } from '../../shared/core/event.ts';
import type { ClusterId } from '../../shared/core/model.ts';

const ARN = 'arn:aws:sqs:us-east-1:123456789012:doorbells';

/** Doorbells have one implementation: tests in process read what was rung from a list. */
async function queue() {
  const clock = virtualClock(new Date());
  const account = createAccount({ clock, timings: QUICK });
  account.sqs.createQueue({ name: 'doorbells', arn: ARN });
  const face = await openFace({ handlers: account.handlers, port: 0 });
  onTestFinished(async () => {
    await face.close();
    await account.stop();
  });
  const client = new SQSClient({
    endpoint: face.url,
    region: 'us-east-1',
    credentials: account.credentials.issue(),
    maxAttempts: 2,
  });
  const doorbells = (name: string) => sqsDoorbells(client, `${face.url}/123456789012/${name}`);
  return { account, clock, doorbells };
}

test('each cluster rings once, and on-event understands it', async () => {
  const { account, doorbells } = await queue();
  const ids = Array.from({ length: 25 }, (_, n) => `j-${n}` as ClusterId);
  await doorbells('doorbells').ring([...ids, 'j-0']);
  const signals = account.sqs.bodies(ARN).map((body) => toSignal(JSON.parse(body)));
  expect(signals).toEqual(ids.map((at) => ({ kind: 'reconcile', at })));
});

test('a delayed doorbell rings when its time has come', async () => {
  const { account, clock, doorbells } = await queue();
  await doorbells('doorbells').ring(['j-1'], 60);
  expect(account.sqs.depth(ARN)).toEqual({ visible: 0, hidden: 1 });
  await clock.advance(60_000);
  expect(account.sqs.depth(ARN)).toEqual({ visible: 1, hidden: 0 });
});

test('a delay that SQS does not take is a mistake, not worth a retry', async () => {
  const { doorbells } = await queue();
  await expect(doorbells('doorbells').ring(['j-1'], 901)).rejects.toMatchObject({
    name: 'ConfigError',
    retryable: false,
  });
});

test('a queue that is not there is for a person to mend', async () => {
  const { doorbells } = await queue();
  await expect(doorbells('elsewhere').ring(['j-1'])).rejects.toMatchObject({ name: 'ConfigError', retryable: false });
});

test('nothing to ring makes no call', async () => {
  const { doorbells } = await queue();
  await expect(doorbells('elsewhere').ring([])).resolves.toBeUndefined();
});
