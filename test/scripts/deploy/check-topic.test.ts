import { expect, test, vi } from 'vitest';
import { sessionOf } from '../../../sandbox/account/principals.ts';
import { topicProblems } from '../../../scripts/deploy/check-topic.ts';
import { cliWorld } from '../cli-world.ts';

const OURS = 'arn:aws:sns:us-east-1:123456789012:on-call';
const place = { stage: 'dev', region: 'us-east-1' };
const identity = { accountId: '123456789012', partition: 'aws', arn: 'arn:aws:iam::123456789012:user/me' };

async function check(topic: string) {
  const said: string[] = [];
  const problems = await topicProblems({
    place,
    identity,
    parameter: 'alarmTopic',
    topic,
    say: (line) => void said.push(line),
  });
  return { said, problems };
}

test('a topic that is there, with no key or one of its own, is taken without a word', async () => {
  const { account } = await cliWorld();
  account.topics.set(OURS, {});
  expect(await check(OURS)).toEqual({ said: [], problems: [] });
  account.topics.set(OURS, { KmsMasterKeyId: 'alias/on-call' });
  expect(await check(OURS)).toEqual({ said: [], problems: [] });
});

test('a topic of another account is taken, and it is said that nobody has looked', async () => {
  const { calls } = await cliWorld();
  const before = calls().length;
  expect(await check('arn:aws:sns:us-east-1:999999999999:on-call')).toEqual({
    said: [expect.stringMatching(/is of account 999999999999, not looked at: its policy must let cloudwatch/)],
    problems: [],
  });
  expect(calls()).toHaveLength(before);
});

test('without leave to look, the right that lacks is named', async () => {
  const { account } = await cliWorld();
  const role = 'arn:aws:iam::123456789012:role/Deployer';
  account.permissions.putRole(role, { trust: { Version: '2012-10-17', Statement: [] } });
  const { accessKeyId, secretAccessKey, sessionToken } = account.credentials.issue(sessionOf(role, 'me'));
  vi.stubEnv('AWS_ACCESS_KEY_ID', accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', secretAccessKey);
  vi.stubEnv('AWS_SESSION_TOKEN', sessionToken);
  await expect(check(OURS)).rejects.toThrow(
    `these credentials may not call sns:GetTopicAttributes: User: ${sessionOf(role, 'me')} is not authorized to perform: sns:GetTopicAttributes on resource: ${OURS} because`,
  );
});
