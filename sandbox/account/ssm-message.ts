import type { CommandId, InstanceId } from '../../shared/core/model.ts';
import type { DocumentContent } from './ssm-documents.ts';
import type { Command } from './ssm-model.ts';

export const messageId = (id: CommandId, node: InstanceId): string => `aws.ssm.${id}.${node}`;

/** A message of another shape belongs to no command. */
export function parseMessageId(message: string): [CommandId, InstanceId] {
  const [, id, node] = /^aws\.ssm\.([0-9a-f-]{36})\.(i-[0-9a-f]+)$/.exec(message) ?? [];
  return [(id ?? '----') as CommandId, (node ?? 'i-') as InstanceId];
}

/** What the agent reads: a String parameter is a plain string here, a StringList stays a list. */
export const commandPayload = ({ id, document, parameters }: Command, content: DocumentContent): object => ({
  Parameters: Object.fromEntries(
    Object.entries(parameters).map(([name, values]) => [
      name,
      content.parameters?.[name]?.type === 'StringList' ? values : values[0],
    ]),
  ),
  DocumentContent: content,
  CommandId: id,
  DocumentName: document,
  OutputS3KeyPrefix: '',
  OutputS3BucketName: '',
  CloudWatchLogGroupName: '',
  CloudWatchOutputEnabled: 'false',
});
