import { expect, test } from 'vitest';
import type { S3 } from '../../../sandbox/account/s3.ts';
import { deleteBucket, emptyBucket } from '../../../scripts/aws/purge-bucket.ts';
import { removeTerminal } from './remove-terminal.ts';

const DEV = 'prometheus-on-emr-dev-bucket';
/** A stage that is gone; `dev` is deployed. */
const gone = (...args: readonly string[]) => ['--stage', 'gone', '--purge', '--bucket', ...args];
const madeAs = (stack: string) => ({
  'aws:cloudformation:stack-name': stack,
  'aws:cloudformation:logical-id': 'Bucket',
});

function fill(s3: S3, bucket: string, settings: Parameters<S3['createBucket']>[1] = {}): readonly string[] {
  s3.createBucket(bucket, settings);
  const keys = ['clusters/j-1.json', 'reports/q3.csv', 'targets/j-1.json'];
  // Of another account's bucket, too: beneath S3's face.
  for (const key of [...keys, 'clusters/j-1.json']) s3.put(bucket, key, { body: '1' });
  return keys;
}
const keysIn = (s3: S3, bucket: string) => [...new Set(s3.versions(bucket, '').map(({ key }) => key))];

test('--purge asks for the name of the bucket before anything; another answer removes nothing', async () => {
  const { account, asked, remove } = await removeTerminal('yes');
  await expect(remove('--purge')).rejects.toThrow(`"yes" is not ${DEV}: nothing was removed`);
  expect(asked).toEqual([
    `ALL objects in ${DEV} are deleted with all their versions, and the bucket. Type its name to go on: `,
  ]);
  expect(account.stacks.all()).toHaveLength(1);
});

test.each<[string, string, Readonly<Record<string, string>>]>([
  ['a bucket that the stack did not make', 'team-bucket', {}],
  ['one that is only named as the stack would name it', 'prometheus-on-emr-gone-bucket-shared', { Team: 'data' }],
  ["one that another stage's stack has made", 'left', madeAs('prometheus-on-emr-old')],
])('of %s, only what is ours goes, with all its versions, and the question says so', async (_title, bucket, tags) => {
  const { account, asked, remove, said } = await removeTerminal(bucket);
  fill(account.s3, bucket, { tags });
  await remove(...gone(bucket));
  expect(keysIn(account.s3, bucket)).toEqual(['reports/q3.csv']);
  expect(asked).toEqual([expect.stringMatching(`^artifacts/, .*, targets/ in ${bucket} are deleted .* stay\\. Type`)]);
  expect(said.at(-1)).toBe(`prometheus-on-emr-gone is gone, and what was its in ${bucket} too.`);
});

test('of a bucket that the stack has made and left behind, all goes, and the bucket', async () => {
  const { account, asked, remove } = await removeTerminal('left');
  fill(account.s3, 'left', { tags: madeAs('prometheus-on-emr-gone') });
  await remove(...gone('left'));
  expect(asked).toEqual([expect.stringContaining('ALL objects in left')]);
  expect(account.s3.hasBucket('left')).toBe(false);
});

test.each<[string, Parameters<S3['createBucket']>[1] | undefined, readonly string[], RegExp]>([
  [
    'a living stack of the stage whose bucket is another one',
    {},
    ['--purge', '--bucket', 'b', '--yes'],
    /^--bucket is "b", but the stack prometheus-on-emr-dev is there \(CREATE_COMPLETE\), and its bucket is prometheus-on-emr-dev-bucket: leave --bucket out/,
  ],
  [
    'a bucket of another Region',
    { region: 'eu-west-1', tags: madeAs('prometheus-on-emr-gone') },
    gone('b', '--yes'),
    /^the bucket b is in eu-west-1, not in us-east-1: give --region eu-west-1 .*nothing was removed$/,
  ],
  [
    'a bucket of another account',
    { owner: '999999999999' },
    gone('b', '--yes'),
    /^the bucket b is not of account 1234/,
  ],
  ['a bucket that is not there', undefined, gone('b', '--yes'), /^there is no bucket b: name the one that was left/],
])('%s: --purge refuses, and nothing is removed', async (_title, settings, args, words) => {
  const { account, remove } = await removeTerminal();
  const keys = settings === undefined ? [] : fill(account.s3, 'b', settings);
  await expect(remove(...args)).rejects.toThrow(words);
  expect(account.stacks.all()).toMatchObject([{ status: 'CREATE_COMPLETE' }]);
  expect(account.s3.hasBucket('b') ? keysIn(account.s3, 'b') : []).toEqual(keys);
});

test("the bucket of another stage's living stack is refused with the stack's name", async () => {
  const { account, remove } = await removeTerminal();
  const keys = fill(account.s3, DEV);
  await expect(remove(...gone(DEV, '--yes'))).rejects.toThrow(
    `${DEV} is the bucket of prometheus-on-emr-dev, which is CREATE_COMPLETE: nothing was removed`,
  );
  expect(keysIn(account.s3, DEV)).toEqual(keys);
});

test('a bucket that changes hands while it is purged is left alone', async () => {
  const { account } = await removeTerminal();
  const keys = fill(account.s3, 'b');
  const place = { stage: 'gone', region: 'us-east-1' };
  const theirs = { bucket: 'b', accountId: '999999999999' };
  await expect(emptyBucket(place, theirs, () => {})).rejects.toThrow('may not call s3:ListBucketVersions');
  await expect(deleteBucket(place, theirs)).rejects.toThrow('may not call s3:DeleteBucket');
  expect(keysIn(account.s3, 'b')).toEqual(keys);
});
