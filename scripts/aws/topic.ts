import { GetTopicAttributesCommand, SNSClient } from '@aws-sdk/client-sns';
import type { Place } from '../place-options.ts';
import { inWords, unless } from './in-words.ts';

/** A topic's attributes; undefined where there is none of this ARN. */
export async function topicAttributes(
  place: Place,
  TopicArn: string,
): Promise<Readonly<Record<string, string>> | undefined> {
  const found = await inWords('sns:GetTopicAttributes', place, () =>
    unless(['NotFound', 'NotFoundException', 404], () =>
      new SNSClient({ region: place.region }).send(new GetTopicAttributesCommand({ TopicArn })),
    ),
  );
  return found && (found.Attributes ?? {});
}
