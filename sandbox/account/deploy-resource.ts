import * as z from 'zod/mini';
import type { Account } from './account.ts';
import { mapQueue } from './event-source.ts';
import type { Runner } from './lambda.ts';
import { toArn } from './sqs-wire.ts';
import * as resources from './template-resources.ts';
import type { Scope } from './template.ts';

/** What resources are created in. */
export interface Ground {
  readonly account: Account;
  /** What runs a function: the packaged bundle, or code of this process. */
  readonly runner: (name: string, settings: resources.LambdaFunction) => Runner;
}

interface Creation extends Ground {
  readonly scope: Scope;
  readonly logicalId: string;
}
type Create = (properties: unknown, creation: Creation) => void;

const creator =
  <Schema extends z.ZodMiniType>(
    schema: Schema,
    run: (properties: z.output<Schema>, creation: Creation) => void,
  ): Create =>
  (properties, creation) => {
    const read = z.safeParse(schema, properties);
    if (!read.success)
      throw new Error(`template: ${creation.logicalId}: ${read.error.issues.map(problemOf).join('; ')}`);
    run(read.data, creation);
  };

const problemOf = (issue: z.core.$ZodIssue): string =>
  issue.code === 'unrecognized_keys'
    ? `${issue.keys.map((key) => [...issue.path, key].join('.')).join(', ')}: not modelled`
    : `${issue.path.join('.')}: ${issue.message}, expected ${'expected' in issue ? issue.expected : issue.code}`;

const arnOf = ({ scope, logicalId }: Creation): string => scope.attribute(logicalId, 'Arn') ?? '';
const nameOf = ({ scope, logicalId }: Creation): string => scope.ref(logicalId) ?? '';
const asArn = (nameOrArn: string, { account: { region, accountId } }: Creation): string =>
  nameOrArn.startsWith('arn:') ? nameOrArn : `arn:aws:lambda:${region}:${accountId}:function:${nameOrArn}`;

/** In the order in which they need each other. */
export const CREATORS: Readonly<Record<string, Create>> = {
  'AWS::S3::Bucket': creator(resources.bucket, (_properties, creation) =>
    creation.account.s3.createBucket(nameOf(creation)),
  ),
  'AWS::SQS::Queue': creator(resources.queue, ({ VisibilityTimeout, RedrivePolicy }, creation) =>
    creation.account.sqs.createQueue({
      name: arnOf(creation).split(':').at(-1) ?? '',
      arn: arnOf(creation),
      ...(VisibilityTimeout !== undefined && { visibilitySeconds: VisibilityTimeout }),
      ...(RedrivePolicy && {
        redrive: { deadLetterArn: RedrivePolicy.deadLetterTargetArn, maxReceiveCount: RedrivePolicy.maxReceiveCount },
      }),
    }),
  ),
  'AWS::Lambda::Function': creator(resources.lambdaFunction, (settings, creation) =>
    creation.account.lambda.createFunction({
      name: nameOf(creation),
      arn: arnOf(creation),
      timeoutMs: settings.Timeout * 1000,
      runner: creation.runner(nameOf(creation), settings),
      ...(settings.ReservedConcurrentExecutions !== undefined && {
        concurrency: settings.ReservedConcurrentExecutions,
      }),
    }),
  ),
  'AWS::SQS::QueuePolicy': creator(resources.queuePolicy, ({ Queues, PolicyDocument }, { account }) => {
    const queues = Queues.map((url) => toArn(url, account.region));
    for (const statement of PolicyDocument.Statement) account.permissions.grantStatement(statement, queues);
  }),
  'AWS::Lambda::Permission': creator(resources.permission, ({ Action, FunctionName, Principal, SourceArn }, creation) =>
    creation.account.permissions.grant({
      service: Principal,
      action: Action,
      resourceArn: asArn(FunctionName, creation),
      ...(SourceArn !== undefined && { sourceArns: [SourceArn] }),
    }),
  ),
  'AWS::Lambda::EventInvokeConfig': creator(resources.eventInvokeConfig, (config, creation) => {
    const { sqs, lambda } = creation.account;
    const destination = config.DestinationConfig?.OnFailure?.Destination;
    lambda.setAsyncPolicy(asArn(config.FunctionName, creation), {
      ...(config.MaximumRetryAttempts !== undefined && { retries: config.MaximumRetryAttempts }),
      ...(config.MaximumEventAgeInSeconds !== undefined && { maxAgeMs: config.MaximumEventAgeInSeconds * 1000 }),
      ...(destination !== undefined && { onFailure: (body: string) => void sqs.send(destination, body) }),
    });
  }),
  'AWS::Lambda::EventSourceMapping': creator(resources.eventSourceMapping, (mapping, creation) => {
    if (!mapping.Enabled) return;
    const { sqs, clock, lambda } = creation.account;
    const settings = {
      queueArn: mapping.EventSourceArn,
      batchSize: mapping.BatchSize,
      windowSeconds: mapping.MaximumBatchingWindowInSeconds,
      maxConcurrency: mapping.ScalingConfig.MaximumConcurrency,
      reportsFailures: mapping.FunctionResponseTypes.length > 0,
    };
    mapQueue(sqs, clock, settings, (event) => lambda.invoke(asArn(mapping.FunctionName, creation), event));
  }),
  'AWS::Events::Rule': creator(resources.rule, ({ EventPattern, ScheduleExpression, State, Targets }, creation) => {
    if (State === 'DISABLED') return;
    creation.account.events.putRule({
      arn: arnOf(creation),
      ...(EventPattern !== undefined && { pattern: EventPattern }),
      ...(ScheduleExpression !== undefined && { schedule: ScheduleExpression }),
      targets: Targets.map(({ Arn, DeadLetterConfig }) => ({
        arn: Arn,
        ...(DeadLetterConfig && { deadLetterArn: DeadLetterConfig.Arn }),
      })),
    });
  }),
  'AWS::SSM::Document': creator(resources.ssmDocument, ({ Name, Content }, { account }) =>
    account.compute.putDocument(Name, Content),
  ),
};
