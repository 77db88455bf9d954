import { S3Client } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { s3Records } from '../../shared/aws/s3-records.ts';
import { s3Targets } from '../../shared/aws/s3-targets.ts';
import { aRecord, CLUSTER } from '../core/sample-record.ts';
import { BUCKET, FACES } from '../contracts/account.ts';
import { awsStub, inTurn, s3Error } from './aws-stub.ts';

const [, overTheWire] = FACES[1];
const lost = { kind: 'lost' } as const;

test('a save whose answer was lost is our own when the SDK repeats it, and not done twice', async () => {
  const { account, ports } = await overTheWire();
  const etag = await ports.records.save(aRecord(), undefined);
  account.faults.arm(lost, { operation: 'PutObject' });
  const next = aRecord({ writer: 'us', sequence: 2 });
  const saved = await ports.records.save(next, etag);
  expect(await ports.records.read(CLUSTER)).toEqual({ value: next, etag: saved });
});

test('a target file whose answer was lost is our own when the SDK repeats it', async () => {
  const { account, ports } = await overTheWire();
  account.faults.arm(lost, { operation: 'PutObject' });
  const file = { body: '[]\n', sequence: 3 };
  const etag = await ports.targets.put(CLUSTER, file, undefined);
  expect(await ports.targets.read(CLUSTER)).toEqual({ value: file, etag });
});

test('a deletion whose answer was lost is done', async () => {
  const { account, ports } = await overTheWire();
  const etag = await ports.records.save(aRecord(), undefined);
  account.faults.arm(lost, { operation: 'DeleteObject' });
  await ports.records.delete(CLUSTER, etag);
  expect(await ports.records.read(CLUSTER)).toBeUndefined();
});

test('what else lies under the prefixes is no cluster', async () => {
  const { account, ports } = await overTheWire();
  const keys = [`${CLUSTER}.json`, 'readme.txt', 'j-lower.json', 'j-1', `old/${CLUSTER}.json`, ''];
  for (const key of keys)
    for (const prefix of ['clusters/', 'targets/']) account.s3.put(BUCKET, prefix + key, { body: '' });
  expect([...(await ports.records.list()).keys()]).toEqual([CLUSTER]);
  expect([...(await ports.targets.list()).keys()]).toEqual([CLUSTER]);
});

test('a 409 while nobody has marked the cluster as ended is a lost race, not done', async () => {
  const missing = s3Error('NoSuchKey', 404);
  const { client } = await awsStub(inTurn(s3Error('ConditionalRequestConflict', 409), missing));
  const records = s3Records(new S3Client({ ...client, forcePathStyle: true }), 'bucket');
  await expect(records.markEnded(aRecord())).rejects.toMatchObject({ name: 'ConflictError' });
});

test('a file whose sequence is no number is older than any of ours', async () => {
  const headers = { etag: '"v1"', 'x-amz-meta-sequence': 'new' };
  const { client } = await awsStub(() => ({ status: 200, headers, body: '[]' }));
  const targets = s3Targets(new S3Client({ ...client, forcePathStyle: true }), 'bucket');
  expect((await targets.read(CLUSTER))?.value.sequence).toBe(-1);
});
