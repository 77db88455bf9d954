import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { s3Records } from '../shared/aws/s3-records.ts';
import { ConfigError, UnavailableError } from '../shared/core/errors.ts';
import type { Records } from '../shared/ports.ts';
import { inWords, notDeployed } from './aws/in-words.ts';
import { findStack, SERVICE, stackName } from './aws/stack.ts';
import type { Place } from './place-options.ts';

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
  const stack = await findStack(place);
  if (stack === undefined) throw new ConfigError(notDeployed(place));
  const bucket = stack.outputs['BucketName'];
  if (bucket === undefined)
    throw new ConfigError(`the stack ${stackName(place)} has no output BucketName: deploy again, or name --bucket`);
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
