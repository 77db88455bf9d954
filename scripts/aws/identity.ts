import { BucketLocationConstraint } from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { required } from '../../shared/aws/aws-error.ts';
import { nearest } from '../nearest.ts';
import type { Place } from '../place-options.ts';
import { inWords } from './in-words.ts';

/** Whose credentials these are. */
export interface Identity {
  readonly accountId: string;
  /** aws, aws-cn, aws-us-gov … */
  readonly partition: string;
  readonly arn: string;
}

export async function whoAmI(place: Place): Promise<Identity> {
  const { Account, Arn } = await inWords('sts:GetCallerIdentity', place, () =>
    new STSClient({ region: place.region }).send(new GetCallerIdentityCommand({})),
  );
  const arn = required(Arn, 'Arn');
  return { accountId: required(Account, 'Account'), partition: arn.split(':')[1] ?? '', arn };
}

/** The SDK's list (Amazon S3, "Bucket location constraint") lacks the first Region and the closed ones. */
export const REGIONS: readonly string[] = [
  'us-east-1',
  'us-iso-east-1',
  'us-iso-west-1',
  'us-isob-east-1',
  ...Object.values(BucketLocationConstraint).filter((region) => region !== 'EU'),
];

export const whyNoRegion = (region: string): string | undefined =>
  REGIONS.includes(region) ? undefined : `no Region of AWS's${nearest(region, REGIONS)}`;

export function regionProblems(region: string): readonly string[] {
  const why = whyNoRegion(region);
  return why === undefined ? [] : [`--region is "${region}": ${why}`];
}
