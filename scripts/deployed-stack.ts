import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { awsCode, awsMessage, isThrottled, toAppError } from '../shared/aws/aws-error.ts';
import { s3Records } from '../shared/aws/s3-records.ts';
import { AppError, ConfigError, UnavailableError } from '../shared/core/errors.ts';
import type { Records } from '../shared/ports.ts';
import type { Place } from './place-options.ts';

const SERVICE = 'prometheus-on-emr'; // serverless.yml

/** What osls calls a function of a stage. */
export const functionName = ({ stage }: Place, name: string): string => `${SERVICE}-${stage}-${name}`;

/** A call may take the function's 300 s. */
const PATIENCE_MS = 310_000;

/** The answer of a function; what it throws is thrown here. */
export async function invoke(place: Place, name: string, event: object): Promise<unknown> {
  const client = new LambdaClient({
    region: place.region,
    // A lost answer is not asked for again: the function is still at it.
    requestHandler: { connectionTimeout: 5000, requestTimeout: PATIENCE_MS, throwOnRequestTimeout: true },
  });
  const FunctionName = functionName(place, name);
  const { Payload, FunctionError } = await inWords('Invoke', place, () =>
    client.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) })),
  );
  const answer: unknown = JSON.parse(Payload?.transformToString() || 'null');
  if (FunctionError === undefined) return answer;
  const { errorType = '', errorMessage = FunctionError } = answer as { errorType?: string; errorMessage?: string };
  if (errorType === 'ConfigError') throw new ConfigError(errorMessage);
  throw new UnavailableError(`${FunctionName} failed: ${errorType}: ${errorMessage}; its log says more`);
}

/** The bucket of the deployed stack. */
export async function bucketOf(place: Place): Promise<string> {
  const client = new CloudFormationClient({ region: place.region });
  const StackName = `${SERVICE}-${place.stage}`;
  const { Stacks } = await inWords('DescribeStacks', place, () =>
    client.send(new DescribeStacksCommand({ StackName })),
  );
  const bucket = Stacks?.[0]?.Outputs?.find(({ OutputKey }) => OutputKey === 'BucketName')?.OutputValue;
  if (bucket === undefined)
    throw new ConfigError(`the stack ${StackName} has no output BucketName: deploy again, or name --bucket`);
  return bucket;
}

/** The records in a bucket, for reading. */
export function recordsIn(bucket: string, place: Place): Pick<Records, 'list' | 'read' | 'isEnded'> {
  const records = s3Records(new S3Client({ region: place.region }), bucket);
  return {
    list: () => inWords('ListObjectsV2', place, () => records.list()),
    read: (id) => inWords('GetObject', place, () => records.read(id)),
    isEnded: (id) => inWords('HeadObject', place, () => records.isEnded(id)),
  };
}

async function inWords<T>(operation: string, place: Place, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const cause = error instanceof AppError && error.cause !== undefined ? error.cause : error;
    if (isThrottled(cause)) throw new UnavailableError(`AWS throttles ${operation}: try again in a minute`, { cause });
    const advice = adviceOn(awsCode(cause), awsMessage(cause), place);
    throw advice === undefined ? toAppError(operation, error) : new ConfigError(advice, { cause });
  }
}

/** What a person at a terminal can mend, and how. */
function adviceOn(code: string, message: string, { stage, region }: Place): string | undefined {
  if (code === 'ResourceNotFoundException' || (code === 'ValidationError' && /does not exist/.test(message))) {
    return `nothing is deployed as stage ${stage} in ${region}: deploy first (npx osls deploy --stage ${stage} --region ${region}), or name another --stage or --region`;
  }
  if (code === 'CredentialsProviderError') {
    return 'no AWS credentials: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY';
  }
  if (/^(Expired|InvalidClientTokenId|UnrecognizedClient)/.test(code)) {
    return `the AWS credentials are not valid (any more): log in again (${message})`;
  }
  if (code === 'NoSuchBucket')
    return 'the bucket does not exist: name another --bucket, or leave it out and the stack is asked';
  return undefined;
}
