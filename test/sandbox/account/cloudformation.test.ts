import {
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackResourceCommand,
  ExecuteChangeSetCommand,
  ListStackResourcesCommand,
} from '@aws-sdk/client-cloudformation';
import { expect, test } from 'vitest';
import { BELLS, Capabilities, parametrised, StackName, stackWorld, SWEEP } from './stack-world.ts';

/** Another zip for the sweep, and one more queue that came first. */
function changed() {
  const template = parametrised();
  template.Resources.Sweep.Properties.Code.S3Key = 'serverless/sweep-2.zip';
  return { ...template, Resources: { Late: queue('late'), ...template.Resources } };
}
const queue = (QueueName: string) => ({ Type: 'AWS::SQS::Queue', Properties: { QueueName } });

test('a change set makes a stack: nothing is there before it is executed, each resource comes after what it needs', async () => {
  const { account, client, settle, changeSet, described, events } = await stackWorld();
  const set = await changeSet('CREATE', parametrised());
  expect(set).toMatchObject({ Status: 'CREATE_COMPLETE', ExecutionStatus: 'AVAILABLE' });
  expect(set.Changes).toHaveLength(Object.keys(parametrised().Resources).length);
  expect([(await described())?.StackStatus, account.sqs.has(BELLS)]).toEqual(['REVIEW_IN_PROGRESS', false]);

  await client.send(new ExecuteChangeSetCommand({ StackName, ChangeSetName: 'change' }));
  expect((await described())?.StackStatus).toBe('CREATE_IN_PROGRESS');
  await settle();
  expect(await described()).toMatchObject({
    StackStatus: 'CREATE_COMPLETE',
    Outputs: [{ OutputKey: 'Bells', OutputValue: 'http://127.0.0.1:4566/123456789012/bells' }],
    Parameters: [
      { ParameterKey: 'Days', ParameterValue: '30' },
      { ParameterKey: 'Owner', ParameterValue: 'us' },
    ],
  });
  const told = (await events()).toReversed();
  expect(told[0]).toBe('monitoring CREATE_IN_PROGRESS User Initiated');
  expect(told.at(-1)).toBe('monitoring CREATE_COMPLETE');
  const made = told.filter((event) => event.endsWith('CREATE_COMPLETE'));
  expect(made.indexOf('Dead CREATE_COMPLETE')).toBeLessThan(made.indexOf('Bells CREATE_COMPLETE'));
  expect(made.indexOf('Role CREATE_COMPLETE')).toBeLessThan(made.indexOf('Sweep CREATE_COMPLETE'));
  const { StackResourceDetail } = await client.send(
    new DescribeStackResourceCommand({ StackName, LogicalResourceId: 'Bells' }),
  );
  expect(StackResourceDetail?.PhysicalResourceId).toBe('http://127.0.0.1:4566/123456789012/bells');
});

test('an update creates, changes, and deletes at its end, and lets everything else be', async () => {
  const { account, client, change, events, run } = await stackWorld();
  await change('CREATE', parametrised());
  account.sqs.send(BELLS, 'waiting', 900);
  const { SweepRetries, ...kept } = changed().Resources;
  expect(SweepRetries.Type).toBe('AWS::Lambda::EventInvokeConfig');
  const stack = await change('UPDATE', { ...changed(), Resources: kept });
  expect(stack?.StackStatus).toBe('UPDATE_COMPLETE');
  expect(await run(SWEEP)).toBe('serverless/sweep-2.zip');
  expect(account.sqs.bodies(BELLS)).toEqual(['waiting']);
  const told = (await events()).toReversed();
  expect(told.slice(told.indexOf('monitoring UPDATE_IN_PROGRESS User Initiated'))).toEqual([
    'monitoring UPDATE_IN_PROGRESS User Initiated',
    'Late CREATE_IN_PROGRESS',
    'Late CREATE_COMPLETE',
    'Sweep UPDATE_IN_PROGRESS',
    'Sweep UPDATE_COMPLETE',
    'monitoring UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
    'SweepRetries DELETE_IN_PROGRESS',
    'SweepRetries DELETE_COMPLETE',
    'monitoring UPDATE_COMPLETE',
  ]);
  const { StackResourceSummaries } = await client.send(new ListStackResourcesCommand({ StackName }));
  expect(StackResourceSummaries?.map(({ LogicalResourceId }) => LogicalResourceId).sort()).toEqual(
    Object.keys(kept).sort(),
  );
});

