import { expect, test } from 'vitest';
import { deployTemplate } from '../../../sandbox/account/deploy.ts';
import { inProcess } from '../../../sandbox/account/lambda.ts';
import { type DeployedStack, setParameter } from '../../../scripts/aws/stack.ts';
import { takeOff, whyNothingToTakeOff } from '../../../scripts/remove/remove-stack.ts';
import { checkDeployable, isAsDeployed } from '../../../scripts/stack-status.ts';
import { removeTerminal } from './remove-terminal.ts';

const place = { stage: 'dev', region: 'us-east-1' };
const aStack = (status: string, changes: Partial<DeployedStack> = {}): DeployedStack => ({
  id: 'arn:…:stack/prometheus-on-emr-dev/1',
  name: 'prometheus-on-emr-dev',
  status,
  parameters: { Retire: 'false' },
  outputs: { BucketName: 'b' },
  ...changes,
});

test('where nothing is deployed it says so, and how to delete a bucket that was left', async () => {
  const { remove } = await removeTerminal();
  await expect(remove('--stage', 'prod')).rejects.toThrow(
    /^nothing is deployed as stage prod in us-east-1: .*npm run remove -- --stage prod --region us-east-1 --purge --bucket NAME$/,
  );
});

test('a resource that cannot be deleted is named with the reason, and the exporters were not left in silence', async () => {
  const { account, bucket, env, remove, said } = await removeTerminal();
  account.stacks.runAt({ endpoint: env.AWS_ENDPOINT_URL, runner: () => inProcess(async () => ({})) });
  account.s3.put(bucket, 'clusters/j-1.json', { body: '{}' });
  await expect(remove()).rejects.toThrow(
    /^Stack failed\n\nBucket \(AWS::S3::Bucket\): .*not empty.*\nThe stack prometheus-on-emr-dev is DELETE_FAILED/s,
  );
  expect(said).toContain(
    '  are not taken off the nodes: this stack is older than the command: nothing in it can be told to do so',
  );
});

test('a policy that is attached stops it before the stack is deleted, with the commands that detach it; then it goes', async () => {
  const { account, env, remove } = await removeTerminal();
  const policy = { Type: 'AWS::IAM::ManagedPolicy', Properties: { PolicyDocument: { Statement: [] } } };
  const site = { endpoint: env.AWS_ENDPOINT_URL, runner: () => inProcess(async () => ({})) };
  account.stacks.runAt(site);
  const template = {
    Resources: { NodePolicy: policy, SidecarPolicy: policy },
    Outputs: { NodePolicyArn: { Value: { Ref: 'NodePolicy' } }, SidecarPolicyArn: { Value: { Ref: 'SidecarPolicy' } } },
  };
  const { outputs } = deployTemplate(template, { account, ...site, stack: 'prometheus-on-emr-t' });
  const arn = outputs['NodePolicyArn'] ?? '';
  const role = 'arn:aws:iam::123456789012:role/EMR_EC2_DefaultRole';
  account.permissions.putRole(role, { trust: { Version: '2012-10-17', Statement: [] } });
  account.permissions.attach(role, arn);
  await expect(remove('--stage', 't')).rejects.toThrow(
    `run this again:\n  aws iam detach-role-policy --role-name EMR_EC2_DefaultRole --policy-arn ${arn}`,
  );
  expect(account.stacks.find('prometheus-on-emr-t')).toMatchObject({ status: 'CREATE_COMPLETE' });
  account.permissions.detach(role, arn);
  const aRole = { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: { Statement: [] } } };
  const ofHost = { ...aRole, Properties: { ...aRole.Properties, ManagedPolicyArns: [outputs['SidecarPolicyArn']] } };
  deployTemplate({ Resources: { Role: ofHost } }, { account, ...site, stack: 'prometheus-on-emr-t--host' });
  await expect(remove('--stage', 't')).rejects.toThrow(
    /run this again:\n  aws cloudformation delete-stack --stack-name prometheus-on-emr-t--host --region us-east-1   # [^\n]*$/,
  );
  account.stacks.remove('prometheus-on-emr-t--host');
  await expect.poll(() => account.stacks.find('prometheus-on-emr-t--host')).toBeUndefined();
  await remove('--stage', 't');
  expect(account.stacks.all().map(({ name }) => name)).toEqual(['prometheus-on-emr-dev']);
});

test('a stack that was rolled back to taking everything off needs no change: the nodes are asked, and it goes', async () => {
  const { account, env, remove, said } = await removeTerminal();
  const site = { endpoint: env.AWS_ENDPOINT_URL, runner: () => inProcess(async () => ({})) };
  account.stacks.runAt(site);
  const template = (group: string) => ({
    Parameters: { Retire: { Type: 'String', Default: 'false' } },
    Resources: {
      Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'b' } },
      Group: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: group } },
    },
    Outputs: { BucketName: { Value: { Ref: 'Bucket' } }, Retire: { Value: { Ref: 'Retire' } } },
  });
  const deploy = (group: string, Retire: string) =>
    deployTemplate(template(group), { account, ...site, stack: 'prometheus-on-emr-t', parameters: { Retire } });
  deploy('one', 'true');
  account.stacks.failNext('Group', 'Access denied');
  expect(() => deploy('two', 'false')).toThrow('Access denied');
  expect(account.stacks.find('prometheus-on-emr-t')).toMatchObject({ status: 'UPDATE_ROLLBACK_COMPLETE' });
  await remove('--stage', 't');
  expect(said).not.toContainEqual(expect.stringContaining('not taken off'));
  expect(account.stacks.find('prometheus-on-emr-t')).toBeUndefined();
});

test('a parameter that somebody else has changed by now is no failure', async () => {
  const { account, env } = await removeTerminal();
  const site = { endpoint: env.AWS_ENDPOINT_URL, runner: () => inProcess(async () => ({})) };
  account.stacks.runAt(site);
  const template = {
    Parameters: { Retire: { Type: 'String', Default: 'false' } },
    Resources: { Group: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: 'g' } } },
    Outputs: { Retire: { Value: { Ref: 'Retire' } } },
  };
  deployTemplate(template, { account, ...site, stack: 'prometheus-on-emr-t', parameters: { Retire: 'true' } });
  const id = account.stacks.find('prometheus-on-emr-t')?.id ?? '';
  const seen = aStack('UPDATE_COMPLETE', { id, parameters: { Retire: 'false' } });
  expect(await setParameter({ stage: 't', region: 'us-east-1' }, seen, 'Retire', 'true')).toBe(false);
});

test('where a roll-back has not ended nothing is begun, and both ways on are said', async () => {
  const words =
    /^the stack .* is UPDATE_ROLLBACK_FAILED, .* continue-update-rollback --stack-name prometheus-on-emr-dev .*--leave-exporters$/;
  await expect(takeOff(place, aStack('UPDATE_ROLLBACK_FAILED'), 1, () => {})).rejects.toThrow(words);
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
