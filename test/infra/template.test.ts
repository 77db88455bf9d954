import { describe, expect, test } from 'vitest';
import { arn, ofType, resource, template, templateText } from './template.ts';

const bucket = resource('Bucket').Properties;
const doorbells = resource('Doorbells').Properties;
const onEvent = resource('OnDasheventLambdaFunction').Properties;

describe('the bucket', () => {
  test('is private, versioned and encrypted', () => {
    expect(bucket).toMatchObject({
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      VersioningConfiguration: { Status: 'Enabled' },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
    });
  });

  test('refuses whoever comes without TLS, or with an old one', () => {
    const refusal = {
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:*',
      Resource: [arn('Bucket'), { 'Fn::Sub': '${Bucket.Arn}/*' }],
    };
    expect(resource('BucketPolicy').Properties).toMatchObject({
      Bucket: { Ref: 'Bucket' },
      PolicyDocument: {
        Statement: [
          { ...refusal, Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
          { ...refusal, Condition: { NumericLessThan: { 's3:TlsVersion': '1.2' } } },
        ],
      },
    });
  });

  test('lets nothing expire but ended clusters, old versions, orphan delete markers and unfinished uploads', () => {
    const { Rules } = bucket['LifecycleConfiguration'] as { Rules: readonly Record<string, unknown>[] };
    expect(Rules.map(({ Id: _id, ...rule }) => rule)).toEqual([
      { Status: 'Enabled', Prefix: 'ended/', ExpirationInDays: 7 },
      { Status: 'Enabled', NoncurrentVersionExpiration: { NoncurrentDays: 1 } },
      { Status: 'Enabled', ExpiredObjectDeleteMarker: true },
      { Status: 'Enabled', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } },
    ]);
  });

  test('outlives the stack, under a name that CloudFormation makes up', () => {
    expect(resource('Bucket')).toMatchObject({ DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
    expect(bucket).not.toHaveProperty('BucketName');
  });

  test('is not made when one is given, and the given one is used instead', () => {
    expect(template.Parameters['ExistingBucket']).toMatchObject({ Default: '' });
    expect([resource('Bucket').Condition, resource('BucketPolicy').Condition]).toEqual(['OwnBucket', 'OwnBucket']);
    expect(template).toMatchObject({ Conditions: { OwnBucket: { 'Fn::Equals': [{ Ref: 'ExistingBucket' }, ''] } } });
    const either = { 'Fn::If': ['OwnBucket', { Ref: 'Bucket' }, { Ref: 'ExistingBucket' }] };
    expect(template.Outputs['BucketName']?.Value).toEqual(either);
    expect(onEvent).toMatchObject({ Environment: { Variables: { BUCKET: either } } });
  });
});

describe('the queue', () => {
  test('gives a failed doorbell back after six timeouts and the window, five times, then to the dead letters', () => {
    const mapping = ofType('AWS::Lambda::EventSourceMapping')[0]?.[1].Properties ?? {};
    const needed = 6 * Number(onEvent['Timeout']) + Number(mapping['MaximumBatchingWindowInSeconds']);
    expect(doorbells['VisibilityTimeout']).toBeGreaterThanOrEqual(needed);
    expect(doorbells['RedrivePolicy']).toEqual({ deadLetterTargetArn: arn('DoorbellDeadLetters'), maxReceiveCount: 5 });
  });

  test('is drained in batches within two seconds, by two consumers at most, message by message', () => {
    expect(ofType('AWS::Lambda::EventSourceMapping').map(([, { Properties }]) => Properties)).toEqual([
      {
        BatchSize: 100,
        MaximumBatchingWindowInSeconds: 1,
        EventSourceArn: arn('Doorbells'),
        FunctionName: arn('OnDasheventLambdaFunction'),
        Enabled: true,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        ScalingConfig: { MaximumConcurrency: 2 },
      },
    ]);
  });

  test('and its dead letters are encrypted by SQS itself, the only way in which EventBridge can write to them', () => {
    const queues = ofType('AWS::SQS::Queue').map(([, { Properties }]) => Properties);
    expect(queues).toHaveLength(3);
    for (const queue of queues) expect(queue).toMatchObject({ SqsManagedSseEnabled: true });
  });

  test.each([
    ['Doorbells', 'DoorbellsPolicy'],
    ['RuleDeadLetters', 'RuleDeadLettersPolicy'],
  ])('%s takes events from our three rules only, by a policy of its own', (queue, policy) => {
    const rules = ofType('AWS::Events::Rule').filter(([, { Properties }]) => 'EventPattern' in Properties);
    expect(resource(policy).Properties).toEqual({
      Queues: [{ Ref: queue }],
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Sid: 'RulesOnly',
            Effect: 'Allow',
            Principal: { Service: 'events.amazonaws.com' },
            Action: 'sqs:SendMessage',
            Resource: arn(queue),
            Condition: { ArnEquals: { 'aws:SourceArn': rules.map(([id]) => arn(id)) } },
          },
        ],
      },
    });
  });
});

describe('the functions', () => {
  test('run on Node 24 and arm64, log JSON, and reserve no concurrency', () => {
    const functions = ofType('AWS::Lambda::Function').map(([, { Properties }]) => Properties);
    expect(functions).toHaveLength(3);
    for (const one of functions) {
      expect(one).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        LoggingConfig: { LogFormat: 'JSON' },
      });
      expect(one).not.toHaveProperty('ReservedConcurrentExecutions');
    }
  });

  test('each keep their logs for as many days as the parameter says, 30 unless told', () => {
    const groups = ofType('AWS::Logs::LogGroup');
    expect(groups).toHaveLength(3);
    for (const [, { Properties }] of groups) expect(Properties['RetentionInDays']).toEqual({ Ref: 'LogRetentionDays' });
    expect(template.Parameters['LogRetentionDays']).toMatchObject({ Type: 'Number', Default: '30' });
  });

  test('the sweep runs every minute, without any retry', () => {
    const schedule = ofType('AWS::Events::Rule').find(([, { Properties }]) => 'ScheduleExpression' in Properties)?.[1];
    expect(schedule?.Properties).toMatchObject({
      ScheduleExpression: 'rate(1 minute)',
      State: 'ENABLED',
      Targets: [{ Arn: arn('SweepLambdaFunction'), RetryPolicy: { MaximumRetryAttempts: 0 } }],
    });
    expect(resource('SweepLambdaEvConf').Properties).toMatchObject({ MaximumRetryAttempts: 0 });
    expect(resource('SweepLambdaFunction').Properties['Timeout']).toBe(55);
  });
});

test('bucket, queue and function names are among the outputs', () => {
  expect(Object.keys(template.Outputs)).toEqual(
    expect.arrayContaining([
      'BucketName',
      'DoorbellQueueUrl',
      'OnEventFunctionName',
      'SweepFunctionName',
      'BackfillFunctionName',
    ]),
  );
});

test('the template stays under 400 kB and 200 resources', () => {
  expect(templateText.length).toBeLessThan(400_000);
  expect(Object.keys(template.Resources).length).toBeLessThan(200);
});
