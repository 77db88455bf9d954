import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { DescribeStacksCommand, CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { EMRClient, ListClustersCommand } from '@aws-sdk/client-emr';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { SendCommandCommand, SSMClient } from '@aws-sdk/client-ssm';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createAccount } from '../../../sandbox/account/account.ts';
import { realClock } from '../../../sandbox/account/clock.ts';
import { QUICK } from '../../../sandbox/account/compute.ts';
import { sessionOf } from '../../../sandbox/account/principals.ts';
import type { InstanceId } from '../../../shared/core/model.ts';
import { clientConfig, testFace } from './account-clients.ts';

const ROLE = 'arn:aws:iam::123456789012:role/sweep';
const SESSION = 'arn:aws:sts::123456789012:assumed-role/sweep/function';
const TRUST = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
};

interface Statement {
  readonly Effect?: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: object;
}

/** An account behind a face, and clients of a role that may do what the statements say. */
async function asRole(...statements: readonly Statement[]) {
  const account = createAccount({ clock: realClock(), timings: QUICK });
  onTestFinished(() => account.stop());
  const may = (...now: readonly Statement[]): void => {
    const Statement = now.map((one) => ({ Effect: 'Allow', ...one }));
    account.permissions.putRole(ROLE, { trust: TRUST, inline: { rights: { Version: '2012-10-17', Statement } } });
  };
  may({ Action: 'sts:GetCallerIdentity', Resource: '*' }, ...statements);
  const face = await testFace(account.handlers);
  const client = { ...clientConfig(face.url, account.credentials.issue(sessionOf(ROLE, 'function'))) };
  return { account, may, client, s3: new S3Client({ ...client, forcePathStyle: true }) };
}

const refusal = (action: string, resource: string) =>
  `User: ${SESSION} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`;

describe('a call that no policy allows is refused as AWS refuses it', () => {
  test('by a JSON service', async () => {
    const { client } = await asRole();
    await expect(new EMRClient(client).send(new ListClustersCommand())).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: refusal('elasticmapreduce:ListClusters', '*'),
      $metadata: { httpStatusCode: 400 },
    });
    const QueueUrl = `${client.endpoint}/123456789012/bells`;
    await expect(
      new SQSClient(client).send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' })),
    ).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: refusal('sqs:SendMessage', 'arn:aws:sqs:us-east-1:123456789012:bells'),
    });
  });

  test('by EC2', async () => {
    const { client } = await asRole();
    await expect(new EC2Client(client).send(new DescribeInstancesCommand())).rejects.toMatchObject({
      name: 'UnauthorizedOperation',
      message: `You are not authorized to perform this operation. ${refusal('ec2:DescribeInstances', '*')}`,
      $metadata: { httpStatusCode: 403 },
    });
  });

  test('by a Query service', async () => {
    const { client } = await asRole();
    const call = new CloudFormationClient(client).send(new DescribeStacksCommand({ StackName: 'ours' }));
    const stack = 'arn:aws:cloudformation:us-east-1:123456789012:stack/ours/*';
    await expect(call).rejects.toMatchObject({
      name: 'AccessDenied',
      message: refusal('cloudformation:DescribeStacks', stack),
      $metadata: { httpStatusCode: 403 },
    });
  });

  test('by Lambda', async () => {
    const { client } = await asRole();
    const call = new LambdaClient(client).send(new InvokeCommand({ FunctionName: 'backfill' }));
    const name = 'arn:aws:lambda:us-east-1:123456789012:function:backfill';
    await expect(call).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: refusal('lambda:InvokeFunction', name),
      $metadata: { httpStatusCode: 403 },
    });
  });

  test('by S3, which says nothing to a HEAD', async () => {
    const { s3, account } = await asRole();
    account.s3.createBucket('ours');
    const there = { Bucket: 'ours', Key: 'a' };
    await expect(s3.send(new PutObjectCommand({ ...there, Body: 'x' }))).rejects.toMatchObject({
      name: 'AccessDenied',
      message: refusal('s3:PutObject', 'arn:aws:s3:::ours/a'),
      $metadata: { httpStatusCode: 403 },
    });
    await expect(s3.send(new HeadObjectCommand(there))).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
  });
});

