import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  paginateListObjectsV2,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { clientConfig, s3World } from './account-clients.ts';

const Bucket = 'monitoring';
const Key = 'clusters/j-1.json';
const refused = (name: string, status: number) => ({ name, $metadata: { httpStatusCode: status } });

describe('conditional writes', () => {
  test('of two writers who both create a key, the second is refused with 412', async () => {
    const { client } = await s3World();
    const create = () => client.send(new PutObjectCommand({ Bucket, Key, Body: '{}', IfNoneMatch: '*' }));
    await create();
    await expect(create()).rejects.toMatchObject(refused('PreconditionFailed', 412));
  });

  test('of two writers who read the same version, only one wins', async () => {
    const { client } = await s3World();
    const { ETag: IfMatch } = await client.send(new PutObjectCommand({ Bucket, Key, Body: '{}' }));
    const save = (Body: string) => client.send(new PutObjectCommand({ Bucket, Key, Body, IfMatch }));
    const outcomes = await Promise.allSettled([save('a'), save('b'), save('c')]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected']);
    await expect(save('d')).rejects.toMatchObject(refused('PreconditionFailed', 412));
  });

  test('a missing key and a delete marker answer 404 to If-Match and let If-None-Match through', async () => {
    const { client } = await s3World();
    const update = () => client.send(new PutObjectCommand({ Bucket, Key, Body: 'x', IfMatch: '"0"' }));
    await expect(update()).rejects.toMatchObject(refused('NoSuchKey', 404));
    await client.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
    await client.send(new DeleteObjectCommand({ Bucket, Key }));
    await expect(update()).rejects.toMatchObject(refused('NoSuchKey', 404));
    await client.send(new PutObjectCommand({ Bucket, Key, Body: 'y', IfNoneMatch: '*' }));
  });

  test('a delete with another ETag is refused, one with the right ETag leaves a delete marker', async () => {
    const { client } = await s3World();
    const { ETag } = await client.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
    const remove = (IfMatch: string | undefined) => client.send(new DeleteObjectCommand({ Bucket, Key, IfMatch }));
    await expect(remove('"0"')).rejects.toMatchObject(refused('PreconditionFailed', 412));
    await expect(remove(ETag)).resolves.toMatchObject({ DeleteMarker: true });
    await expect(remove(ETag)).rejects.toMatchObject(refused('NoSuchKey', 404));
    await expect(remove('*')).rejects.toMatchObject(refused('PreconditionFailed', 412));
    await expect(client.send(new GetObjectCommand({ Bucket, Key }))).rejects.toMatchObject(refused('NoSuchKey', 404));
  });

  test('the 409 that S3 answers to a race arrives when armed, once', async () => {
    const { client, s3 } = await s3World();
    s3.faults.arm({ kind: 'error', status: 409, code: 'ConditionalRequestConflict' }, { operation: 'PutObject' });
    const put = () => client.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
    await expect(put()).rejects.toMatchObject(refused('ConditionalRequestConflict', 409));
    await put();
  });
});

describe('reading', () => {
  test('an object comes back with its body, quoted ETag, type and metadata', async () => {
    const { client } = await s3World();
    const written = await client.send(
      new PutObjectCommand({
        Bucket,
        Key,
        Body: 'grüße',
        ContentType: 'application/json',
        Metadata: { sequence: '7' },
      }),
    );
    const { Body, ...read } = await client.send(new GetObjectCommand({ Bucket, Key }));
    expect(await Body?.transformToString()).toBe('grüße');
    expect(read).toMatchObject({ ETag: written.ETag, ContentType: 'application/json', Metadata: { sequence: '7' } });
    expect(read.ETag).toMatch(/^"[0-9a-f]{32}"$/);
    expect(await client.send(new HeadObjectCommand({ Bucket, Key }))).toMatchObject({
      ContentLength: 7,
      ETag: read.ETag,
    });
  });

  test('an unchanged object answers 304 to If-None-Match', async () => {
    const { client } = await s3World();
    const { ETag: IfNoneMatch } = await client.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
    await expect(client.send(new GetObjectCommand({ Bucket, Key, IfNoneMatch }))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 304 },
    });
  });

  test('a stream sent as aws-chunked is stored without its framing, and a wrong checksum is refused', async () => {
    const { client } = await s3World();
    const big = 'spark'.repeat(40_000);
    await client.send(new PutObjectCommand({ Bucket, Key, Body: Readable.from([big]), ContentLength: big.length }));
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
    expect(await Body?.transformToString()).toBe(big);
    const wrong = new PutObjectCommand({ Bucket, Key, Body: 'x', ChecksumCRC32: 'AAAAAA==' });
    await expect(client.send(wrong)).rejects.toMatchObject(refused('BadDigest', 400));
  });

  test('lists 2,500 keys in three pages, in UTF-8 order, only those under the prefix', async () => {
    const { client, s3 } = await s3World();
    const keys = Array.from({ length: 2500 }, (_, n) => `targets/j-${n}.json`);
    for (const key of [...keys, 'targets/\u{1F600}', 'targets/\uFFFD', 'clusters/j-1.json'])
      s3.put(Bucket, key, { body: '' });
    const pages: (string | undefined)[][] = [];
    for await (const { Contents } of paginateListObjectsV2({ client }, { Bucket, Prefix: 'targets/' })) {
      pages.push((Contents ?? []).map((object) => object.Key));
    }
    expect(pages.map((page) => page.length)).toEqual([1000, 1000, 502]);
    expect(pages.flat()).toEqual([...keys.sort(), 'targets/\uFFFD', 'targets/\u{1F600}']);
  });

  test('lists a key from when it is first written until it is deleted, and again once it is back', async () => {
    const { s3 } = await s3World();
    const keys = () => s3.list(Bucket, {}).objects.map(({ key }) => key);
    expect(keys()).toEqual([]);
    s3.put(Bucket, 'b', { body: '' });
    expect(keys()).toEqual(['b']);
    s3.put(Bucket, 'a', { body: '' });
    expect(keys()).toEqual(['a', 'b']);
    s3.remove(Bucket, 'b');
    expect(keys()).toEqual(['a']);
    expect([s3.find(Bucket, 'a')?.key, s3.find(Bucket, 'b'), s3.find(Bucket, 'never')]).toEqual([
      'a',
      undefined,
      undefined,
    ]);
    s3.put(Bucket, 'b', { body: '' });
    expect(keys()).toEqual(['a', 'b']);
  });

  test('a delimiter folds keys into common prefixes', async () => {
    const { client, s3 } = await s3World();
    for (const key of ['a/1', 'a/2', 'b/1', 'c']) s3.put(Bucket, key, { body: '' });
    const { CommonPrefixes, Contents } = await client.send(new ListObjectsV2Command({ Bucket, Delimiter: '/' }));
    expect(CommonPrefixes).toEqual([{ Prefix: 'a/' }, { Prefix: 'b/' }]);
    expect(Contents?.map((object) => object.Key)).toEqual(['c']);
  });

  test('an operation that is not modelled answers NotImplemented', async () => {
    const { client } = await s3World();
    const tagging = new PutObjectTaggingCommand({ Bucket, Key, Tagging: { TagSet: [] } });
    await expect(client.send(tagging)).rejects.toMatchObject(refused('NotImplemented', 501));
    await expect(client.send(new GetObjectCommand({ Bucket, Key, Range: 'bytes=0-1' }))).rejects.toMatchObject(
      refused('NotImplemented', 501),
    );
  });
});

