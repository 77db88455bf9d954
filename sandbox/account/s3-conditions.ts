import type { S3Object } from './s3-versions.ts';
import { WireFault } from './wire.ts';

export interface Condition {
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
}

export const noSuchKey = (): WireFault => new WireFault('NoSuchKey', 'The specified key does not exist.', 404);
const preconditionFailed = (): WireFault =>
  new WireFault('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412);

/**
 *   header             key absent or delete marker   key there
 *   If-None-Match: *   written                       412
 *   If-Match: etag     404                           written if it matches, else 412
 * docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export function checkWrite(current: S3Object | undefined, { ifMatch, ifNoneMatch }: Condition): void {
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*') {
    throw new WireFault('NotImplemented', 'A write accepts If-None-Match with the value * only.', 501);
  }
  if (ifNoneMatch === '*' && current !== undefined) throw preconditionFailed();
  if (ifMatch === undefined) return;
  if (current === undefined) throw noSuchKey();
  if (!sameEtag(ifMatch, current)) throw preconditionFailed();
}

/** As for writes, and `If-Match: *` on a missing key is 412: docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html */
export function checkRemove(current: S3Object | undefined, ifMatch: string | undefined): void {
  if (ifMatch === undefined) return;
  if (current === undefined) throw ifMatch === '*' ? preconditionFailed() : noSuchKey();
  if (ifMatch !== '*' && !sameEtag(ifMatch, current)) throw preconditionFailed();
}

/** The guides' examples send the ETag with and without its quotes. */
export const sameEtag = (header: string, { etag }: S3Object): boolean => header === etag || `"${header}"` === etag;
