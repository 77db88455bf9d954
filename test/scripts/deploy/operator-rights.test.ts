import { readFile } from 'node:fs/promises';
import { expect, test, vi } from 'vitest';
import { deployTemplate } from '../../../sandbox/account/deploy.ts';
import { inProcess } from '../../../sandbox/account/lambda.ts';
import { sessionOf } from '../../../sandbox/account/principals.ts';
import { backfillCommand } from '../../../scripts/backfill/backfill.ts';
import { contentCommand } from '../../../scripts/content/content.ts';
import { redriveCommand } from '../../../scripts/redrive/redrive.ts';
import { statusCommand } from '../../../scripts/status/status.ts';
import { renderRecord } from '../../../shared/core/record.ts';
import { aRecord, NOW } from '../../core/sample-record.ts';
import { sample } from '../../fakes/world.ts';
import { unusedRights } from '../../infra/granted.ts';
import { cliWorld } from '../cli-world.ts';
import { checkout, GOOD } from '../content/content-world.ts';

const ROLE = 'arn:aws:iam::123456789012:role/Operator';
const page = await readFile('docs/permissions.md', 'utf8');

/** The policy that the page gives a command, for the account of these tests. */
function policyOf(command: string, bucket: string): unknown {
  const [, text = ''] = new RegExp(`^## ${command}$.*?\`\`\`json\n(.*?)\`\`\``, 'ms').exec(page) ?? [];
  const here = { REGION: 'us-east-1', ACCOUNT: '123456789012', STAGE: 'dev', BUCKET: bucket };
  return JSON.parse(text.replaceAll(/REGION|ACCOUNT|STAGE|BUCKET/g, (name) => here[name as keyof typeof here]));
}

/** The stack of stage dev, as somebody sees it who has these rights only. */
async function asOperator(command: string) {
  const world = await cliWorld(async () => ({ clusters: [], counts: {}, rung: [], remaining: [] }));
  const { account, bucket } = world;
  account.s3.put(bucket, 'clusters/j-1.json', { body: renderRecord(aRecord({ clusterId: 'j-1' })) });
  account.s3.put(bucket, 'ended/j-2.json', { body: renderRecord(aRecord({ clusterId: 'j-2' })) });
  account.permissions.putRole(ROLE, {
    trust: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { AWS: '123456789012' }, Action: 'sts:AssumeRole' }],
    },
    inline: { [command]: policyOf(command, bucket) },
  });
  const { accessKeyId, secretAccessKey, sessionToken } = account.credentials.issue(sessionOf(ROLE, 'operator'));
  vi.stubEnv('AWS_ACCESS_KEY_ID', accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', secretAccessKey);
  vi.stubEnv('AWS_SESSION_TOKEN', sessionToken);
  return { account, endpoint: world.env.AWS_ENDPOINT_URL, unused: () => unusedRights(account.permissions, ROLE) };
}

test('status runs with the policy that docs/permissions.md gives it, and needs all of it', async () => {
  const { unused } = await asOperator('status');
  const run = (...args: readonly string[]) =>
    statusCommand([...args, '--region', 'us-east-1'], {}, () => undefined, NOW);
  expect(await run()).toBe(0);
  expect(await run('j-1')).toBe(0);
  await expect(run('j-2')).rejects.toThrow('j-2 has ended');
  await expect(run('j-3')).rejects.toThrow('there is no record of j-3');
  expect(unused()).toEqual([]);
});

test('backfill runs with the policy that docs/permissions.md gives it, and needs all of it', async () => {
  const { unused } = await asOperator('backfill');
  const silent = (): void => undefined;
  expect(await backfillCommand(['--region', 'us-east-1'], {}, silent, silent)).toBe(0);
  expect(unused()).toEqual([]);
});

test('redrive runs with the policy that docs/permissions.md gives it, and needs all of it', async () => {
  const queues = ['doorbells', 'doorbell-dead-letters', 'rule-dead-letters'].map(
    (name) => `prometheus-on-emr-dev-${name}`,
  );
  const outputs = ['DoorbellQueueUrl', 'DoorbellDeadLetterQueueUrl', 'RuleDeadLetterQueueUrl'];
  const { account, endpoint, unused } = await asOperator('redrive');
  const Resources = Object.fromEntries(
    queues.map((QueueName, n) => [`Q${n}`, { Type: 'AWS::SQS::Queue', Properties: { QueueName } }]),
  );
  const Outputs = Object.fromEntries(outputs.map((name, n) => [name, { Value: { Ref: `Q${n}` } }]));
  const runner = () => inProcess(async () => null);
  deployTemplate({ Resources, Outputs }, { account, endpoint, runner, stack: 'prometheus-on-emr-dev' });
  const instance = { instanceType: 'm5.xlarge', market: 'ON_DEMAND', tags: {} } as const;
  const detail = { 'instance-id': account.compute.ec2.launch(instance).id };
  const dead = [JSON.stringify({ clusterId: 'j-1' }), JSON.stringify(sample('ssm-command-invocation-success', detail))];
  for (const queue of queues.slice(1))
    for (const body of dead) account.sqs.send(`arn:aws:sqs:us-east-1:123456789012:${queue}`, body);
  const run = (...args: readonly string[]) =>
    redriveCommand([...args, '--region', 'us-east-1'], {}, () => undefined, NOW);
  expect([await run('--dry-run'), await run()]).toEqual([0, 1]); // what names no cluster is kept
  expect(unused()).toEqual([]);
});

test('content publishes with the policy that docs/permissions.md gives it, and needs all of it', async () => {
  const { account, unused } = await asOperator('content');
  const silent = (): void => undefined;
  await contentCommand(['publish', '--region', 'us-east-1'], { PATH: '' }, silent, await checkout(GOOD));
  expect(unused()).toEqual([]);
  expect(account.s3.list('prometheus-on-emr-dev-bucket', { prefix: 'content/' }).objects).toHaveLength(3);
});
