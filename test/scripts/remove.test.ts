import { expect, test } from 'vitest';
import { inProcess } from '../../sandbox/account/lambda.ts';
import type { DeployedStack } from '../../scripts/aws/stack.ts';
import { removeCommand } from '../../scripts/remove.ts';
import { whyNothingToTakeOff } from '../../scripts/remove-stack.ts';
import { checkDeployable, isAsDeployed } from '../../scripts/stack-status.ts';
import { cliWorld } from './cli-world.ts';

const place = { stage: 'dev', region: 'us-east-1' };
const aStack = (status: string, changes: Partial<DeployedStack> = {}): DeployedStack => ({
  id: 'arn:…:stack/prometheus-on-emr-dev/1',
  name: 'prometheus-on-emr-dev',
  status,
  parameters: { Retire: 'false' },
  outputs: { BucketName: 'b' },
  ...changes,
});

/** The command in this process, in an account where stage dev is deployed. */
async function terminal(answer?: string) {
  const world = await cliWorld();
  const said: string[] = [];
  const asked: string[] = [];
  const ask = async (question: string): Promise<string> => {
    asked.push(question);
    return answer ?? '';
  };
  const remove = (...args: readonly string[]) => {
    const write = (line: string) => void said.push(line);
    return removeCommand(args, world.env, { print: write, say: write, ...(answer !== undefined && { ask }) });
  };
  return { ...world, said, asked, remove };
}

test('--purge asks for the name of the bucket before anything; another answer removes nothing', async () => {
  const { account, asked, remove } = await terminal('yes');
  const words = '"yes" is not prometheus-on-emr-dev-bucket: nothing was removed';
  await expect(remove('--purge')).rejects.toThrow(words);
  expect(asked).toEqual([expect.stringContaining('in prometheus-on-emr-dev-bucket are deleted. Type its name')]);
  expect(account.stacks.all()).toHaveLength(1);
});

test('of a bucket that the stack did not make, only what is ours goes, with all its versions', async () => {
  const { account, remove, said } = await terminal('team-bucket');
  account.s3.createBucket('team-bucket', { versioned: true });
  for (const key of ['clusters/j-1.json', 'clusters/j-1.json', 'targets/j-1.json', 'reports/q3.csv'])
    account.s3.put('team-bucket', key, { body: '1' });
  await remove('--stage', 'gone', '--purge', '--bucket', 'team-bucket');
  expect(account.s3.versions('team-bucket', '').map(({ key }) => key)).toEqual(['reports/q3.csv']);
  expect(said.at(-1)).toBe('prometheus-on-emr-gone is gone, and what was its in team-bucket too.');
});

test('where nothing is deployed it says so, and how to delete a bucket that was left', async () => {
  const { remove } = await terminal();
  await expect(remove('--stage', 'prod')).rejects.toThrow(
    /^nothing is deployed as stage prod in us-east-1: .*npm run remove -- --stage prod --region us-east-1 --purge --bucket NAME$/,
  );
});

test('a resource that cannot be deleted is named with the reason, and the exporters were not left in silence', async () => {
  const { account, bucket, env, remove, said } = await terminal();
  account.stacks.runAt({ endpoint: env.AWS_ENDPOINT_URL, runner: () => inProcess(async () => ({})) });
  account.s3.put(bucket, 'clusters/j-1.json', { body: '{}' });
  await expect(remove()).rejects.toThrow(
    /^Stack failed\n\nBucket \(AWS::S3::Bucket\): .*not empty.*\nThe stack prometheus-on-emr-dev is DELETE_FAILED/s,
  );
  expect(said).toContain(
    '  are not taken off the nodes: this stack is older than the command: nothing in it can be told to do so',
  );
});

test.each<[string, DeployedStack, RegExp]>([
  ['a stack as it should be', aStack('UPDATE_COMPLETE'), /^they are$/],
  ['one whose update was rolled back', aStack('UPDATE_ROLLBACK_COMPLETE'), /^they are$/],
  ['one that never came to be', aStack('ROLLBACK_COMPLETE'), /^the stack is ROLLBACK_COMPLETE: no function of it runs/],
  ['one that is half deleted', aStack('DELETE_FAILED'), /no function of it runs/],
  ['one that has only its first half', aStack('CREATE_COMPLETE', { outputs: {} }), /has no bucket/],
  ['an older one', aStack('CREATE_COMPLETE', { parameters: {} }), /older than the command/],
])('%s: are exporters taken off?', (_title, stack, why) => {
  expect(whyNothingToTakeOff(stack) ?? 'they are').toMatch(why);
});

test.each<[string, string]>([
  ['CREATE_COMPLETE', 'it may'],
  ['UPDATE_COMPLETE', 'it may'],
  ['UPDATE_ROLLBACK_COMPLETE', 'it may'],
  ['REVIEW_IN_PROGRESS', 'never came to be (REVIEW_IN_PROGRESS): npm run remove -- --stage dev --region us-east-1'],
  ['ROLLBACK_COMPLETE', 'never came to be'],
  ['CREATE_FAILED', 'never came to be'],
  ['UPDATE_IN_PROGRESS', 'somebody is at it'],
  ['UPDATE_ROLLBACK_FAILED', 'aws cloudformation continue-update-rollback --stack-name prometheus-on-emr-dev'],
  ['DELETE_FAILED', 'half removed (DELETE_FAILED): npm run remove'],
])('a stack that is %s: may it be deployed to?', (status, why) => {
  const said = (): string => {
    try {
      checkDeployable(aStack(status), place);
      return 'it may';
    } catch (error) {
      return String(error);
    }
  };
  expect(said()).toContain(why);
});

test('a deploy after a roll-back, or after a removal that was stopped, is forced: osls would see nothing to do', () => {
  expect(isAsDeployed(aStack('UPDATE_COMPLETE'))).toBe(true);
  expect(isAsDeployed(aStack('UPDATE_ROLLBACK_COMPLETE'))).toBe(false);
  expect(isAsDeployed(aStack('UPDATE_COMPLETE', { parameters: { Retire: 'true' } }))).toBe(false);
});
