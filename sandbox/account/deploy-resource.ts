import * as z from 'zod/mini';
import type { Undo } from './cloudformation-model.ts';
import { CLOUDWATCH_KINDS } from './deploy-cloudwatch.ts';
import { HOST_KINDS } from './deploy-host.ts';
import { IAM_KINDS } from './deploy-iam.ts';
import { arnOf, type Creation, type Kind, kind } from './deploy-kind.ts';
import { NETWORK_KINDS } from './deploy-network.ts';
import { sessionOf } from './principals.ts';
import { toArn } from './sqs-wire.ts';
import * as resources from './template-resources.ts';
import { WireFault } from './wire.ts';

const asArn = (nameOrArn: string, { account: { region, accountId } }: Creation): string =>
  nameOrArn.startsWith('arn:') ? nameOrArn : `arn:aws:lambda:${region}:${accountId}:function:${nameOrArn}`;

export const KINDS: Readonly<Record<string, Kind>> = {
  ...IAM_KINDS,
  ...HOST_KINDS,
  ...NETWORK_KINDS,
  ...CLOUDWATCH_KINDS,
  'AWS::S3::Bucket': kind(resources.bucket, putBucket, true),
  'AWS::SQS::Queue': kind(
    resources.queue,
    ({ VisibilityTimeout, RedrivePolicy }, creation) => {
      const { sqs } = creation.account;
      const arn = arnOf(creation);
      sqs.createQueue({
        name: creation.name,
        arn,
        ...(VisibilityTimeout !== undefined && { visibilitySeconds: VisibilityTimeout }),
        ...(RedrivePolicy && {
          redrive: { deadLetterArn: RedrivePolicy.deadLetterTargetArn, maxReceiveCount: RedrivePolicy.maxReceiveCount },
        }),
      });
      return () => sqs.deleteQueue(arn);
    },
    true,
  ),
  'AWS::Lambda::Function': kind(resources.lambdaFunction, putFunction, true),
  'AWS::S3::BucketPolicy': kind(resources.bucketPolicy, ({ Bucket, PolicyDocument }, { account }) =>
    takeBackAll(
      PolicyDocument.Statement.map((one) => account.permissions.grantStatement(one, [`arn:aws:s3:::${Bucket}`])),
    ),
  ),
  'AWS::SQS::QueuePolicy': kind(resources.queuePolicy, ({ Queues, PolicyDocument }, { account }) => {
    const queues = Queues.map((url) => toArn(url, account.region));
    // SQS: one resource a statement, the queue itself.
    const isForeign = PolicyDocument.Statement.some(({ Resource }) => queues.some((arn) => arn !== Resource));
    if (isForeign) throw new WireFault('InvalidAttributeValue', 'Invalid value for the parameter Policy.');
    return takeBackAll(PolicyDocument.Statement.map((one) => account.permissions.grantStatement(one, queues)));
  }),
  'AWS::Lambda::Permission': kind(resources.permission, ({ Action, FunctionName, Principal, SourceArn }, creation) =>
    creation.account.permissions.grant({
      service: Principal,
      action: Action,
      resourceArn: asArn(FunctionName, creation),
      ...(SourceArn !== undefined && { sourceArns: [SourceArn] }),
    }),
  ),
  'AWS::Lambda::EventInvokeConfig': kind(resources.eventInvokeConfig, (config, creation) => {
    const { sqs, lambda } = creation.account;
    const arn = asArn(config.FunctionName, creation);
    const destination = config.DestinationConfig?.OnFailure?.Destination;
    lambda.setAsyncPolicy(arn, {
      ...(config.MaximumRetryAttempts !== undefined && { retries: config.MaximumRetryAttempts }),
      ...(config.MaximumEventAgeInSeconds !== undefined && { maxAgeMs: config.MaximumEventAgeInSeconds * 1000 }),
      ...(destination !== undefined && { onFailure: (body: string) => void sqs.send(destination, body) }),
    });
    return () => lambda.setAsyncPolicy(arn, {});
  }),
  'AWS::Lambda::EventSourceMapping': kind(resources.eventSourceMapping, (mapping, creation) => {
    const settings = {
      queueArn: mapping.EventSourceArn,
      batchSize: mapping.BatchSize,
      windowSeconds: mapping.MaximumBatchingWindowInSeconds,
      maxConcurrency: mapping.ScalingConfig.MaximumConcurrency,
      reportsFailures: mapping.FunctionResponseTypes.length > 0,
    };
    const functionArn = asArn(mapping.FunctionName, creation);
    checkPolling(functionArn, mapping.EventSourceArn, creation);
    return creation.account.eventSources.create({
      uuid: creation.name,
      functionArn,
      settings,
      enabled: mapping.Enabled,
    });
  }),
  'AWS::Events::Rule': kind(resources.rule, ({ EventPattern, ScheduleExpression, State, Targets }, creation) => {
    return creation.account.events.putRule({
      arn: arnOf(creation),
      isEnabled: State === 'ENABLED',
      ...(EventPattern !== undefined && { pattern: EventPattern }),
      ...(ScheduleExpression !== undefined && { schedule: ScheduleExpression }),
      targets: Targets.map(({ Id, Arn, DeadLetterConfig }) => ({
        id: Id,
        arn: Arn,
        ...(DeadLetterConfig && { deadLetterArn: DeadLetterConfig.Arn }),
      })),
    });
  }),
  'AWS::Logs::LogGroup': kind(
    z.looseObject({}),
    (_properties, { account, name }) => account.logs.createGroup(name),
    true,
  ),
  'AWS::SSM::Document': kind(resources.ssmDocument, ({ Name, Content }, { account }) => {
    account.compute.putDocument(Name, Content);
    return () => account.compute.deleteDocument(Name);
  }),
};

