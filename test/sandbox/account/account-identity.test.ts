import { CloudFormationClient, CreateStackCommand } from '@aws-sdk/client-cloudformation';
import { GetCallerIdentityCommand, GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts';
import { expect, onTestFinished, test } from 'vitest';
import { createAccount } from '../../../sandbox/account/account.ts';
import { virtualClock } from '../../../sandbox/account/clock.ts';
import { QUICK } from '../../../sandbox/account/compute.ts';
import { inProcess } from '../../../sandbox/account/lambda.ts';
import { clientConfig, testFace } from './account-clients.ts';

async function world(region?: string) {
  const clock = virtualClock(new Date());
  const account = createAccount({ clock, timings: QUICK, ...(region !== undefined && { region }) });
  onTestFinished(() => account.stop());
  const face = await testFace(account.handlers);
  return { clock, account, face };
}

test('STS tells each caller who it is, and a stranger that nobody knows it', async () => {
  const { account, face } = await world();
  const role = 'arn:aws:sts::123456789012:assumed-role/sweep/session';
  const who = async (credentials: Parameters<typeof clientConfig>[1]) => {
    const { Account, Arn } = await new STSClient(clientConfig(face.url, credentials)).send(
      new GetCallerIdentityCommand({}),
    );
    return [Account, Arn];
  };
  const administrator = account.credentials.issue();
  expect(await who(administrator)).toEqual([
    '123456789012',
    'arn:aws:sts::123456789012:assumed-role/Administrator/person',
  ]);
  expect(await who(account.credentials.issue(role))).toEqual(['123456789012', role]);
  await expect(who({ ...administrator, accessKeyId: 'ASIASTRANGER' })).rejects.toMatchObject({
    name: 'InvalidClientTokenId',
    $metadata: { httpStatusCode: 403 },
  });
  const sts = new STSClient(clientConfig(face.url, administrator));
  await expect(sts.send(new GetSessionTokenCommand({}))).rejects.toMatchObject({ name: 'NotImplemented' });
});

test('an account in another region names its resources there', async () => {
  const { clock, account, face } = await world('eu-west-1');
  account.stacks.runAt({ endpoint: face.url, runner: () => inProcess(async () => null) });
  const client = new CloudFormationClient({
    ...clientConfig(face.url, account.credentials.issue()),
    region: 'eu-west-1',
  });
  const TemplateBody = JSON.stringify({
    Resources: { Queue: { Type: 'AWS::SQS::Queue' } },
    Outputs: { Arn: { Value: { 'Fn::GetAtt': ['Queue', 'Arn'] } }, Region: { Value: { Ref: 'AWS::Region' } } },
  });
  const { StackId } = await client.send(new CreateStackCommand({ StackName: 'monitoring', TemplateBody }));
  await clock.advance(1);
  expect(StackId).toMatch(/^arn:aws:cloudformation:eu-west-1:/);
  const [arn, region] = account.stacks.find('monitoring')?.outputs.map(({ value }) => value) ?? [];
  expect([arn?.startsWith('arn:aws:sqs:eu-west-1:123456789012:'), region]).toEqual([true, 'eu-west-1']);
});
