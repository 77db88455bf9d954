import type { Identity } from '../aws/identity.ts';
import { topicAttributes } from '../aws/topic.ts';
import type { Place } from '../place-options.ts';
import type { Say } from '../step.ts';

interface Asked {
  readonly place: Place;
  readonly identity: Identity;
  /** Of which command's. */
  readonly parameter: keyof typeof TELLERS;
  /** ARN; empty: alarms without action. */
  readonly topic: string;
  readonly say: Say;
}

/** Who publishes to it: alarms, and the Prometheus host's Alertmanager beside its alarm. */
const TELLERS = {
  alarmTopic: 'cloudwatch.amazonaws.com',
  alertTopic: "cloudwatch.amazonaws.com and the host's role",
} as const;

/**
 * An alarm takes any topic's ARN, and tells nobody of one that does not work.
 *
 *   of another partition or Region  → refused: CloudWatch takes none, and says so when the alarm is created
 *   of another account              → said: only its owner sees whether it is there and whom it lets in
 *   not there                       → refused
 *   encrypted with AWS's own key    → refused: no policy of that key lets CloudWatch in
 *                                     (sns/latest/dg/sns-key-management, "event sources from AWS services");
 *                                     the account's roles it lets in by way of SNS
 */
export async function topicProblems({ place, identity, parameter, topic, say }: Asked): Promise<readonly string[]> {
  if (topic === '') return [];
  const problem = (text: string): readonly string[] => [`${parameter} is "${topic}": ${text}`];
  const [, partition, , region, owner] = topic.split(':');
  if (partition !== identity.partition || region !== place.region)
    return problem(`expected a topic of ${place.region} (arn:${identity.partition}:sns:${place.region}:…)`);
  if (owner !== identity.accountId) {
    say(`  ${parameter} is of account ${owner}, not looked at: its policy must let ${TELLERS[parameter]} publish`);
    return [];
  }
  const attributes = await topicAttributes(place, topic);
  const name = topic.split(':').at(-1);
  if (attributes === undefined)
    return problem(`there is no such topic: aws sns create-topic --name ${name} --region ${region}, or name another`);
  if (attributes['KmsMasterKeyId']?.endsWith('alias/aws/sns') === true)
    return problem(
      `it is encrypted with alias/aws/sns, which CloudWatch may not use: take a key of your own whose policy gives ${TELLERS[parameter]} kms:Decrypt and kms:GenerateDataKey`,
    );
  return [];
}
