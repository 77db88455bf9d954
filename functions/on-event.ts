import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { createApp } from '../shared/app.ts';
import { ringAll } from '../shared/doorbells.ts';
import type { App } from '../shared/ports.ts';
import { lambda } from '../shared/runtime/lambda.ts';

/** A batch of doorbells: each cluster is looked at once, and each failure goes back to the queue alone. */
export async function onEvent({ Records }: SQSEvent, app: App): Promise<SQSBatchResponse> {
  const failed = await ringAll(
    Records.map(({ messageId, body }) => ({ id: messageId, body })),
    app,
  );
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
}

export const handler = lambda((env) => createApp(env, 'on-event'), onEvent);
