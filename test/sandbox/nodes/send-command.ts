import { randomUUID } from 'node:crypto';
import { vi } from 'vitest';
import type { RecordedReply, RecordingService } from './recording-service.ts';

export interface Sent {
  readonly messageId: string;
  /** Waits for a reply of this status. */
  readonly told: (status: string) => Promise<RecordedReply>;
  readonly output: () => Promise<string>;
}

export interface Asked {
  readonly steps?: readonly object[];
  readonly parameters?: object;
  readonly values?: object;
  readonly commandId?: string;
}

/** Sends a document of one step, or of `steps`, to a node. */
export function sendCommand(
  service: RecordingService,
  on: string,
  lines: readonly string[],
  { steps, parameters = {}, values = {}, commandId = randomUUID() }: Asked = {},
): Sent {
  const mainSteps = steps ?? [{ action: 'aws:runShellScript', name: 'run', inputs: { runCommand: lines } }];
  const document = { schemaVersion: '2.2', description: 'test', parameters, mainSteps };
  const messageId = `aws.ssm.${commandId}.${on}`;
  const payload = { Parameters: values, DocumentContent: document, CommandId: commandId, DocumentName: 'test' };
  service.push(on, {
    MessageId: messageId,
    Topic: 'aws.ssm.sendCommand.us-east-1.test',
    Payload: JSON.stringify(payload),
  });
  const told = (status: string) =>
    vi.waitFor(
      () => {
        const reply = service.replies(messageId).findLast(({ documentStatus }) => documentStatus === status);
        if (reply === undefined) throw new Error(`no ${status}: ${JSON.stringify(service.replies(messageId))}`);
        return reply;
      },
      { timeout: 120_000, interval: 20 },
    );
  return {
    messageId,
    told,
    output: async () => String((await told('Success')).runtimeStatus?.['run']?.['standardOutput']),
  };
}
