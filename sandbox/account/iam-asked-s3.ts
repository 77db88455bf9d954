import { commonKeys, type Surveyor } from './iam-asked.ts';
import type { Asked } from './policy-evaluator.ts';

/** What IAM reads of an S3 request. */
export interface S3Input {
  readonly bucket: string;
  readonly key: string;
  readonly prefix?: string | undefined;
  readonly versionId?: string | undefined;
  /** If-Match, of a write. */
  readonly ifMatch?: string | undefined;
}

type Ask = (input: S3Input, place: Surveyor) => readonly Asked[];

const bucketArn = ({ bucket }: S3Input): string => `arn:aws:s3:::${bucket}`;
const objectArn = (input: S3Input): string => `${bucketArn(input)}/${input.key}`;
const onBucket =
  (action: string): Ask =>
  (input) => [{ action, resource: bucketArn(input) }];
const onObject =
  (action: string): Ask =>
  (input) => [{ action, resource: objectArn(input) }];
/** The action on one version has a name of its own. */
const ofVersion = (action: string, { versionId }: S3Input): string =>
  versionId === undefined ? action : `${action}Version`;

/** Who may not list the bucket is told 403 and not 404 of a missing key (docs: AmazonS3/latest/API/API_GetObject). */
const read: Ask = (input, { hasObject }) => [
  { action: ofVersion('s3:GetObject', input), resource: objectArn(input) },
  ...(input.versionId !== undefined || hasObject(input.bucket, input.key)
    ? []
    : [{ action: 's3:ListBucket', resource: bucketArn(input) }]),
];

/** An ETag is compared by who may read it (docs: AmazonS3/latest/userguide/conditional-writes and conditional-deletes). */
const compared = (input: S3Input): readonly Asked[] =>
  input.ifMatch === undefined ? [] : [{ action: 's3:GetObject', resource: objectArn(input) }];

const list =
  (action: string): Ask =>
  (input) => [
    {
      action,
      resource: bucketArn(input),
      ...(input.prefix !== undefined && { context: { 's3:prefix': input.prefix } }),
    },
  ];

/** docs: service-authorization/latest/reference/list_amazons3; AmazonS3/latest/API, "Permissions" of each operation. */
const ASKS: Readonly<Record<string, Ask>> = {
  GetObject: read,
  HeadObject: read,
  PutObject: (input) => [{ action: 's3:PutObject', resource: objectArn(input) }, ...compared(input)],
  DeleteObject: (input) => [
    { action: ofVersion('s3:DeleteObject', input), resource: objectArn(input) },
    ...compared(input),
  ],
  // Asked of each key: one that is denied is among the answer's Errors, which is not modelled.
  DeleteObjects: (input) => [{ action: ofVersion('s3:DeleteObject', input), resource: `${bucketArn(input)}/*` }],
  ListObjectsV2: list('s3:ListBucket'),
  ListObjects: list('s3:ListBucket'),
  ListObjectVersions: list('s3:ListBucketVersions'),
  HeadBucket: onBucket('s3:ListBucket'),
  CreateMultipartUpload: onObject('s3:PutObject'),
  UploadPart: onObject('s3:PutObject'),
  CompleteMultipartUpload: onObject('s3:PutObject'),
  AbortMultipartUpload: onObject('s3:AbortMultipartUpload'),
  GetBucketEncryption: onBucket('s3:GetEncryptionConfiguration'),
  GetBucketLifecycleConfiguration: onBucket('s3:GetLifecycleConfiguration'),
  GetPublicAccessBlock: onBucket('s3:GetBucketPublicAccessBlock'),
};

/** What is not in the table asks for the action of its own name on the bucket. `tlsVersion`: `1.3`; undefined: HTTP. */
export function askedOfS3(
  operation: string,
  input: S3Input,
  place: Surveyor,
  tlsVersion: string | undefined,
): readonly Asked[] {
  const transport: Readonly<Record<string, string>> =
    tlsVersion === undefined
      ? { 'aws:SecureTransport': 'false' }
      : { 'aws:SecureTransport': 'true', 's3:TlsVersion': tlsVersion };
  return (ASKS[operation] ?? onBucket(`s3:${operation}`))(input, place).map((asked) => ({
    ...asked,
    context: { ...commonKeys(place), ...transport, ...asked.context },
  }));
}
