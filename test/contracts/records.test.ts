import { describe, expect, test } from 'vitest';
import { aRecord, CLUSTER } from '../core/sample-record.ts';
import { BUCKET, FACES } from './account.ts';

const CONFLICT = { name: 'ConflictError', retryable: true };
const ours = aRecord({ writer: 'us' });
const theirs = aRecord({ writer: 'them' });

describe.each(FACES)('Records: %s', (_name, open) => {
  test('a cluster without a record has none', async () => {
    const { records } = (await open()).ports;
    expect(await records.read(CLUSTER)).toBeUndefined();
    expect(await records.list()).toEqual(new Map());
  });

  test('a saved record is read back, under the ETag that saving answered', async () => {
    const { records } = (await open()).ports;
    const etag = await records.save(ours, undefined);
    expect(await records.read(CLUSTER)).toEqual({ value: ours, etag });
    const next = aRecord({ writer: 'us', sequence: 2 });
    const newEtag = await records.save(next, etag);
    expect(await records.read(CLUSTER)).toEqual({ value: next, etag: newEtag });
  });

  test('a writer who thinks that there is no record yet is refused', async () => {
    const { records } = (await open()).ports;
    await records.save(theirs, undefined);
    await expect(records.save(ours, undefined)).rejects.toMatchObject(CONFLICT);
    expect((await records.read(CLUSTER))?.value.writer).toBe('them');
  });

  test('a writer who has not seen the latest version is refused', async () => {
    const { records } = (await open()).ports;
    const seen = await records.save(theirs, undefined);
    await records.save(aRecord({ writer: 'them', sequence: 2 }), seen);
    await expect(records.save(aRecord({ writer: 'us', sequence: 2 }), seen)).rejects.toMatchObject(CONFLICT);
    expect((await records.read(CLUSTER))?.value.writer).toBe('them');
  });

  test('a writer whose record was deleted meanwhile does not bring it back', async () => {
    const { records } = (await open()).ports;
    const etag = await records.save(theirs, undefined);
    await records.delete(CLUSTER, etag);
    await expect(records.save(ours, etag)).rejects.toMatchObject(CONFLICT);
    expect(await records.read(CLUSTER)).toBeUndefined();
  });

  test('of two writers at the same time one is refused', async () => {
    const { records } = (await open()).ports;
    const etag = await records.save(aRecord(), undefined);
    const saves = [ours, theirs].map((record) => records.save(record, etag));
    const outcomes = (await Promise.allSettled(saves)).map(({ status }) => status);
    expect(outcomes.toSorted((a, b) => a.localeCompare(b))).toEqual(['fulfilled', 'rejected']);
  });

  test('who has not seen the latest version cannot delete it', async () => {
    const { records } = (await open()).ports;
    const seen = await records.save(theirs, undefined);
    await records.save(aRecord({ writer: 'them', sequence: 2 }), seen);
    await expect(records.delete(CLUSTER, seen)).rejects.toMatchObject(CONFLICT);
    expect((await records.read(CLUSTER))?.value.sequence).toBe(2);
  });

  test('deleting twice is harmless: gone is what was wanted', async () => {
    const { records } = (await open()).ports;
    const etag = await records.save(ours, undefined);
    await records.delete(CLUSTER, etag);
    await records.delete(CLUSTER, etag);
    expect(await records.read(CLUSTER)).toBeUndefined();
  });

  test('a record can come anew after it was deleted', async () => {
    const { records } = (await open()).ports;
    await records.delete(CLUSTER, await records.save(theirs, undefined));
    await records.save(ours, undefined);
    expect((await records.read(CLUSTER))?.value).toEqual(ours);
  });

  test('a cluster has ended once somebody says so, and saying it again is harmless', async () => {
    const { records } = (await open()).ports;
    expect(await records.isEnded(CLUSTER)).toBe(false);
    await records.markEnded(theirs);
    await records.markEnded(ours);
    expect(await records.isEnded(CLUSTER)).toBe(true);
    expect(await records.list()).toEqual(new Map()); // ended ones are not among the live
  });

  test('lists every record with its ETag, over all pages', async () => {
    const { ports, account } = await open();
    const ids = Array.from({ length: 1100 }, (_, n) => `j-${String(n).padStart(5, '0')}` as const);
    const etags = ids.map((id) => account.s3.put(BUCKET, `clusters/${id}.json`, { body: id }).etag);
    expect(await ports.records.list()).toEqual(new Map(ids.map((id, n) => [id, etags[n]])));
  });

  test.each([
    ['of a newer schema', { ...ours, schema: 99 }],
    ['of no known form', { schema: 1 }],
  ])('an object %s is an UnreadableError that names it, and is left alone', async (_what, object) => {
    const { ports, account } = await open();
    const body = JSON.stringify(object);
    const { etag } = account.s3.put(BUCKET, `clusters/${CLUSTER}.json`, { body });
    const unreadable = {
      name: 'UnreadableError',
      retryable: false,
      message: expect.stringContaining(CLUSTER) as string,
    };
    await expect(ports.records.read(CLUSTER)).rejects.toMatchObject(unreadable);
    expect(account.s3.get(BUCKET, `clusters/${CLUSTER}.json`).etag).toBe(etag);
  });

  test.each([
    ['answered 503', { kind: 'error', status: 503, code: 'SlowDown' }],
    ['cut off half-way', { kind: 'half' }],
  ] as const)('a record that stays %s is neither absent nor broken', async (_what, fault) => {
    const { ports, account } = await open();
    await ports.records.save(ours, undefined);
    account.faults.arm(fault, { operation: 'GetObject', times: 9 });
    await expect(ports.records.read(CLUSTER)).rejects.toMatchObject({ name: 'UnavailableError', retryable: true });
  });

  test('a 409 of two writes at the same moment is a lost race', async () => {
    const { ports, account } = await open();
    const etag = await ports.records.save(theirs, undefined);
    account.faults.arm({ kind: 'error', status: 409, code: 'ConditionalRequestConflict' }, { operation: 'PutObject' });
    await expect(ports.records.save(ours, etag)).rejects.toMatchObject(CONFLICT);
  });
});
