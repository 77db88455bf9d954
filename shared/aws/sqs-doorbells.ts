import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { ConfigError, UnavailableError } from '../core/errors.ts';
import type { ClusterId } from '../core/model.ts';
import type { Doorbells } from '../ports.ts';
import { aws, chunksOf } from './aws-error.ts';

/** SQS SendMessageBatch: at most 10 messages. */
const MESSAGES_PER_CALL = 10;

/** One message per cluster; a doorbell that rings twice is harmless, so the SDK may repeat a call. */
export function sqsDoorbells(client: SQSClient, queueUrl: string): Doorbells {
  return {
    async ring(ids, delaySeconds = 0) {
      for (const chunk of chunksOf(MESSAGES_PER_CALL, [...new Set(ids)]))
        await send(client, queueUrl, chunk, delaySeconds);
    },
  };
}

async function send(
  client: SQSClient,
  QueueUrl: string,
  ids: readonly ClusterId[],
  DelaySeconds: number,
): Promise<void> {
  const Entries = ids.map((clusterId, index) => ({
    Id: String(index),
    MessageBody: JSON.stringify({ clusterId }),
    DelaySeconds,
  }));
  const operation = 'sqs:SendMessageBatch';
  const { Failed = [] } = await aws(operation, () => client.send(new SendMessageBatchCommand({ QueueUrl, Entries })));
  if (Failed.length === 0) return;
  const said = Failed.map(({ Id, Code }) => `${ids[Number(Id)]} ${Code}`).join(', ');
  const CallError = Failed.some(({ SenderFault }) => SenderFault) ? ConfigError : UnavailableError;
  throw new CallError(`${operation} left out ${said}`);
}
