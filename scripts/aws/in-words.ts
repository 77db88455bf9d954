import { S3ServiceException } from '@aws-sdk/client-s3';
import { awsCode, awsMessage, httpStatus, isThrottled, toAppError } from '../../shared/aws/aws-error.ts';
import { AppError, ConfigError, UnavailableError } from '../../shared/core/errors.ts';
import type { Place } from '../place-options.ts';

/** Runs an AWS call for a person at a terminal: what goes wrong is said with the operation and what mends it. */
export async function inWords<T>(operation: string, place: Place, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const cause = error instanceof AppError && error.cause !== undefined ? error.cause : error;
    if (isThrottled(cause)) throw new UnavailableError(`AWS throttles ${operation}: try again in a minute`, { cause });
    const advice = adviceOnRegion(cause, place) ?? adviceOn(operation, awsCode(cause), awsMessage(cause), place);
    throw advice === undefined ? toAppError(operation, error) : new ConfigError(advice, { cause });
  }
}

/** The answer, or undefined where AWS says that there is no such thing. */
export async function unless<T>(codes: readonly (string | number)[], call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (codes.includes(awsCode(error)) || codes.includes(httpStatus(error))) return undefined;
    throw error;
  }
}

/** S3 sends who asks for a bucket in the wrong Region to the right one (301), or, of those to opt in to, only refuses (400). */
export function adviceOnRegion(error: unknown, { region }: Place): string | undefined {
  if (!(error instanceof S3ServiceException)) return undefined;
  const home = error.$response?.headers['x-amz-bucket-region'];
  const status = httpStatus(error);
  const isElsewhere = status === 301 || (status === 400 && home !== undefined && home !== region);
  if (!isElsewhere) return undefined;
  return `the bucket is in ${home ?? 'another Region'}, not in ${region}: name its --region, or another bucket`;
}

/** What a person at a terminal can mend, and how. */
function adviceOn(operation: string, code: string, message: string, place: Place): string | undefined {
  if (code === 'ResourceNotFoundException' || isMissingStack(code, message)) {
    return notDeployed(place);
  }
  if (code === 'CredentialsProviderError') {
    return 'no AWS credentials: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY';
  }
  if (/^(Expired|InvalidClientTokenId|UnrecognizedClient)/.test(code)) {
    return `the AWS credentials are not valid (any more), or ${place.region} is not switched on in this account: log in again (${message})`;
  }
  if (code === 'NoSuchBucket')
    return 'the bucket does not exist: name another --bucket, or leave it out and the stack is asked';
  if (/^(AccessDenied|UnauthorizedOperation|AuthorizationError)/.test(code)) {
    return `these credentials may not call ${operation}: ${message}; docs/deploy.md lists what they need`;
  }
  return undefined;
}

export const isMissingStack = (code: string, message: string): boolean =>
  code === 'ValidationError' && /does not exist/.test(message);

export const notDeployed = ({ stage, region }: Place): string =>
  `nothing is deployed as stage ${stage} in ${region}: deploy first (npm run deploy -- --stage ${stage} --region ${region}), or name another --stage or --region`;
