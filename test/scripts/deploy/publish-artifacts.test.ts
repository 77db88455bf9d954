import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { artifactBucket } from '../../../scripts/aws/artifact-bucket.ts';
import { fetchAll } from '../../../scripts/exporters/fetch-releases.ts';
import type { Progress } from '../../../scripts/exporters/fetch-artifact.ts';
import { publishArtifacts, verifyBucket } from '../../../scripts/deploy/publish-artifacts.ts';
import type { Release } from '../../../scripts/exporters/releases.ts';
import { ConfigError } from '../../../shared/core/errors.ts';
import { cliWorld } from '../cli-world.ts';
import { aRelease, NOWHERE, scratch, sha256 } from '../exporters/release-page.ts';

const node = aRelease();
const RELEASES: readonly Release[] = [
  { name: 'node', kind: 'exporter', path: 'node/exporter.lock', locked: node.locked },
];
const PLACE = { stage: 'dev', region: 'us-east-1' };
const KEYS = ['amd64', 'arm64'].map((arch) => `artifacts/node/1.12.1/${node.file(arch)}`);
const [AMD64 = '', ARM64 = ''] = KEYS;

let folder: string;
beforeEach(async () => {
  folder = await scratch();
  for (const arch of ['amd64', 'arm64']) await put(arch, node.bytes(arch));
});

async function put(arch: string, bytes: Buffer): Promise<void> {
  const path = join(folder, 'artifacts/node/1.12.1', node.file(arch));
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes);
}

async function world() {
  const { account, bucket: name } = await cliWorld();
  const bucket = artifactBucket(PLACE, name);
  const told: Progress[] = [];
  const options = { pause: async () => undefined, onProgress: (progress: Progress) => void told.push(progress) };
  const publish = async () => await publishArtifacts(RELEASES, folder, bucket, options);
  const by = (key: string) => account.s3.find(name, key);
  return { s3: account.s3, name, bucket, publish, by, told };
}

const base64 = (bytes: Buffer): string => Buffer.from(sha256(bytes), 'hex').toString('base64');