describe('signatures', () => {
  test('a presigned URL works until it has expired, and not for another key', async () => {
    const { client, s3, clock } = await s3World();
    s3.put(Bucket, 'artifacts/node/a+b c', { body: 'binary' });
    const url = await getSignedUrl(client, new GetObjectCommand({ Bucket, Key: 'artifacts/node/a+b c' }), {
      expiresIn: 60,
    });
    expect(await (await fetch(url)).text()).toBe('binary');
    const forged = await fetch(url.replace('artifacts', 'clusters'));
    expect([forged.status, await forged.text()]).toEqual([403, expect.stringContaining('SignatureDoesNotMatch')]);
    await clock.advance(61_000);
    const late = await fetch(url);
    expect([late.status, await late.text()]).toEqual([403, expect.stringContaining('Request has expired')]);
  });

  test('a presigned URL of more than a week, or of signature version 2, is refused', async () => {
    const { client, face } = await s3World();
    const url = await getSignedUrl(client, new GetObjectCommand({ Bucket, Key }), { expiresIn: 60 });
    const long = await fetch(url.replace('X-Amz-Expires=60', 'X-Amz-Expires=604801'));
    expect([long.status, await long.text()]).toEqual([400, expect.stringContaining('between 1 and 604800 seconds')]);
    const old = await fetch(`${face.url}/${Bucket}/${Key}?AWSAccessKeyId=a&Signature=b&Expires=1`);
    expect([old.status, await old.text()]).toEqual([501, expect.stringContaining('signature version 2')]);
  });

  test('a presigned URL dies with the credentials that signed it', async () => {
    const { s3, clock, store, face } = await s3World();
    s3.put(Bucket, Key, { body: 'x' });
    const client = new S3Client({ ...clientConfig(face.url, store.issue(undefined, 30_000)), forcePathStyle: true });
    const url = await getSignedUrl(client, new GetObjectCommand({ Bucket, Key }), { expiresIn: 3600 });
    await clock.advance(31_000);
    const late = await fetch(url);
    expect([late.status, await late.text()]).toEqual([400, expect.stringContaining('ExpiredToken')]);
  });

  test('an unsigned request, a stranger and a wrong secret are refused', async () => {
    const { face, credentials } = await s3World();
    expect((await fetch(`${face.url}/${Bucket}/${Key}`)).status).toBe(403);
    const as = (changed: object) =>
      new S3Client({ ...clientConfig(face.url, { ...credentials, ...changed }), forcePathStyle: true }).send(
        new GetObjectCommand({ Bucket, Key }),
      );
    await expect(as({ accessKeyId: 'ASIASTRANGER' })).rejects.toMatchObject(refused('InvalidAccessKeyId', 403));
    await expect(as({ secretAccessKey: 'guess' })).rejects.toMatchObject(refused('SignatureDoesNotMatch', 403));
  });
});

