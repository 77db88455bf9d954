import {
  CreateChangeSetCommand,
  CreateStackCommand,
  DescribeStackResourceCommand,
  ExecuteChangeSetCommand,
  ValidateTemplateCommand,
} from '@aws-sdk/client-cloudformation';
import { expect, test } from 'vitest';
import { BELLS, parametrised, StackName, stackWorld } from './stack-world.ts';

const parameter = (ParameterKey: string, ParameterValue: string) => ({ ParameterKey, ParameterValue });
const withResources = (more: object) => ({ ...parametrised(), Resources: { ...parametrised().Resources, ...more } });
const bucketOf = (Properties: object) => ({ Type: 'AWS::S3::Bucket', Properties });

test.each([
  [parameter('Owner', 'US-1'), /Parameter Owner failed to satisfy constraint: .*must match pattern \[a-z\]\*/],
  [parameter('Owner', 'us\n'), /must match pattern/],
  [parameter('Days', 'some'), /Parameter Days .*must be a number/],
  [parameter('Days', '0'), /must be a number not less than 1/],
  [parameter('Weeks', '1'), /Parameters: \[Weeks\] do not exist in the template/],
])('the parameter %o is refused before anything is there', async (given, message) => {
  const { account, changeSet } = await stackWorld();
  const refused = changeSet('CREATE', parametrised(), { Parameters: [given] });
  await expect(refused).rejects.toMatchObject({
    name: 'ValidationError',
    message: expect.stringMatching(message) as string,
  });
  expect([account.stacks.find(StackName), account.sqs.has(BELLS)]).toEqual([undefined, false]);
});

test('a parameter that an update does not name takes the template’s default, or stays when the update says so', async () => {
  const { change, update, settle, described } = await stackWorld();
  const template = parametrised();
  Object.assign(template.Resources.Bells.Properties, { QueueName: { 'Fn::Sub': 'bells-${Owner}' } });
  await change('CREATE', template, { Parameters: [parameter('Owner', 'them'), parameter('Days', '7')] });
  const after = async (Parameters: Parameters<typeof update>[0]['Parameters']) => {
    await update({ UsePreviousTemplate: true, Parameters });
    await settle();
    return (await described())?.Parameters?.map(({ ParameterValue }) => ParameterValue);
  };
  expect(await after([{ ParameterKey: 'Days', UsePreviousValue: true }, parameter('Owner', 'you')])).toEqual([
    '7',
    'you',
  ]);
  expect(await after([])).toEqual(['30', 'us']);
});

test.each<[string, object, RegExp]>([
  [
    'needs itself',
    withResources({ Dead: bucketOf({ BucketName: { Ref: 'Loop' } }), Loop: bucketOf({ BucketName: { Ref: 'Dead' } }) }),
    /Circular dependency between resources/,
  ],
  [
    'names what is not there',
    withResources({ More: { ...bucketOf({}), DependsOn: 'Nothing' } }),
    /Unresolved resource dependencies \[Nothing\]/,
  ],
  [
    'has a key that CloudFormation does not know',
    withResources({ More: { Type: 'AWS::S3::Bucket', Condtion: 'x' } }),
    /Template format error: .*Condtion/s,
  ],
  [
    'has a type that is not modelled',
    withResources({ More: { Type: 'AWS::SNS::Subscription' } }),
    /does not model More \(AWS::SNS::Subscription\)/,
  ],
  [
    'has a property that is not modelled',
    withResources({ More: bucketOf({ WebsiteConfiguration: {} }) }),
    /does not model More .*WebsiteConfiguration/,
  ],
  [
    'is longer than a request may bring',
    withResources({ More: { ...bucketOf({}), Metadata: 'x'.repeat(51_200) } }),
    /length less than or equal to 51200/,
  ],
])('a template that %s is refused before anything is there', async (_name, template, message) => {
  const { account, changeSet } = await stackWorld();
  await expect(changeSet('CREATE', template)).rejects.toThrow(message);
  expect([account.stacks.find(StackName), account.sqs.has(BELLS)]).toEqual([undefined, false]);
});

