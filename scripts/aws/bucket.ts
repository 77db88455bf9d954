import {
  GetBucketEncryptionCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import type { Place } from '../place-options.ts';
import { inWords, unless } from './in-words.ts';

// A bucket elsewhere answers with its Region (HTTP 301): the client then asks there.
const clientFor = ({ region }: Place): S3Client => new S3Client({ region, followRegionRedirects: true });

interface Expectations {
  readonly bucket: string;
  readonly accountId: string;
}

/** What keeps somebody's own bucket from serving as ours, each with what mends it. */
export async function bucketProblems(place: Place, { bucket, accountId }: Expectations): Promise<readonly string[]> {
  const s3 = clientFor(place);
  const of = { Bucket: bucket, ExpectedBucketOwner: accountId };
  const head = await unless(['NotFound', 'NoSuchBucket', 404], () =>
    unless(['Forbidden', 'AccessDenied', 403], () => s3.send(new HeadBucketCommand(of))).then(
      (found) => found ?? 'not ours',
    ),
  );
  if (head === undefined)
    return ['there is no such bucket: create it, or leave the parameter out and the stack makes one'];
  if (head === 'not ours') {
    return [`it is not of account ${accountId}, or these credentials may not see it (s3:ListBucket): name another one`];
  }
  const region = head.BucketRegion ?? place.region;
  if (region !== place.region)
    return [`it is in ${region}: name one in ${place.region}, or deploy with --region ${region}`];
  return await inWords('s3:GetBucket…', place, async () => [
    ...(await versioningProblems(s3, of)),
    ...(await encryptionProblems(s3, of)),
    ...(await publicProblems(s3, of)),
  ]);
}

type Of = { readonly Bucket: string; readonly ExpectedBucketOwner: string };

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