describe('faults', () => {
  test('the third request fails with 503, the fourth goes well', async () => {
    const { client, s3, calls } = await s3World();
    s3.faults.arm({ kind: 'error', status: 503, code: 'SlowDown' }, { skip: 2 });
    for (let n = 0; n < 4; n += 1) await client.send(new PutObjectCommand({ Bucket, Key, Body: 'x' })).catch(() => {});
    expect(calls.map(({ service, operation, status }) => `${service} ${operation} ${status}`)).toEqual([
      'S3 PutObject 200',
      'S3 PutObject 200',
      'S3 PutObject 503',
      'S3 PutObject 200',
    ]);
  });

  test('a lost answer leaves the effect behind', async () => {
    const { client, s3 } = await s3World();
    s3.faults.arm({ kind: 'lost' });
    const put = new PutObjectCommand({ Bucket, Key, Body: 'written' });
    await expect(client.send(put)).rejects.toThrow(/socket hang up|ECONNRESET/);
    expect(Buffer.from(s3.get(Bucket, Key).body).toString()).toBe('written');
  });

  test('half a body breaks off in the middle', async () => {
    const { client, s3 } = await s3World();
    s3.put(Bucket, Key, { body: 'x'.repeat(10_000) });
    s3.faults.arm({ kind: 'half' });
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
    await expect(Body?.transformToString()).rejects.toThrow(/aborted|terminated|reset/i);
  });

  test('a slow answer comes after its time on the account’s clock', async () => {
    const { client, s3, clock } = await s3World();
    s3.faults.arm({ kind: 'slow', ms: 5000 });
    const start = clock.now().getTime();
    const answeredAt = client.send(new PutObjectCommand({ Bucket, Key, Body: 'x' })).then(() => clock.now().getTime());
    const stillRunning = Symbol('still running');
    const ticked = async () => {
      await clock.advance(1000);
      return await Promise.race([answeredAt, new Promise((resolve) => void setTimeout(resolve, 20, stillRunning))]);
    };
    await expect.poll(ticked).toBeGreaterThanOrEqual(start + 5000);
  });
});
