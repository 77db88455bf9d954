import {
  DeleteBucketCommand,
  DeleteObjectsCommand,
  GetBucketEncryptionCommand,
  GetBucketLocationCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  GetBucketWebsiteCommand,
  GetObjectCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { s3World } from './account-clients.ts';

const Bucket = 'monitoring';
const status = (httpStatusCode: number) => ({ $metadata: { httpStatusCode } });

test('a bucket tells how it is set up', async () => {
  const { s3, client } = await s3World();
  s3.createBucket('plain', { versioned: false, encryption: 'aws:kms', isPrivate: false });
  const told = async (name: string) => {
    const { Status } = await client.send(new GetBucketVersioningCommand({ Bucket: name }));
    const { ServerSideEncryptionConfiguration } = await client.send(new GetBucketEncryptionCommand({ Bucket: name }));
    const { SSEAlgorithm } = ServerSideEncryptionConfiguration?.Rules?.[0]?.ApplyServerSideEncryptionByDefault ?? {};
    return [Status, SSEAlgorithm];
  };
  expect(await told(Bucket)).toEqual(['Enabled', 'AES256']);
  expect(await told('plain')).toEqual([undefined, 'aws:kms']);
  const { PublicAccessBlockConfiguration } = await client.send(new GetPublicAccessBlockCommand({ Bucket }));
  expect(PublicAccessBlockConfiguration).toMatchObject({ BlockPublicAcls: true, RestrictPublicBuckets: true });
  await expect(client.send(new GetPublicAccessBlockCommand({ Bucket: 'plain' }))).rejects.toMatchObject({
    name: 'NoSuchPublicAccessBlockConfiguration',
  });
  s3.createBucket('tagged', { tags: { Team: 'a & b' } });
  const { TagSet } = await client.send(new GetBucketTaggingCommand({ Bucket: 'tagged' }));
  expect(TagSet).toEqual([{ Key: 'Team', Value: 'a & b' }]);
  await expect(client.send(new GetBucketTaggingCommand({ Bucket }))).rejects.toMatchObject({ name: 'NoSuchTagSet' });
  expect((await client.send(new GetBucketLocationCommand({ Bucket }))).LocationConstraint).toBeFalsy();
  await expect(client.send(new GetBucketWebsiteCommand({ Bucket }))).rejects.toMatchObject({ name: 'NotImplemented' });
});

test('a bucket of nobody, of another region or of another account is told apart', async () => {
  const { s3, client } = await s3World();
  s3.createBucket('far', { region: 'eu-west-1' });
  s3.createBucket('theirs', { owner: '999999999999' });
  const head = (name: string, ExpectedBucketOwner?: string) =>
    client.send(new HeadBucketCommand({ Bucket: name, ExpectedBucketOwner }));
  expect((await head(Bucket, '123456789012')).BucketRegion).toBe('us-east-1');
  await expect(head('nobody')).rejects.toMatchObject(status(404));
  await expect(head('far')).rejects.toMatchObject(status(301));
  await expect(head('far')).rejects.toHaveProperty('$response.headers.x-amz-bucket-region', 'eu-west-1');
  await expect(head('theirs')).rejects.toMatchObject(status(403));
  await expect(head(Bucket, '999999999999')).rejects.toMatchObject(status(403));
});

test('a versioned bucket keeps every version and marker until each is deleted, and only then can go itself', async () => {
  const { client } = await s3World();
  const put = (Key: string, Body: string) => client.send(new PutObjectCommand({ Bucket, Key, Body }));
  await put('a & <b>', 'one');
  await put('a & <b>', 'three');
  await put('c', 'x');
  await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'c' }] } }));
  await expect(client.send(new DeleteBucketCommand({ Bucket }))).rejects.toMatchObject({ name: 'BucketNotEmpty' });

  const Objects: { Key: string; VersionId: string }[] = [];
  const seen: unknown[] = [];
  let more: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } | undefined = {};
  while (more !== undefined) {
    const page: Awaited<ReturnType<typeof list>> = await list(more);
    for (const { Key = '', VersionId = '', IsLatest, Size } of [
      ...(page.Versions ?? []),
      ...(page.DeleteMarkers ?? []),
    ].map((one) => ({ Size: undefined, ...one }))) {
      seen.push([Key, IsLatest, Size]);
      Objects.push({ Key, VersionId });
    }
    more = page.IsTruncated ? { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker } : undefined;
  }
  function list(from: object) {
    return client.send(new ListObjectVersionsCommand({ Bucket, MaxKeys: 1, ...from }));
  }
  expect(seen).toEqual([
    ['a & <b>', true, 5],
    ['a & <b>', false, 3],
    ['c', true, undefined],
    ['c', false, 1],
  ]);
  const [newest, ...others] = Objects;
  await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: newest === undefined ? [] : [newest] } }));
  // The body of an older version is not kept, and not made up.
  await expect(client.send(new GetObjectCommand({ Bucket, Key: 'a & <b>' }))).rejects.toMatchObject({
    name: 'NotImplemented',
  });
  const { Deleted } = await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: others } }));
  expect(Deleted).toHaveLength(3);
  await client.send(new DeleteBucketCommand({ Bucket }));
  await expect(client.send(new HeadBucketCommand({ Bucket }))).rejects.toMatchObject(status(404));
});

test('a bucket without versioning forgets what is deleted', async () => {
  const { s3, client } = await s3World();
  s3.createBucket('plain', { versioned: false });
  const { VersionId } = await client.send(new PutObjectCommand({ Bucket: 'plain', Key: 'a', Body: 'x' }));
  await client.send(new DeleteObjectsCommand({ Bucket: 'plain', Delete: { Objects: [{ Key: 'a' }], Quiet: true } }));
  expect([VersionId, s3.versions('plain', '')]).toEqual([undefined, []]);
  await client.send(new DeleteBucketCommand({ Bucket: 'plain' }));
  expect(s3.hasBucket('plain')).toBe(false);
});