const takeBackAll =
  (undos: readonly Undo[]): Undo =>
  () =>
    undos.forEach((undo) => undo());

/** Lambda polls with the rights of the function's role (docs: lambda/latest/dg/services-sqs-configure, "Execution role permissions"). */
function checkPolling(functionArn: string, resource: string, { account: { lambda, permissions } }: Creation): void {
  const { name, configuration } = lambda.find(functionArn);
  for (const call of ['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes']) {
    if (permissions.isAllowed(sessionOf(configuration?.Role ?? '', name), { action: `sqs:${call}`, resource }))
      continue;
    throw new WireFault(
      'InvalidParameterValueException',
      `The provided execution role does not have permissions to call ${call} on SQS`,
    );
  }
}

type Bucket = z.output<typeof resources.bucket>;

function putBucket(properties: Bucket, { account: { s3 }, name, systemTags: tags, isNew }: Creation): Undo {
  if (isNew && s3.hasBucket(name)) throw new WireFault('BucketAlreadyOwnedByYou', `${name} already exists`, 409);
  s3.createBucket(name, { versioned: properties.VersioningConfiguration?.Status === 'Enabled', tags });
  return () => s3.deleteBucket(name);
}

/** docs: lambda/latest/dg/services-xray, "Execution role permissions": asked when the function is made or changed. */
function checkTracing({ TracingConfig, Role }: resources.LambdaFunction, { account, name }: Creation): void {
  const mayTrace = ['PutTraceSegments', 'PutTelemetryRecords'].every((call) =>
    account.permissions.isAllowed(sessionOf(Role, name), { action: `xray:${call}`, resource: '*' }),
  );
  if (TracingConfig?.Mode !== 'Active' || mayTrace) return;
  throw new WireFault(
    'InvalidParameterValueException',
    'The provided execution role does not have permissions to call PutTraceSegments on XRAY',
  );
}

function putFunction(settings: resources.LambdaFunction, creation: Creation): Undo {
  const { lambda } = creation.account;
  const arn = arnOf(creation);
  const { name } = creation;
  if (!creation.account.permissions.mayAssume('lambda.amazonaws.com', settings.Role)) {
    throw new WireFault(
      'InvalidParameterValueException',
      'The role defined for the function cannot be assumed by Lambda.',
    );
  }
  checkTracing(settings, creation);
  lambda.createFunction({
    name,
    arn,
    timeoutMs: settings.Timeout * 1000,
    runner: creation.runner(name, settings),
    configuration: settings,
    ...(settings.ReservedConcurrentExecutions !== undefined && { concurrency: settings.ReservedConcurrentExecutions }),
  });
  return () => lambda.deleteFunction(arn);
}
