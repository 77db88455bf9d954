import { S3Client } from '@aws-sdk/client-s3';
import { describe, expect, test } from 'vitest';
import { s3Objects } from '../../shared/aws/s3-objects.ts';
import { type Answer, type Asked, awsStub, halfOf, inTurn, lost, s3Error, xml } from './aws-stub.ts';

async function s3(answer: (asked: Asked) => Answer) {
  const stub = await awsStub(answer);
  return { ...stub, objects: s3Objects(new S3Client({ ...stub.client, forcePathStyle: true }), 'bucket') };
}

const stored = (body: string, headers = {}): Answer => xml(body, 200, { etag: '"v1"', ...headers });
const written: Answer = { status: 200, headers: { etag: '"v2"' }, body: '' };
const draft = { body: 'mine', metadata: { sequence: '7' } };

describe('a conditional write', () => {
  test('of a new key says that none may exist', async () => {
    const { objects, asked } = await s3(() => written);
    expect(await objects.put('k', draft, undefined)).toBe('"v2"');
    expect(asked[0]?.request.headers).toMatchObject({ 'if-none-match': '*', 'x-amz-meta-sequence': '7' });
  });

  test('of a known key says which version it replaces', async () => {
    const { objects, asked } = await s3(() => written);
    await objects.put('k', draft, '"v1"');
    expect(asked[0]?.request.headers).toMatchObject({ 'if-match': '"v1"' });
  });

  test.each([
    ['another version is there', s3Error('PreconditionFailed', 412), stored('theirs')],
    ['somebody writes at the same time', s3Error('ConditionalRequestConflict', 409), stored('theirs')],
    ['the key is gone', s3Error('NoSuchKey', 404), s3Error('NoSuchKey', 404)],
  ])('is a lost race when %s', async (_name, refusal, now) => {
    const { objects } = await s3(inTurn(refusal, now));
    await expect(objects.put('k', draft, '"v1"')).rejects.toMatchObject({ name: 'ConflictError', retryable: true });
  });

  test('whose answer was lost is not lost against itself when the SDK repeats it', async () => {
    const ours = stored('mine', { 'x-amz-meta-sequence': '7' });
    const { objects, operations } = await s3(inTurn(lost, s3Error('PreconditionFailed', 412), ours));
    expect(await objects.put('k', draft, '"v0"')).toBe('"v1"');
    expect(operations()).toEqual(['PUT /bucket/k', 'PUT /bucket/k', 'GET /bucket/k']);
  });

  test('is not our own when only its body differs', async () => {
    const theirs = stored('theirs', { 'x-amz-meta-sequence': '7' });
    const { objects } = await s3(inTurn(s3Error('PreconditionFailed', 412), theirs));
    await expect(objects.put('k', draft, '"v0"')).rejects.toMatchObject({ name: 'ConflictError' });
  });

  test('is not our own when only its metadata differ', async () => {
    const theirs = stored('mine', { 'x-amz-meta-sequence': '6' });
    const { objects } = await s3(inTurn(s3Error('PreconditionFailed', 412), theirs));
    await expect(objects.put('k', draft, '"v0"')).rejects.toMatchObject({ name: 'ConflictError' });
  });

  test('into a missing bucket is no lost race: a person has to mend it', async () => {
    const { objects } = await s3(() => s3Error('NoSuchBucket', 404));
    await expect(objects.put('k', draft, '"v1"')).rejects.toMatchObject({ name: 'ConfigError' });
  });

  test('that is denied is for a person to mend', async () => {
    const { objects } = await s3(() => s3Error('AccessDenied', 403));
    await expect(objects.put('k', draft, '"v1"')).rejects.toMatchObject({ name: 'ConfigError', retryable: false });
  });
});

describe('a conditional delete', () => {
  test('says which version it means', async () => {
    const { objects, asked } = await s3(() => ({ status: 204, headers: {}, body: '' }));
    await objects.delete('k', '"v1"');
    expect(asked[0]?.request.headers).toMatchObject({ 'if-match': '"v1"' });
  });

  test('is a lost race when another version is there', async () => {
    const { objects } = await s3(inTurn(s3Error('PreconditionFailed', 412), stored('theirs')));
    await expect(objects.delete('k', '"v0"')).rejects.toMatchObject({ name: 'ConflictError' });
  });

  test('whose answer was lost is not lost against itself when the SDK repeats it', async () => {
    const gone = s3Error('NoSuchKey', 404);
    const { objects, operations } = await s3(inTurn(lost, s3Error('PreconditionFailed', 412), gone));
    await objects.delete('k', '"v1"');
    expect(operations()).toEqual(['DELETE /bucket/k', 'DELETE /bucket/k', 'GET /bucket/k']);
  });
});

describe('reading', () => {
  test('an object that breaks off half-way fails, it is never a shorter object', async () => {
    const { objects } = await s3(() => halfOf(stored('a long enough body')));
    await expect(objects.get('k')).rejects.toMatchObject({ name: 'UnavailableError' });
  });

  test('a missing bucket is not a missing object', async () => {
    const { objects } = await s3(() => s3Error('NoSuchBucket', 404));
    await expect(objects.get('k')).rejects.toMatchObject({ name: 'ConfigError' });
  });

  test('a denied look does not say that the key is absent', async () => {
    const { objects } = await s3(() => ({ status: 403, headers: {}, body: '' }));
    await expect(objects.exists('k')).rejects.toMatchObject({ name: 'ConfigError' });
  });
});

const page = (keys: readonly string[], next = '') =>
  xml(`<ListBucketResult><KeyCount>${keys.length}</KeyCount>${keys.map((key) => `<Contents><Key>${key}</Key><ETag>"${key}"</ETag></Contents>`).join('')}
    <IsTruncated>${next !== ''}</IsTruncated>${next && `<NextContinuationToken>${next}</NextContinuationToken>`}</ListBucketResult>`);
const isSecond = ({ request }: Asked) => request.query.get('continuation-token') === 'two';

describe('listing', () => {
  test('reads every page', async () => {
    const { objects } = await s3((asked) => (isSecond(asked) ? page(['t/b']) : page(['t/a'], 'two')));
    expect(await objects.list('t/')).toEqual(
      new Map([
        ['t/a', '"t/a"'],
        ['t/b', '"t/b"'],
      ]),
    );
  });

  test('half a list is never answered', async () => {
    const { objects } = await s3((asked) => (isSecond(asked) ? s3Error('AccessDenied', 403) : page(['t/a'], 'two')));
    await expect(objects.list('t/')).rejects.toMatchObject({ name: 'ConfigError' });
  });

  test('an answer that is not a listing is not an empty one', async () => {
    const { objects } = await s3(() => xml('<html><body>a proxy</body></html>'));
    await expect(objects.list('t/')).rejects.toMatchObject({ name: 'UnavailableError' });
  });
});
