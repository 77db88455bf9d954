import {
  GetBucketEncryptionCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
} from '@aws-sdk/client-s3';
import { awsCode } from '../../shared/aws/aws-error.ts';
import { type Check, ok, red } from './check.ts';
import type { Smoke } from './examined.ts';

/** What S3 answers where nothing of the kind was ever set. */
const UNSET = new Set([
  'NoSuchBucketPolicy',
  'NoSuchPublicAccessBlockConfiguration',
  'ServerSideEncryptionConfigurationNotFoundError',
]);

const BLOCKS = ['BlockPublicAcls', 'IgnorePublicAcls', 'BlockPublicPolicy', 'RestrictPublicBuckets'] as const;

const versioned: Check = {
  id: 'bucket-versioned',
  says: 'the bucket keeps old versions',
  needs: ['s3:GetBucketVersioning'],
  async run({ clients: { s3 }, stack: { bucket: Bucket } }) {
    const { Status } = await s3.send(new GetBucketVersioningCommand({ Bucket }));
    const fix = `aws s3api put-bucket-versioning --bucket ${Bucket} --versioning-configuration Status=Enabled`;
    return Status === 'Enabled' ? ok(Bucket) : red(`${Bucket} is not versioned`, fix);
  },
};

const encrypted: Check = {
  id: 'bucket-encrypted',
  says: 'the bucket encrypts what is put into it',
  needs: ['s3:GetEncryptionConfiguration'],
  async run({ clients: { s3 }, stack: { bucket: Bucket } }) {
    const answer = await unlessUnset(() => s3.send(new GetBucketEncryptionCommand({ Bucket })));
    const [rule] = answer?.ServerSideEncryptionConfiguration?.Rules ?? [];
    const algorithm = rule?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm;
    const fix = `aws s3api put-bucket-encryption --bucket ${Bucket}, with AES256 as infra/resources/bucket.yml has it`;
    return algorithm === undefined ? red(`${Bucket} has no encryption by default`, fix) : ok(algorithm);
  },
};

const isPrivate: Check = {
  id: 'bucket-private',
  says: 'the bucket lets no public access in',
  needs: ['s3:GetBucketPublicAccessBlock'],
  async run({ clients: { s3 }, stack: { bucket: Bucket } }) {
    const answer = await unlessUnset(() => s3.send(new GetPublicAccessBlockCommand({ Bucket })));
    const blocks: Readonly<Record<string, unknown>> = { ...answer?.PublicAccessBlockConfiguration };
    const open = BLOCKS.filter((block) => blocks[block] !== true);
    const all = BLOCKS.map((block) => `${block}=true`).join(',');
    const fix = `aws s3api put-public-access-block --bucket ${Bucket} --public-access-block-configuration ${all}`;
    return open.length === 0 ? ok('all four blocks are on') : red(`not set: ${open.join(', ')}`, fix);
  },
};

const bucketTls: Check = {
  id: 'bucket-tls',
  says: 'the bucket answers over TLS only',
  needs: ['s3:GetBucketPolicy'],
  async run({ clients: { s3 }, stack: { bucket: Bucket } }: Smoke) {
    const answer = await unlessUnset(() => s3.send(new GetBucketPolicyCommand({ Bucket })));
    const { Statement = [] } = JSON.parse(answer?.Policy ?? '{}') as { readonly Statement?: readonly Statement[] };
    const isRefused = Statement.some(
      ({ Effect, Condition }) =>
        Effect === 'Deny' && String(Condition?.['Bool']?.['aws:SecureTransport']).toLowerCase() === 'false',
    );
    return isRefused
      ? ok('its policy denies what comes without')
      : red(
          `the policy of ${Bucket} lets requests without TLS in`,
          'add the statement TlsOnly of infra/resources/bucket.yml to its policy (aws s3api put-bucket-policy)',
        );
  },
};

interface Statement {
  readonly Effect?: string;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

async function unlessUnset<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (UNSET.has(awsCode(error))) return undefined;
    throw error;
  }
}

export const BUCKET_CHECKS: readonly Check[] = [versioned, encrypted, isPrivate, bucketTls];
