import { CloudFormationClient, DeleteStackCommand, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { DetachRolePolicyCommand, IAMClient, ListEntitiesForPolicyCommand } from '@aws-sdk/client-iam';
import { expect, onTestFinished, test } from 'vitest';
import { createAccount } from '../../../sandbox/account/account.ts';
import { realClock } from '../../../sandbox/account/clock.ts';
import { QUICK } from '../../../sandbox/account/compute.ts';
import { deployTemplate } from '../../../sandbox/account/deploy.ts';
import { inProcess } from '../../../sandbox/account/lambda.ts';
import { nodeRoleArn } from '../../../sandbox/account/node-role.ts';
import { clientConfig, testFace } from './account-clients.ts';

const template = {
  Resources: {
    NodePolicy: {
      Type: 'AWS::IAM::ManagedPolicy',
      Properties: {
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Action: 'ec2messages:GetMessages', Resource: '*' }],
        },
      },
    },
  },
  Outputs: { NodePolicyArn: { Value: { Ref: 'NodePolicy' } } },
};

test('a managed policy that others have attached is changed in place, and deleted only once it is detached', async () => {
  const account = createAccount({ clock: realClock(), timings: QUICK });
  onTestFinished(() => account.stop());
  const face = await testFace(account.handlers);
  const client = clientConfig(face.url, account.credentials.issue());
  const place = { endpoint: face.url, runner: () => inProcess(async () => null) };
  account.stacks.runAt(place);
  const deploy = () => deployTemplate(template, { account, stack: 'ours', ...place });
  const PolicyArn = deploy().outputs['NodePolicyArn'] ?? '';
  account.permissions.attach(nodeRoleArn(account.accountId), PolicyArn);
  expect(deploy().outputs['NodePolicyArn']).toBe(PolicyArn);

  const stacks = new CloudFormationClient(client);
  const iam = new IAMClient(client);
  const status = async (): Promise<string> => {
    const [stack] = (await stacks.send(new DescribeStacksCommand({ StackName: 'ours' }))).Stacks ?? [];
    return stack?.StackStatus ?? '';
  };
  await stacks.send(new DeleteStackCommand({ StackName: 'ours' }));
  await expect.poll(status).toBe('DELETE_FAILED');
  const { PolicyRoles = [] } = await iam.send(new ListEntitiesForPolicyCommand({ PolicyArn }));
  expect(PolicyRoles).toMatchObject([{ RoleName: 'EMR_EC2_DefaultRole' }]);
  await iam.send(new DetachRolePolicyCommand({ PolicyArn, RoleName: 'EMR_EC2_DefaultRole' }));
  await stacks.send(new DeleteStackCommand({ StackName: 'ours' }));
  await expect.poll(() => status().catch(({ message }: Error) => message)).toMatch('does not exist');
});
