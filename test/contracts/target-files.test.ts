import { describe, expect, test } from 'vitest';
import { CLUSTER } from '../core/sample-record.ts';
import { BUCKET, FACES } from './account.ts';

const CONFLICT = { name: 'ConflictError', retryable: true };
const KEY = `targets/${CLUSTER}.json`;
const empty = { body: '[]\n', sequence: 3 };
const one = { body: '[{"targets":["10.0.0.1:9100"],"labels":{"name":"é"}}]\n', sequence: 4 };

describe.each(FACES)('TargetFiles: %s', (_name, open) => {
  test('a cluster without a target file has none', async () => {
    const { targets } = (await open()).ports;
    expect(await targets.read(CLUSTER)).toBeUndefined();
    expect(await targets.list()).toEqual(new Map());
  });

  test('a file is read back with its sequence, under the ETag that writing answered', async () => {
    const { targets } = (await open()).ports;
    const etag = await targets.put(CLUSTER, empty, undefined);
    const newEtag = await targets.put(CLUSTER, one, etag);
    expect(await targets.read(CLUSTER)).toEqual({ value: one, etag: newEtag });
    expect(await targets.list()).toEqual(new Map([[CLUSTER, newEtag]]));
  });

  test('its body is in S3 byte for byte, with the sequence as metadata', async () => {
    const { ports, account } = await open();
    await ports.targets.put(CLUSTER, one, undefined);
    const object = account.s3.get(BUCKET, KEY);
    expect([Buffer.from(object.body).toString(), object.metadata]).toEqual([one.body, { sequence: '4' }]);
  });

  test('who has not seen the latest version can neither replace nor delete it', async () => {
    const { targets } = (await open()).ports;
    const seen = await targets.put(CLUSTER, empty, undefined);
    const latest = await targets.put(CLUSTER, one, seen);
    await expect(targets.put(CLUSTER, { ...empty, sequence: 5 }, undefined)).rejects.toMatchObject(CONFLICT);
    await expect(targets.put(CLUSTER, { ...empty, sequence: 5 }, seen)).rejects.toMatchObject(CONFLICT);
    await expect(targets.delete(CLUSTER, seen)).rejects.toMatchObject(CONFLICT);
    expect((await targets.read(CLUSTER))?.etag).toBe(latest);
  });

  test('a deleted file is gone, and a late writer does not bring it back', async () => {
    const { targets } = (await open()).ports;
    const etag = await targets.put(CLUSTER, empty, undefined);
    await targets.delete(CLUSTER, etag);
    await targets.delete(CLUSTER, etag);
    await expect(targets.put(CLUSTER, one, etag)).rejects.toMatchObject(CONFLICT);
    expect(await targets.read(CLUSTER)).toBeUndefined();
  });

  test('a file that somebody else put there is older than any of ours', async () => {
    const { ports, account } = await open();
    account.s3.put(BUCKET, KEY, { body: '[]' });
    expect((await ports.targets.read(CLUSTER))?.value.sequence).not.toBeGreaterThanOrEqual(0);
  });
});
