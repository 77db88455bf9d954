import {
  DeleteBucketCommand,
  DeleteObjectsCommand,
  GetBucketTaggingCommand,
  HeadBucketCommand,
  ListObjectVersionsCommand,
  S3Client,
  type S3ServiceException,
} from '@aws-sdk/client-s3';
import { httpStatus } from '../../shared/aws/aws-error.ts';
import { ConfigError } from '../../shared/core/errors.ts';
import type { Place } from '../place-options.ts';
import { inWords, unless } from './in-words.ts';

/** A bucket, and the account that must own it: S3 refuses (403) what is asked of one that is somebody else's by now. */
interface Owned {
  readonly bucket: string;
  readonly accountId: string;
}

/** Redirects to another Region are not followed: a name that was meant for one is not deleted in another. */
const clientFor = ({ region }: Place): S3Client => new S3Client({ region });
const named = ({ bucket, accountId }: Owned) => ({ Bucket: bucket, ExpectedBucketOwner: accountId });

/** Throws unless the bucket is the account's, in the Region. */
export async function checkBucketIsHere(place: Place, owned: Owned): Promise<void> {
  const { bucket, accountId } = owned;
  try {
    await clientFor(place).send(new HeadBucketCommand(named(owned)));
  } catch (error) {
    // S3 names the Region with whatever it refuses (HTTP 301, 400, 403).
    const { 'x-amz-bucket-region': region } = (error as Partial<S3ServiceException>).$response?.headers ?? {};
    if (region !== undefined && region !== place.region) {
      throw new ConfigError(
        `the bucket ${bucket} is in ${region}, not in ${place.region}: give --region ${region} if that is the stage's; nothing was removed`,
        { cause: error },
      );
    }
    if (httpStatus(error) === 404)
      throw new ConfigError(
        `there is no bucket ${bucket}: name the one that was left, or leave --purge out; nothing was removed`,
        { cause: error },
      );
    if (httpStatus(error) === 403)
      throw new ConfigError(
        `the bucket ${bucket} is not of account ${accountId}, or these credentials may not see it (s3:ListBucket): nothing was removed`,
        { cause: error },
      );
    await inWords('s3:ListBucket', place, () => Promise.reject(error));
  }
}

/** The stack and the resource in it that CloudFormation made the bucket as; a bucket that outlives its stack keeps these tags. */
export async function madeBy(place: Place, owned: Owned): Promise<{ readonly stack?: string; readonly as?: string }> {
  const found = await inWords('s3:GetBucketTagging', place, () =>
    unless(['NoSuchTagSet'], () => clientFor(place).send(new GetBucketTaggingCommand(named(owned)))),
  );
  const tags = Object.fromEntries((found?.TagSet ?? []).map(({ Key = '', Value }) => [Key, Value]));
  const { 'aws:cloudformation:stack-name': stack, 'aws:cloudformation:logical-id': as } = tags;
  return { ...(stack !== undefined && { stack }), ...(as !== undefined && { as }) };
}

/** Deletes every object with all its versions; below the prefixes only, where some are named. */
export async function emptyBucket(
  place: Place,
  owned: Owned,
  say: (line: string) => void,
  prefixes: readonly string[] = [''],
): Promise<void> {
  const s3 = clientFor(place);
  let gone = 0;
  for (const Prefix of prefixes) {
    for (;;) {
      // A page has at most 1,000 versions, which is what DeleteObjects takes. What is deleted is on the next one no more.
      const { Versions = [], DeleteMarkers = [] } = await inWords('s3:ListBucketVersions', place, () =>
        s3.send(new ListObjectVersionsCommand({ ...named(owned), Prefix })),
      );
      const Objects = [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({ Key, VersionId }));
      if (Objects.length === 0) break;
      const { Errors = [] } = await inWords('s3:DeleteObjectVersion', place, () =>
        s3.send(new DeleteObjectsCommand({ ...named(owned), Delete: { Objects, Quiet: true } })),
      );
      const [first] = Errors;
      if (first !== undefined) {
        throw new ConfigError(
          `${owned.bucket}: ${Errors.length} versions stay, ${first.Key} among them: ${first.Message}`,
        );
      }
      gone += Objects.length;
      say(`${owned.bucket}: ${gone} versions deleted`);
    }
  }
}

/** It must be empty. */
export async function deleteBucket(place: Place, owned: Owned): Promise<void> {
  await inWords('s3:DeleteBucket', place, () => clientFor(place).send(new DeleteBucketCommand(named(owned))));
}