test('without changes a change set fails, and an update is refused', async () => {
  const { change, changeSet, update } = await stackWorld();
  await change('CREATE', parametrised());
  expect(await changeSet('UPDATE', parametrised())).toMatchObject({
    Status: 'FAILED',
    StatusReason: expect.stringContaining("The submitted information didn't contain changes.") as string,
  });
  await expect(update({ UsePreviousTemplate: true })).rejects.toMatchObject({
    name: 'ValidationError',
    message: 'No updates are to be performed.',
  });
});

test('a failure brings back the code that was there and takes away what was new; the next update may go well', async () => {
  const { account, change, described, events, run } = await stackWorld();
  await change('CREATE', parametrised());
  account.stacks.failNext('EveryMinute', 'Rule quota reached');
  const template = changed();
  Object.assign(template.Resources.EveryMinute.Properties, { ScheduleExpression: 'rate(5 minutes)' });
  await change('UPDATE', template);
  expect((await described())?.StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(await run(SWEEP)).toBe('serverless/sweep.zip');
  expect(account.sqs.has(BELLS.replace('bells', 'late'))).toBe(false);
  const told = await events();
  expect(told).toContain('EveryMinute UPDATE_FAILED Rule quota reached');
  expect(told).toContain(
    'monitoring UPDATE_ROLLBACK_IN_PROGRESS The following resource(s) failed to update: [EveryMinute].',
  );
  expect((await change('UPDATE', template))?.StackStatus).toBe('UPDATE_COMPLETE');
  expect(await run(SWEEP)).toBe('serverless/sweep-2.zip');
});

test('a stack whose creation failed has nothing, and cannot be updated; with OnFailure DELETE it is gone', async () => {
  const { account, client, settle, change, changeSet } = await stackWorld();
  account.stacks.failNext('Sweep', 'No capacity');
  expect((await change('CREATE', parametrised()))?.StackStatus).toBe('ROLLBACK_COMPLETE');
  expect([account.sqs.has(BELLS), account.stacks.find(StackName)?.resources.size]).toEqual([false, 0]);
  await expect(changeSet('UPDATE', changed())).rejects.toThrow(/is in ROLLBACK_COMPLETE state and can not be updated/);

  account.stacks.failNext('Sweep', 'No capacity');
  const input = { StackName: 'other', Capabilities, TemplateBody: JSON.stringify(parametrised()) };
  await client.send(new CreateStackCommand({ ...input, OnFailure: 'DELETE' }));
  await settle();
  expect(account.stacks.find('other')).toBeUndefined();
});

test('while a stack changes it takes no second change', async () => {
  const { account, client, settle, change, update, described } = await stackWorld();
  await change('CREATE', parametrised());
  account.stacks.takeMs(60_000);
  await update({ TemplateBody: JSON.stringify(changed()) });
  await expect(update({ TemplateBody: JSON.stringify(parametrised()) })).rejects.toThrow(
    /is in UPDATE_IN_PROGRESS state and can not be updated/,
  );
  await settle();
  expect((await described())?.StackStatus).toBe('UPDATE_IN_PROGRESS');
  await client.send(new DeleteStackCommand({ StackName: 'nobody' }));
});

test('a deletion keeps what is to be retained, and stops at a bucket that is not empty', async () => {
  const { account, client, settle, change, described, events } = await stackWorld();
  const { Bucket: _, ...template } = { ...parametrised(), Bucket: undefined };
  const Resources = {
    ...template.Resources,
    Bucket: { Type: 'AWS::S3::Bucket', DeletionPolicy: 'Retain' },
    Uploads: { Type: 'AWS::S3::Bucket' },
  };
  await change('CREATE', { ...template, Resources });
  const name = (id: string) => account.stacks.find(StackName)?.resources.get(id)?.name ?? '';
  const [kept, uploads] = [name('Bucket'), name('Uploads')];
  account.s3.put(uploads, 'code.zip', { body: 'x' });
  const remove = async () => {
    await client.send(new DeleteStackCommand({ StackName }));
    await settle();
  };
  await remove();
  expect((await described())?.StackStatus).toBe('DELETE_FAILED');
  expect(await events()).toContain('Uploads DELETE_FAILED The bucket you tried to delete is not empty');
  account.s3.remove(uploads, 'code.zip');
  await remove();
  await expect(described()).rejects.toThrow('Stack with id monitoring does not exist');
  expect([account.s3.hasBucket(kept), account.s3.hasBucket(uploads), account.sqs.has(BELLS)]).toEqual([
    true,
    false,
    false,
  ]);
  await change('CREATE', { ...template, Resources });
  expect(name('Bucket')).not.toBe(kept);
});
