import * as z from 'zod/mini';

/**
 * The properties of each resource type that the account reads, or knows and leaves aside on purpose (`ignored`). Any
 * other property is an error: it could change what the stack does.
 */
const ignored = z.optional(z.unknown());
const arn = z.string().check(z.startsWith('arn:'));

export const bucket = z.strictObject({
  BucketName: z.optional(z.string()),
  BucketEncryption: ignored,
  LifecycleConfiguration: ignored,
  OwnershipControls: ignored,
  PublicAccessBlockConfiguration: ignored,
  VersioningConfiguration: z.optional(z.strictObject({ Status: z.enum(['Enabled', 'Suspended']) })),
});

export const queue = z.strictObject({
  QueueName: z.optional(z.string()),
  VisibilityTimeout: z.optional(z.int()),
  RedrivePolicy: z.optional(z.strictObject({ deadLetterTargetArn: arn, maxReceiveCount: z.int() })),
  MessageRetentionPeriod: ignored,
  SqsManagedSseEnabled: ignored,
});

const statement = z.looseObject({
  Effect: z.enum(['Allow', 'Deny']),
  Principal: z.unknown(),
  Action: z.unknown(),
  Resource: z.unknown(),
  Condition: z.optional(z.record(z.string(), z.record(z.string(), z.unknown()))),
});
export const bucketPolicy = z.strictObject({
  Bucket: z.string(),
  PolicyDocument: z.looseObject({ Statement: z.array(statement) }),
});
export const queuePolicy = z.strictObject({
  Queues: z.array(z.string()),
  PolicyDocument: z.looseObject({ Statement: z.array(statement) }),
});

export const lambdaFunction = z.strictObject({
  FunctionName: z.optional(z.string()),
  Code: z.strictObject({ S3Bucket: z.string(), S3Key: z.string() }),
  Handler: z.string(),
  Runtime: z.literal('nodejs24.x'),
  MemorySize: z._default(z.int(), 128),
  /** Seconds; Lambda's default is 3. */
  Timeout: z._default(z.int(), 3),
  Environment: z.optional(z.strictObject({ Variables: z.record(z.string(), z.string()) })),
  ReservedConcurrentExecutions: z.optional(z.int()),
  LoggingConfig: z.optional(z.strictObject({ LogFormat: z.optional(z.string()) })),
  TracingConfig: z.optional(z.strictObject({ Mode: z.enum(['Active', 'PassThrough']) })),
  Architectures: ignored,
  Description: ignored,
  Role: arn,
});
export type LambdaFunction = z.output<typeof lambdaFunction>;

export const eventInvokeConfig = z.strictObject({
  FunctionName: z.string(),
  Qualifier: z.literal('$LATEST'),
  MaximumRetryAttempts: z.optional(z.int().check(z.gte(0), z.lte(2))),
  MaximumEventAgeInSeconds: z.optional(z.int()),
  DestinationConfig: z.optional(z.strictObject({ OnFailure: z.optional(z.strictObject({ Destination: arn })) })),
});

export const eventSourceMapping = z.strictObject({
  EventSourceArn: arn,
  FunctionName: z.string(),
  Enabled: z._default(z.boolean(), true),
  BatchSize: z._default(z.int(), 10),
  MaximumBatchingWindowInSeconds: z._default(z.int(), 0),
  FunctionResponseTypes: z._default(z.array(z.literal('ReportBatchItemFailures')), []),
  /** Without it Lambda takes as many as it gets: here 1,000, an account's default concurrency. */
  ScalingConfig: z._default(z.strictObject({ MaximumConcurrency: z.int() }), { MaximumConcurrency: 1000 }),
});

export const permission = z.strictObject({
  Action: z.literal('lambda:InvokeFunction'),
  FunctionName: z.string(),
  Principal: z.string(),
  SourceArn: z.optional(arn),
});

export const rule = z.strictObject({
  Name: z.optional(z.string()),
  EventPattern: z.optional(z.unknown()),
  ScheduleExpression: z.optional(z.string()),
  State: z._default(z.enum(['ENABLED', 'DISABLED']), 'ENABLED'),
  Targets: z.array(
    z.strictObject({
      Id: z.string(),
      Arn: arn,
      DeadLetterConfig: z.optional(z.strictObject({ Arn: arn })),
      RetryPolicy: ignored,
    }),
  ),
  Description: ignored,
});

export const ssmDocument = z.strictObject({
  Name: z.string(),
  Content: z.unknown(),
  DocumentType: z.literal('Command'),
  DocumentFormat: z.optional(z.literal('JSON')),
  TargetType: ignored,
  UpdateMethod: ignored,
});
