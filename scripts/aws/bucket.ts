import {
  GetBucketEncryptionCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { httpStatus } from '../../shared/aws/aws-error.ts';
import type { Place } from '../place-options.ts';
import { adviceOnRegion, inWords, unless } from './in-words.ts';

interface Expectations {
  readonly bucket: string;
  readonly accountId: string;
}

/** What keeps somebody's own bucket from serving as ours, each with what mends it. */
export async function bucketProblems(place: Place, { bucket, accountId }: Expectations): Promise<readonly string[]> {
  const s3 = new S3Client({ region: place.region });
  const of = { Bucket: bucket, ExpectedBucketOwner: accountId };
  const refusal = await inWords('s3:ListBucket', place, () => refusalOf(s3, of, place));
  if (refusal !== undefined) return [refusal];
  return await inWords('s3:GetBucket…', place, async () => [
    ...(await versioningProblems(s3, of)),
    ...(await encryptionProblems(s3, of)),
    ...(await publicProblems(s3, of)),
  ]);
}

type Of = { readonly Bucket: string; readonly ExpectedBucketOwner: string };

/** What it means that S3 does not show the bucket; an answer to HEAD has a status and headers only. */
async function refusalOf(s3: S3Client, of: Of, place: Place): Promise<string | undefined> {
  try {
    await s3.send(new HeadBucketCommand(of));
    return undefined;
  } catch (error) {
    const advice = adviceOnRegion(error, place);
    if (advice !== undefined) return advice;
    if (httpStatus(error) === 404)
      return 'there is no such bucket: create it, or leave the parameter out and the stack makes one';
    if (httpStatus(error) === 403)
      return `it is not of account ${of.ExpectedBucketOwner}, or these credentials may not see it (s3:ListBucket): name another one`;
    throw error;
  }
}

async function versioningProblems(s3: S3Client, of: Of): Promise<readonly string[]> {
  const { Status } = await s3.send(new GetBucketVersioningCommand(of));
  if (Status === 'Enabled') return [];
  return [
    `it is not versioned: aws s3api put-bucket-versioning --bucket ${of.Bucket} --versioning-configuration Status=Enabled`,
  ];
}

async function encryptionProblems(s3: S3Client, of: Of): Promise<readonly string[]> {
  const found = await unless(['ServerSideEncryptionConfigurationNotFoundError'], () =>
    s3.send(new GetBucketEncryptionCommand(of)),
  );
  if ((found?.ServerSideEncryptionConfiguration?.Rules ?? []).length > 0) return [];
  return ['it is not encrypted by default: give it a default encryption (SSE-S3 needs no key policy)'];
}

async function publicProblems(s3: S3Client, of: Of): Promise<readonly string[]> {
  const found = await unless(['NoSuchPublicAccessBlockConfiguration'], () =>
    s3.send(new GetPublicAccessBlockCommand(of)),
  );
  const { BlockPublicAcls, BlockPublicPolicy, IgnorePublicAcls, RestrictPublicBuckets } =
    found?.PublicAccessBlockConfiguration ?? {};
  if (BlockPublicAcls && BlockPublicPolicy && IgnorePublicAcls && RestrictPublicBuckets) return [];
  return ['it may become public: switch all four settings of its Block Public Access on'];
}