describe('publish', () => {
  test('puts every locked file where the orders look for it, with the checksum that S3 verifies', async () => {
    const { publish, by, told } = await world();
    expect(await publish()).toEqual(KEYS.map((key) => ({ key, done: 'uploaded' })));
    expect(by(AMD64)?.body).toEqual(await readFile(join(folder, AMD64)));
    expect(by(ARM64)?.headers).toMatchObject({ 'x-amz-checksum-sha256': base64(node.bytes('arm64')) });
    const { length } = node.bytes('amd64');
    expect(told.filter(({ file }) => file === node.file('amd64')).map(({ done, total }) => [done, total])).toEqual([
      [0, length],
      [length, length],
    ]);
  });

  test('again, uploads nothing; and what is missing alone', async () => {
    const { publish, by, s3, name } = await world();
    await publish();
    const before = by(AMD64)?.versionId;
    s3.remove(name, ARM64);
    expect(await publish()).toEqual([
      { key: AMD64, done: 'there' },
      { key: ARM64, done: 'uploaded' },
    ]);
    expect(by(AMD64)?.versionId).toBe(before);
  });

  test.each<[string, Buffer, RegExp]>([
    ['another size', Buffer.from('other'), /5 bytes, expected \d+/],
    [
      'other bytes of the same size',
      Buffer.from(node.bytes('amd64').toString().replace('x', 'y')),
      /SHA-256 \w+, expected \w+/,
    ],
  ])('never writes over a key with %s', async (_, bytes, why) => {
    const { publish, by, s3, name } = await world();
    s3.put(name, AMD64, { body: bytes });
    const refused = publish();
    await expect(refused).rejects.toThrow(why);
    await expect(refused).rejects.toThrow(
      `is not written over. Find out who put it there; then aws s3 rm s3://${name}/${AMD64}`,
    );
    await expect(refused).rejects.toBeInstanceOf(ConfigError);
    expect(by(AMD64)?.body).toEqual(bytes);
  });

  test('the same bytes that somebody uploaded by hand gain the checksum', async () => {
    const { publish, by, s3, name } = await world();
    s3.put(name, AMD64, { body: node.bytes('amd64') });
    expect(await publish()).toContainEqual({ key: AMD64, done: 'uploaded' });
    expect(by(AMD64)?.headers).toMatchObject({ 'x-amz-checksum-sha256': base64(node.bytes('amd64')) });
  });

  test('the checksum of an upload in parts is none of the file: it is read and compared', async () => {
    const { publish, by, s3, name } = await world();
    const ofParts = {
      'x-amz-checksum-sha256': `${base64(Buffer.from('parts'))}-2`,
      'x-amz-checksum-type': 'COMPOSITE',
    };
    s3.put(name, AMD64, { body: node.bytes('amd64'), headers: ofParts });
    expect(await publish()).toContainEqual({ key: AMD64, done: 'uploaded' });
    expect(by(AMD64)?.headers).toMatchObject({ 'x-amz-checksum-sha256': base64(node.bytes('amd64')) });
  });

  test('an answer that got lost after the upload is no conflict', async () => {
    const { publish, by, s3 } = await world();
    s3.faults.arm({ kind: 'lost' }, { operation: 'PutObject' });
    expect(await publish()).toEqual([
      { key: AMD64, done: 'there' },
      { key: ARM64, done: 'uploaded' },
    ]);
    expect(by(AMD64)?.body).toEqual(node.bytes('amd64'));
  });

  test('other bytes that come at the same moment win, and are an error', async () => {
    const { bucket, by, s3, name } = await world();
    const raced = { ...bucket, head: async () => undefined };
    s3.put(name, AMD64, { body: 'quicker' });
    await expect(publishArtifacts(RELEASES, folder, raced, { attempts: 1 })).rejects.toThrow(
      'written at the same time',
    );
    expect(by(AMD64)?.body).toEqual(Buffer.from('quicker'));
  });

  test('a file that was changed here since it was fetched is not uploaded', async () => {
    const { publish, by } = await world();
    await put('amd64', Buffer.from('changed'));
    await expect(publish()).rejects.toThrow(
      /amd64\.tar\.gz is not the locked file \(7 bytes.*npm run exporters -- fetch/,
    );
    expect(by(AMD64)).toBeUndefined();
  });

  test('S3 itself refuses bytes that are not those of the checksum', async () => {
    const { bucket, by } = await world();
    const path = join(folder, AMD64);
    const upload = { path, size: node.bytes('amd64').length, sha256: sha256('other'), onProgress: () => undefined };
    await expect(bucket.put(AMD64, upload)).rejects.toThrow(/BadDigest/);
    expect(by(AMD64)).toBeUndefined();
  });

  test('into a bucket that does not exist says so, as verify does', async () => {
    await world();
    const nowhere = artifactBucket(PLACE, 'no-such-bucket');
    await expect(publishArtifacts(RELEASES, folder, nowhere)).rejects.toThrow(/^the bucket does not exist/);
    await expect(verifyBucket(RELEASES, nowhere)).rejects.toThrow(/^the bucket does not exist/);
  });
});

test('verify tells of each file in the bucket whether it is the locked one', async () => {
  const { publish, bucket, s3, name } = await world();
  await publish();
  s3.put(name, AMD64, { body: 'changed' });
  s3.remove(name, ARM64);
  const verdicts = await verifyBucket(RELEASES, bucket);
  expect(verdicts.map(({ fault }) => fault)).toEqual([
    expect.stringMatching(/^7 bytes, expected/),
    'is not there: npm run exporters -- publish',
  ]);
});

test('all files are tried, and each that cannot be had is named with its lock and the ways out', async () => {
  const fetching = fetchAll(RELEASES, await scratch(), { env: {}, releasePage: NOWHERE, attempts: 1 });
  await expect(fetching).rejects.toThrow(
    /amd64\.tar\.gz \(node\/exporter\.lock\) cannot be had: .*\n.*arm64.*\n.*PROMETHEUS_ON_EMR_MIRROR.*PROMETHEUS_ON_EMR_ARTIFACTS/,
  );
});
