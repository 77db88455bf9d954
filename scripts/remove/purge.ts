import { ConfigError } from '../../shared/core/errors.ts';
import { checkBucketIsHere, deleteBucket, emptyBucket, madeBy } from '../aws/purge-bucket.ts';
import { allOurStacks, stackName } from '../aws/stack.ts';
import type { Place } from '../place-options.ts';
import type { Say } from '../step.ts';

/** Everything of ours in a bucket. */
const PREFIXES = ['artifacts/', 'clusters/', 'content/', 'ended/', 'targets/'];

interface Purge {
  readonly place: Place;
  readonly bucket: string;
  readonly accountId: string;
  /** The stack of this stage has made it: all of it goes, and it goes itself. */
  readonly isOwn: boolean;
}

/** What `--purge` would delete. Throws, before anything is removed, where it would be somebody else's. */
export async function planPurge(place: Place, bucket: string, accountId: string): Promise<Purge> {
  await checkBucketIsHere(place, { bucket, accountId });
  const name = stackName(place);
  // Of a stage that lives: given to it by existingBucket, or a name that was mistyped.
  const user = (await allOurStacks(place)).find(
    (stack) => stack.name !== name && stack.outputs['BucketName'] === bucket,
  );
  if (user !== undefined)
    throw new ConfigError(`${bucket} is the bucket of ${user.name}, which is ${user.status}: nothing was removed`);
  const { stack, as } = await madeBy(place, { bucket, accountId });
  return { place, bucket, accountId, isOwn: stack === name && as === 'Bucket' }; // infra/resources/bucket.yml
}

/** Throws unless the answer is the bucket's name. */
export async function askForPurge(
  { bucket, isOwn }: Purge,
  ask: ((question: string) => Promise<string>) | undefined,
): Promise<void> {
  const fix = 'nothing was removed';
  if (ask === undefined)
    throw new ConfigError(`--purge asks for the bucket's name, and nobody is there: add --yes; ${fix}`);
  const what = isOwn
    ? `ALL objects in ${bucket} are deleted with all their versions, and the bucket`
    : `${PREFIXES.join(', ')} in ${bucket} are deleted with all their versions; the bucket, which the stack has not made, and what else is in it stay`;
  const answer = await ask(`${what}. Type its name to go on: `);
  if (answer.trim() !== bucket) throw new ConfigError(`"${answer.trim()}" is not ${bucket}: ${fix}`);
}

export async function purge({ place, bucket, accountId, isOwn }: Purge, say: Say): Promise<void> {
  const owned = { bucket, accountId };
  await emptyBucket(place, owned, (line) => say(`  ${line}`), isOwn ? [''] : PREFIXES);
  if (isOwn) await deleteBucket(place, owned);
  else say(`  ${bucket} is not the stack's: it stays, without ${PREFIXES.join(', ')}`);
}
