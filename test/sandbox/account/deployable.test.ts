import { CloudFormationClient, CreateStackCommand, UpdateStackCommand } from '@aws-sdk/client-cloudformation';
import { DescribeDocumentCommand, SSMClient } from '@aws-sdk/client-ssm';
import { strToU8, zipSync } from 'fflate';
import { expect, onTestFinished, test } from 'vitest';
import { createAccount } from '../../../sandbox/account/account.ts';
import { realClock } from '../../../sandbox/account/clock.ts';
import { QUICK } from '../../../sandbox/account/compute.ts';
import { openDeployable } from '../../../sandbox/account/deployable.ts';
import { clientConfig, testFace } from './account-clients.ts';

const StackName = 'monitoring';
const RUN = 'arn:aws:lambda:us-east-1:123456789012:function:run';

/** Says which code it is, and which document that code would order; waits when it is told to. */
const code = (version: string) =>
  zipSync({
    'index.mjs': strToU8(`export const handler = async ({ ms = 0 }) => {
      await new Promise((resolve) => setTimeout(resolve, ms));
      return ['${version}', process.env.DOCUMENT];
    };`),
  });

/** As osls and our documents do it: every version's zip under a key of its own, every document under its own name. */
const template = (version: string) => ({
  Resources: {
    Role: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
        },
      },
    },
    Document: {
      Type: 'AWS::SSM::Document',
      Properties: {
        Name: `install-${version}`,
        DocumentType: 'Command',
        Content: { schemaVersion: '2.2', mainSteps: [{ action: 'aws:runShellScript', name: version, inputs: {} }] },
      },
    },
    Run: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        FunctionName: 'run',
        Code: { S3Bucket: 'uploads', S3Key: `${version}.zip` },
        Handler: 'index.handler',
        Runtime: 'nodejs24.x',
        Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
        Environment: { Variables: { DOCUMENT: { Ref: 'Document' } } },
      },
    },
    Last: {
      Type: 'AWS::SQS::Queue',
      DependsOn: 'Run',
      Properties: { QueueName: 'last', VisibilityTimeout: version.length },
    },
  },
});

async function world() {
  const account = createAccount({ clock: realClock(), timings: QUICK });
  const deployable = await openDeployable({ account });
  onTestFinished(() => deployable.close());
  account.s3.createBucket('uploads');
  for (const version of ['one', 'three']) account.s3.put('uploads', `${version}.zip`, { body: code(version) });
  const face = await testFace(account.handlers);
  const config = clientConfig(face.url, account.credentials.issue());
  const client = new CloudFormationClient(config);
  const ssm = new SSMClient(config);
  const input = (version: string) => ({
    StackName,
    Capabilities: ['CAPABILITY_IAM' as const],
    TemplateBody: JSON.stringify(template(version)),
  });
  const status = () => account.stacks.find(StackName)?.status;
  const documents = async () => {
    const found = ['install-one', 'install-three'].map((Name) =>
      ssm.send(new DescribeDocumentCommand({ Name })).then(
        () => [Name],
        (error: unknown) => {
          expect(error).toMatchObject({ name: 'InvalidDocument' });
          return [];
        },
      ),
    );
    return (await Promise.all(found)).flat();
  };
  return {
    account,
    documents,
    create: async (version: string) => {
      await client.send(new CreateStackCommand(input(version)));
      await expect.poll(status).toMatch(/COMPLETE$/);
      return status();
    },
    update: async (version: string) => {
      await client.send(new UpdateStackCommand(input(version)));
      await expect.poll(status).toMatch(/COMPLETE$/);
      return status();
    },
    run: (event = {}) => account.lambda.invoke(RUN, event),
  };
}

test('a roll-back brings back the uploaded code and the document that it orders; what runs meanwhile ends undisturbed', async () => {
  const { account, create, update, run, documents } = await world();
  expect(await create('one')).toBe('CREATE_COMPLETE');
  expect(await run()).toEqual(['one', 'install-one']);

  account.stacks.failNext('Last', 'Queue quota reached');
  const meanwhile = run({ ms: 500 });
  expect(await update('three')).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect([await run(), await documents()]).toEqual([['one', 'install-one'], ['install-one']]);
  expect(await meanwhile).toEqual(['one', 'install-one']);

  expect(await update('three')).toBe('UPDATE_COMPLETE');
  expect([await run(), await documents()]).toEqual([['three', 'install-three'], ['install-three']]);
});

test('a function whose zip nobody uploaded fails to be created, and Lambda says what it looked for', async () => {
  const { account, create } = await world();
  expect(await create('two')).toBe('ROLLBACK_COMPLETE');
  const failed = account.stacks.find(StackName)?.events.find(({ status }) => status === 'CREATE_FAILED');
  expect([failed?.logicalId, failed?.reason]).toEqual(['Run', expect.stringContaining('S3 Error Code: NoSuchKey')]);
});
