import { expect, test } from 'vitest';
import { scriptedNodes } from '../../sandbox/account/scripted-nodes.ts';
import { createPermissions } from '../../sandbox/account/permissions.ts';
import { sessionOf } from '../../sandbox/account/principals.ts';
import { resourcesOf } from '../fakes/deployed-roles.ts';
import { unusedRights } from './granted.ts';
import { ofType, template } from './template.ts';
import { wiredStack } from './wired-stack.ts';

const groups = [{ role: 'MASTER', instanceType: 'm5.xlarge', market: 'ON_DEMAND', count: 1 }] as const;

/** The packaged template without the statements of this name. */
const without = (sid: string): typeof template =>
  JSON.parse(JSON.stringify(template), (_key, value: unknown) =>
    Array.isArray(value) ? value.filter((item) => (item as { Sid?: string } | null)?.Sid !== sid) : value,
  ) as typeof template;

test('a right that is taken away is missed at once: the order waits, says why, and comes back from no queue', async () => {
  const { account, clock, denied, errors, bucket } = await wiredStack(without('OrderOnEmrNodes'));
  const nodes = scriptedNodes(account.compute);
  const id = account.compute.emr.launch({ name: 'etl', groups });
  await clock.advance(30_000);
  const [node] = account.compute.emr.instances(id);
  const said =
    /^User: arn:aws:sts::123456789012:assumed-role\/\S+ is not authorized to perform: ssm:SendCommand on resource: (\S+) because no identity-based policy allows the ssm:SendCommand action$/;
  expect(denied.map((message) => said.exec(message)?.[1])).toEqual([
    `arn:aws:ec2:us-east-1:123456789012:instance/${node?.ec2?.id}`,
  ]);
  const logged = `on-event: reconcile failed: ConfigError: ssm:SendCommand: AccessDeniedException: ${denied[0]}`;
  expect(errors).toEqual([logged]);
  const record: unknown = JSON.parse(Buffer.from(account.s3.get(bucket, `clusters/${id}.json`).body).toString());
  const work = {
    phase: 'waiting',
    deferrals: 1,
    attempt: 0,
    reason: expect.stringContaining(denied[0] ?? '') as string,
  };
  expect(record).toMatchObject({ nodes: { [node?.ec2?.id ?? '']: { exporters: { node: { work } } } } });
  const queue = 'arn:aws:sqs:us-east-1:123456789012:prometheus-on-emr-dev-doorbells';
  expect(account.sqs.depth(queue)).toEqual({ visible: 0, hidden: 0 });
  nodes.stop();
});

test('a right that nothing uses is told by its statement, action, resource and value', () => {
  const permissions = createPermissions('123456789012');
  const role = 'arn:aws:iam::123456789012:role/x';
  const Principal = { Service: 'lambda.amazonaws.com' };
  const statement = {
    Sid: 'Keys',
    Effect: 'Allow',
    Action: ['s3:GetObject', 's3:PutObject'],
    Resource: ['arn:aws:s3:::b/a/*', 'arn:aws:s3:::b/c/*'],
    Condition: { StringEquals: { 'aws:RequestedRegion': ['us-east-1', 'eu-west-1'] } },
  };
  permissions.putRole(role, {
    trust: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' }] },
    inline: { keys: { Version: '2012-10-17', Statement: [statement] } },
  });
  for (const action of ['s3:GetObject', 's3:PutObject'])
    for (const folder of ['a', 'c'])
      for (const region of ['us-east-1', 'eu-west-1']) {
        if (`${action} ${folder} ${region}` === 's3:PutObject c eu-west-1') continue;
        const context = { 'aws:RequestedRegion': region };
        permissions.check(sessionOf(role, 'f'), { action, resource: `arn:aws:s3:::b/${folder}/k`, context });
      }
  expect(unusedRights(permissions, role)).toEqual(['Keys s3:PutObject arn:aws:s3:::b/c/* eu-west-1']);
});

test.each([
  ['roles', 'AWS::IAM::Role'],
  ['policies', 'AWS::IAM::ManagedPolicy'],
] as const)('tests without a template read the same %s as are packaged', (file, type) => {
  const bucket = '{ "Fn::If": [OwnBucket, { Ref: Bucket }, { Ref: ExistingBucket }] }';
  const sources = Object.fromEntries(resourcesOf(file, bucket, 'prometheus-on-emr-dev_'));
  const shipped = ofType(type).filter(([id]) => id in sources || type === 'AWS::IAM::Role');
  expect(sources).toEqual(Object.fromEntries(shipped.map(([id, { Properties }]) => [id, Properties])));
});