test('roles need the caller’s acknowledgement, and those with a name of their own a wider one', async () => {
  const { changeSet } = await stackWorld();
  await expect(changeSet('CREATE', parametrised(), { Capabilities: [] })).rejects.toMatchObject({
    name: 'InsufficientCapabilitiesException',
    message: 'Requires capabilities : [CAPABILITY_IAM]',
  });
  const named = parametrised();
  Object.assign(named.Resources.Role.Properties, { RoleName: 'sweep' });
  await expect(changeSet('CREATE', named)).rejects.toThrow('Requires capabilities : [CAPABILITY_NAMED_IAM]');
});

test('a name that another stack has fails there, and leaves the other stack’s resource alone', async () => {
  const { account, client, settle, change } = await stackWorld();
  await change('CREATE', parametrised());
  account.sqs.send(BELLS, 'ours', 900);
  const TemplateBody = JSON.stringify({
    Resources: { Mine: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'bells' } } },
  });
  await client.send(new CreateStackCommand({ StackName: 'other', TemplateBody }));
  await settle();
  const other = account.stacks.find('other');
  expect(other?.status).toBe('ROLLBACK_COMPLETE');
  expect(other?.events.find(({ status }) => status === 'CREATE_FAILED')?.reason).toMatch(
    /^bells already exists in stack arn:.*\/monitoring\//,
  );
  expect(account.sqs.bodies(BELLS)).toEqual(['ours']);
});

test('a resource that has to be replaced under its own name fails; under another the old one goes at the end', async () => {
  const { account, change, described } = await stackWorld();
  const document = (Name: string, step: string) => ({
    Type: 'AWS::SSM::Document',
    Properties: {
      Name,
      DocumentType: 'Command',
      Content: { schemaVersion: '2.2', mainSteps: [{ action: 'aws:runShellScript', name: step, inputs: {} }] },
    },
  });
  const reason = () => account.stacks.find(StackName)?.events.find(({ status }) => status === 'UPDATE_FAILED')?.reason;
  await change('CREATE', withResources({ Document: document('install-1', 'one') }));
  await change('UPDATE', withResources({ Document: document('install-1', 'two') }));
  expect(reason()).toMatch(/cannot update a stack when a custom-named resource requires replacing. Rename install-1/);
  expect((await described())?.StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
  await change('UPDATE', withResources({ Document: document('install-2', 'two') }));
  expect(account.stacks.find(StackName)?.resources.get('Document')?.name).toBe('install-2');
});

test('what there is not is said in CloudFormation’s words', async () => {
  const { client, change, update, changeSet } = await stackWorld();
  await expect(update({ TemplateBody: '{}' })).rejects.toThrow('Stack [monitoring] does not exist');
  const wanted = { StackName, LogicalResourceId: 'Nobody' };
  await expect(client.send(new DescribeStackResourceCommand(wanted))).rejects.toThrow(
    "Stack 'monitoring' does not exist",
  );
  await change('CREATE', parametrised());
  await expect(client.send(new DescribeStackResourceCommand(wanted))).rejects.toThrow(
    'Resource Nobody does not exist for stack monitoring',
  );
  await expect(changeSet('CREATE', parametrised())).rejects.toThrow(/already exists and cannot be created again/);
  const nowhere = { StackName, ChangeSetName: 'nowhere' };
  await expect(client.send(new ExecuteChangeSetCommand(nowhere))).rejects.toMatchObject({
    name: 'ChangeSetNotFoundException',
  });
  const TemplateURL = 'https://s3.amazonaws.com/nowhere/template.json';
  await expect(client.send(new ValidateTemplateCommand({ TemplateURL }))).rejects.toThrow('bucket does not exist');
  const odd = {
    StackName,
    ChangeSetName: 'odd',
    TemplateBody: '{}',
    RoleARN: 'arn:aws:iam::123456789012:role/deployer',
  };
  await expect(client.send(new CreateChangeSetCommand(odd))).rejects.toMatchObject({ name: 'NotImplemented' });
});
