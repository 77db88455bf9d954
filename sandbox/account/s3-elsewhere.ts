import type { S3 } from './s3.ts';
import { WireFault, type WireRequest } from './wire.ts';

export interface Home {
  readonly accountId: string;
  readonly region: string;
}

/**
 * What S3 says of a bucket elsewhere before anything else; undefined: it is this account's, in this region.
 * docs: AmazonS3/latest/API/API_HeadBucket, AmazonS3/latest/userguide/bucket-owner-condition
 */
export function elsewhere(s3: S3, bucket: string, { accountId, region }: Home, request: WireRequest) {
  if (!s3.hasBucket(bucket)) return undefined;
  const { owner = accountId, region: home = region } = s3.settings(bucket);
  const headers = { 'x-amz-bucket-region': home };
  if (home !== region) {
    const message = 'The bucket you are attempting to access must be addressed using the specified endpoint.';
    return { fault: new WireFault('PermanentRedirect', message, 301), headers };
  }
  const expected = request.headers['x-amz-expected-bucket-owner'] ?? owner;
  if (owner === accountId && expected === owner) return undefined;
  return { fault: new WireFault('AccessDenied', 'Access Denied', 403), headers };
}
