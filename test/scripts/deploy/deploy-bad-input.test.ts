import { expect, test, vi } from 'vitest';
import { readCatalogue } from '../../../infra/exporters/catalogue.ts';
import type { Account } from '../../../sandbox/account/account.ts';
import { deployCommand } from '../../../scripts/deploy/deploy.ts';
import { parseMonitoringText } from '../../../scripts/config/read-monitoring.ts';
import { ConfigError } from '../../../shared/core/errors.ts';
import { cliWorld } from '../cli-world.ts';

/** Stage dev is deployed, this one is not. */
const FIRST = ['--stage', 'prod'];
const GOOD = { versioned: true, isPrivate: true } as const;
const TOPIC = 'arn:aws:sns:us-east-1:123456789012:on-call';
const param = (name: string, value: string) => ['--param', `${name}=${value}`];

/** What the account has before, and what is asked of it. */
type Case = readonly [title: string, prepare: (account: Account) => readonly string[], words: RegExp];

test.each<Case>([
  [
    'a stage with a capital letter',
    () => ['--stage', 'Prod'],
    /^Configuration failed\n\n--stage is "Prod": expected small letters/,
  ],
  [
    'an unknown Region, and all else that is wrong,',
    () => [
      '--region',
      'eu-wst-1',
      '--param',
      'tracing',
      ...param('tracng', 'true'),
      ...param('logRetentionDays', '15'),
    ],
    /^Configuration failed\n\n--region is "eu-wst-1": .*did you mean eu-west-1\?\n--param is "tracing": .*\n--param tracng: .*\n--param logRetentionDays is "15": expected one of 1, 3, .*$/,
  ],
  [
    'a bucket, a network and a topic that are all wrong',
    () => [
      ...FIRST,
      ...param('existingBucket', 'nobodys'),
      ...param('prometheusCidr', '10.1.0.0/16'),
      ...param('alarmTopic', TOPIC),
    ],
    /^Account failed\n\nexistingBucket is "nobodys".*\nalarmTopic is .*there is no such topic.*\nprometheusCidr is .*$/,
  ],
  ['an unknown parameter', () => param('tracng', 'true'), /--param tracng: no such parameter; did you mean tracing\?/],
  [
    'a value that CloudFormation refuses',
    () => param('tracing', 'on'),
    /--param tracing is "on": expected one of false, true/,
  ],
  [
    'a bucket that does not exist',
    () => [...FIRST, ...param('existingBucket', 'nobodys')],
    /^Account failed\n\nexistingBucket is "nobodys": there is no such bucket: create it, or leave the parameter out/,
  ],
  [
    'a bucket that is neither versioned nor private',
    ({ s3 }) => {
      s3.createBucket('bare', { versioned: false, isPrivate: false });
      return [...FIRST, ...param('existingBucket', 'bare')];
    },
    /existingBucket is "bare": it is not versioned: aws s3api put-bucket-versioning --bucket bare .*\nexistingBucket is "bare": it may become public: switch all four settings/,
  ],
  [
    "somebody else's bucket",
    ({ s3, faults }) => {
      s3.createBucket('theirs', GOOD);
      faults.arm({ kind: 'error', status: 403, code: 'AccessDenied' }, { operation: 'HeadBucket', times: 9 });
      return [...FIRST, ...param('existingBucket', 'theirs')];
    },
    /existingBucket is "theirs": it is not of account 123456789012, or these credentials may not see it/,
  ],
  [
    "another stage's bucket",
    () => [...FIRST, ...param('existingBucket', 'prometheus-on-emr-dev-bucket')],
    /existingBucket is "prometheus-on-emr-dev-bucket": it is the bucket of prometheus-on-emr-dev: each stage needs its own/,
  ],
  [
    'another bucket than the one that has the records',
    ({ s3 }) => {
      s3.createBucket('other', GOOD);
      return param('existingBucket', 'other');
    },
    /existingBucket is "other", but the stack's records are in prometheus-on-emr-dev-bucket: leave it out, or take the stack away first/,
  ],
  [
    'a security group that nobody has',
    ({ compute }) => {
      const { id } = compute.securityGroups.create({ name: 'nodes' });
      return [...param('prometheusSecurityGroup', 'sg-0a1b2c3d'), ...param('clusterSecurityGroups', id)];
    },
    /prometheusSecurityGroup: sg-0a1b2c3d does not exist in this account and Region/,
  ],
  [
    'a security group of another VPC',
    ({ compute }) => {
      const { id } = compute.securityGroups.create({ name: 'nodes' });
      const other = compute.securityGroups.create({ name: 'prometheus', vpcId: 'vpc-0other' });
      return [...param('prometheusSecurityGroup', other.id), ...param('clusterSecurityGroups', id)];
    },
    /prometheusSecurityGroup: sg-\w+ is in vpc-0other, but sg-\w+ of clusterSecurityGroups is in .* give prometheusCidr/,
  ],
  [
    'nodes that nobody is let in to',
    () => param('prometheusCidr', '10.1.0.0/16'),
    /prometheusCidr is 10\.1\.0\.0\/16, but no group would let it in: give clusterSecurityGroups/,
  ],
  [
    'a topic of another Region',
    () => param('alarmTopic', 'arn:aws:sns:eu-west-1:123456789012:on-call'),
    /alarmTopic is "arn:aws:sns:eu-west-1:\d+:on-call": expected a topic of us-east-1 \(arn:aws:sns:us-east-1:…\)/,
  ],
  [
    'a topic that nobody has made',
    () => param('alarmTopic', TOPIC),
    /alarmTopic is "arn:aws:sns:us-east-1:\d+:on-call": there is no such topic: aws sns create-topic --name on-call --region us-east-1/,
  ],
  [
    'a topic whose key CloudWatch may not use',
    ({ topics }) => {
      topics.set(TOPIC, { KmsMasterKeyId: 'alias/aws/sns' });
      return param('alarmTopic', TOPIC);
    },
    /alarmTopic is .*: it is encrypted with alias\/aws\/sns, which CloudWatch may not use: take a key of your own/,
  ],
  [
    'a FIFO topic',
    () => param('alarmTopic', `${TOPIC}.fifo`),
    /--param alarmTopic is ".*on-call\.fifo": expected its ARN, such as .* \(ARN of a standard SNS topic/,
  ],
])('%s fails before anything is created, with field, value and fix', async (_title, prepare, words) => {
  const { account, calls, env } = await cliWorld();
  const args = prepare(account);
  const before = calls().length;
  const deploying = deployCommand(
    args,
    env,
    () => {},
    () => {},
  );
  await expect(deploying).rejects.toMatchObject({
    name: 'ConfigError',
    message: expect.stringMatching(words) as string,
  });
  const made = calls().slice(before);
  expect(made.filter((operation) => !/^(Get|Describe|List|Head)/.test(operation))).toEqual([]);
});

test('without credentials it says how to have some', async () => {
  const { env } = await cliWorld();
  vi.stubEnv('AWS_ACCESS_KEY_ID', undefined);
  vi.stubEnv('AWS_SESSION_TOKEN', undefined);
  const words = /^Account failed\n\nno AWS credentials: set AWS_PROFILE/;
  await expect(
    deployCommand(
      [],
      env,
      () => {},
      () => {},
    ),
  ).rejects.toThrow(words);
});

test('an empty monitoring.yml is refused: it says nothing of what is watched', async () => {
  const catalogue = await readCatalogue();
  const reading = () => parseMonitoringText('', 'monitoring.yml', catalogue);
  expect(reading).toThrow(ConfigError);
  expect(reading).toThrow(/^monitoring\.yml: 1 problem\n {2}line 1: the file is null; expected /);
});