describe('in the bucket', () => {
  const world = async (...statements: readonly Statement[]) => {
    const all = await asRole(...statements);
    all.account.s3.createBucket('ours');
    all.account.s3.put('ours', 'targets/a', { body: 'a' });
    return all;
  };
  const status = (call: Promise<unknown>): Promise<number> =>
    call.then(
      () => 200,
      (error: { $metadata: { httpStatusCode: number } }) => error.$metadata.httpStatusCode,
    );
  const READ = { Action: 's3:GetObject', Resource: 'arn:aws:s3:::ours/targets/*' };
  const LIST = { Action: 's3:ListBucket', Resource: 'arn:aws:s3:::ours' };

  test('a missing key is 404 to who may list, and 403 to who may not', async () => {
    const { s3, may } = await world(READ);
    const missing = { Bucket: 'ours', Key: 'targets/none' };
    expect(await status(s3.send(new GetObjectCommand({ ...missing, Key: 'targets/a' })))).toBe(200);
    expect(await status(s3.send(new GetObjectCommand(missing)))).toBe(403);
    expect(await status(s3.send(new HeadObjectCommand(missing)))).toBe(403);
    may(READ, LIST);
    expect(await status(s3.send(new GetObjectCommand(missing)))).toBe(404);
  });

  test('keys are listed under the prefixes of the condition only', async () => {
    const { s3 } = await world({ ...LIST, Condition: { StringLike: { 's3:prefix': 'targets/*' } } });
    const list = (Prefix?: string) => status(s3.send(new ListObjectsV2Command({ Bucket: 'ours', Prefix })));
    expect([await list('targets/'), await list('clusters/'), await list()]).toEqual([200, 403, 403]);
  });

  test('a write on a condition needs leave to read as well', async () => {
    const { s3, may } = await world({ ...READ, Action: ['s3:PutObject', 's3:DeleteObject'] });
    const key = { Bucket: 'ours', Key: 'targets/a' };
    expect(await status(s3.send(new PutObjectCommand({ ...key, Body: 'b', IfMatch: '"x"' })))).toBe(403);
    expect(await status(s3.send(new DeleteObjectCommand({ ...key, IfMatch: '"x"' })))).toBe(403);
    may({ ...READ, Action: ['s3:PutObject', 's3:GetObject'] });
    expect(await status(s3.send(new PutObjectCommand({ ...key, Body: 'b', IfMatch: '"x"' })))).toBe(412);
  });

  test('a presigned URL may do what its signer may at the moment of its use', async () => {
    const { s3, may } = await world(READ);
    const url = await getSignedUrl(s3, new GetObjectCommand({ Bucket: 'ours', Key: 'targets/a' }));
    expect((await fetch(url)).status).toBe(200);
    may(LIST);
    expect((await fetch(url)).status).toBe(403);
  });

  test('its own policy denies whom the role’s would let in', async () => {
    const { s3, account } = await world(READ);
    const deny = { Sid: 'Tls', Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: 'arn:aws:s3:::ours/*' };
    const Condition = { Bool: { 'aws:SecureTransport': 'false' } };
    account.permissions.grantStatement({ ...deny, Condition }, ['arn:aws:s3:::ours']);
    await expect(s3.send(new GetObjectCommand({ Bucket: 'ours', Key: 'targets/a' }))).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining('with an explicit deny in a resource-based policy') as string,
    });
  });
});

test('SendCommand needs the document and every instance, and an instance by its tag', async () => {
  const tag = { StringLike: { 'ssm:resourceTag/aws:elasticmapreduce:job-flow-id': 'j-*' } };
  const documents = { Action: 'ssm:SendCommand', Resource: 'arn:aws:ssm:us-east-1:123456789012:document/ours_*' };
  const instances = { Action: 'ssm:SendCommand', Resource: 'arn:aws:ec2:us-east-1:123456789012:instance/*' };
  const { account, client, may } = await asRole(documents, { ...instances, Condition: tag });
  const { ec2 } = account.compute;
  const launch = (tags: Readonly<Record<string, string>>): InstanceId =>
    ec2.launch({ instanceType: 'm5.xlarge', market: 'ON_DEMAND', tags }).id;
  const node = launch({ 'aws:elasticmapreduce:job-flow-id': 'j-1ABCDEFGHIJKL' });
  const stranger = launch({});
  const ssm = new SSMClient(client);
  const send = (DocumentName: string, ...InstanceIds: readonly string[]): Promise<string> =>
    ssm.send(new SendCommandCommand({ DocumentName, InstanceIds: [...InstanceIds] })).then(
      () => 'sent',
      (error: Error) => (error.name === 'AccessDeniedException' ? error.message : error.name),
    );
  expect(await send('ours_install', node)).toBe('InvalidDocument');
  expect(await send('theirs', node)).toBe(
    refusal('ssm:SendCommand', 'arn:aws:ssm:us-east-1:123456789012:document/theirs'),
  );
  const other = `arn:aws:ec2:us-east-1:123456789012:instance/${stranger}`;
  expect(await send('ours_install', node, stranger)).toBe(refusal('ssm:SendCommand', other));
  may(documents);
  expect(await send('ours_install', node)).toContain(`instance/${node} because no identity-based policy allows`);
});

test.each([
  ['credentials of nobody', { accessKeyId: 'ASIANOBODY', secretAccessKey: 'x' }, 'UnrecognizedClientException'],
  ['another secret', { secretAccessKey: 'other' }, 'InvalidSignatureException'],
  ['another session', { sessionToken: 'other' }, 'UnrecognizedClientException'],
] as const)('%s are refused before anything is asked of IAM', async (_name, changed, code) => {
  const { client } = await asRole();
  const credentials = { ...client.credentials, ...changed };
  await expect(new EMRClient({ ...client, credentials }).send(new ListClustersCommand())).rejects.toMatchObject({
    name: code,
  });
});

test('many keys are deleted by the right to delete one; their versions by the right to delete a version', async () => {
  const { account, may, s3 } = await asRole({ Action: 's3:DeleteObject', Resource: 'arn:aws:s3:::b/*' });
  account.s3.createBucket('b');
  const { versionId: VersionId } = account.s3.put('b', 'k', { body: '1' });
  const remove = (object: object) =>
    s3.send(new DeleteObjectsCommand({ Bucket: 'b', Delete: { Objects: [{ Key: 'k', ...object }] } }));
  expect((await remove({})).Deleted).toHaveLength(1);
  await expect(remove({ VersionId })).rejects.toThrow(
    /perform: s3:DeleteObjectVersion on resource: arn:aws:s3:::b\/\*/,
  );
  may({ Action: 's3:DeleteObjectVersion', Resource: 'arn:aws:s3:::b/*' });
  expect((await remove({ VersionId })).Deleted).toHaveLength(1);
});
