import type { InstanceId } from '../../shared/core/model.ts';
import { createAlarms } from './alarms.ts';
import type { Clock } from './clock.ts';
import { compute, type Timings } from './compute.ts';
import { cloudWatchHandler } from './cloudwatch-wire.ts';
import { CLOUDFORMATION_VERSION, cloudFormationHandler } from './cloudformation-wire.ts';
import { type CloudFormation, createCloudFormation } from './cloudformation.ts';
import { createCredentials, type CredentialStore } from './credentials.ts';
import { ecrTargets } from './ecr-wire.ts';
import type { Services } from './deploy-kind.ts';
import { createEventSources } from './event-sources.ts';
import { createEvents, type Deliver } from './events.ts';
import { eventsHandler } from './events-wire.ts';
import type { Handlers } from './face.ts';
import { createGate } from './gate.ts';
import { createFaults, type Faults } from './faults.ts';
import { asksDelivery, type Surveyor } from './iam-asked.ts';
import { IAM_VERSION, iamHandler } from './iam-wire.ts';
import { createLambda, type Report } from './lambda.ts';
import { lambdaHandler } from './lambda-wire.ts';
import { createLogs, logsHandler } from './logs-wire.ts';
import { nodePrincipals } from './node-role.ts';
import { createPermissions } from './permissions.ts';
import { s3Handler } from './s3-wire.ts';
import { createS3 } from './s3.ts';
import { sqsHandler } from './sqs-wire.ts';
import { createSqs } from './sqs.ts';
import { lambdaMetrics, lostEvent, sqsMetrics } from './service-metrics.ts';
import { SNS_VERSION, snsHandler, type Topics } from './sns-wire.ts';
import { STS_VERSION, stsHandler } from './sts-wire.ts';
import { stoppable } from './stoppable-clock.ts';

/** One simulated AWS account in one region: its state, its levers, its wire protocols. */
export interface Account extends Services {
  /** SNS; nobody is told anything. */
  readonly topics: Topics;
  readonly stacks: CloudFormation;
  readonly credentials: CredentialStore;
  /** For every wire operation of every service. */
  readonly faults: Faults;
  /** For `openFace`. */
  readonly handlers: Handlers;
  /** Ends everything that is planned, the schedule too, and every container. */
  stop(): Promise<void>;
}

export interface AccountSettings {
  readonly clock: Clock;
  readonly timings: Timings;
  readonly seed?: string;
  /** `us-east-1` unless said. */
  readonly region?: string;
  /** The n-th instance's private address. */
  readonly addressOf?: (n: number) => string;
  readonly onReport?: (report: Report) => void;
  /** Hears of every call that IAM refuses, in AWS's words. */
  readonly onDenied?: (message: string) => void;
}

const ACCOUNT_ID = '123456789012';

export function createAccount({
  timings,
  seed = 'account',
  onReport,
  onDenied,
  addressOf,
  ...settings
}: AccountSettings): Account {
  const here = settings.region ?? 'us-east-1';
  const clock = stoppable(settings.clock);
  const faults = createFaults();
  const permissions = createPermissions(ACCOUNT_ID, onDenied);
  const credentials = createCredentials(clock, ACCOUNT_ID);
  const s3 = createS3(clock, faults);
  const sqs = createSqs(clock);
  const alarms = createAlarms(clock);
  alarms.onMinute(sqsMetrics(alarms, sqs, clock, (name) => `arn:aws:sqs:${here}:${ACCOUNT_ID}:${name}`));
  const lambda = createLambda(clock, (report) => {
    for (const point of lambdaMetrics(report)) alarms.record(point);
    onReport?.(report);
  });
  const deliver: Deliver = (targetArn, body, ruleArn) => {
    if (!permissions.isAllowed('events.amazonaws.com', asksDelivery(ruleArn, targetArn)))
      throw new Error(`${targetArn} does not let ${ruleArn} in`);
    if (targetArn.startsWith('arn:aws:sqs:')) sqs.send(targetArn, body);
    else lambda.invokeAsync(targetArn, body);
  };
  const events = createEvents(clock, deliver, (ruleArn) => alarms.record(lostEvent(ruleArn)));
  const region = compute({
    clock,
    timings,
    faults,
    seed,
    ...(addressOf && { addressOf }),
    accountId: ACCOUNT_ID,
    region: here,
    publish: (event) => events.publish(event),
  });
  const place: Surveyor = {
    accountId: ACCOUNT_ID,
    region: here,
    tagsOf: (id) => region.ec2.instance(id as InstanceId)?.tags ?? {},
    // Of a bucket that is missing S3 itself speaks.
    hasObject: (bucket, key) => !s3.hasBucket(bucket) || s3.find(bucket, key) !== undefined,
  };
  nodePrincipals(permissions, credentials, region.ec2, ACCOUNT_ID);
  const services = {
    accountId: ACCOUNT_ID,
    region: here,
    clock,
    compute: region,
    s3,
    sqs,
    events,
    lambda,
    eventSources: createEventSources(sqs, clock, lambda),
    logs: createLogs(clock),
    alarms,
    permissions,
  };
  const stacks = createCloudFormation(services);
  const topics: Topics = new Map();
  return {
    ...services,
    stacks,
    topics,
    credentials,
    faults,
    handlers: {
      gate: createGate({ permissions, credentials, clock, place }),
      targets: {
        ...region.targets,
        ...ecrTargets(region.world),
        AmazonSQS: sqsHandler(sqs, region.world),
        AWSEvents: eventsHandler(events, region.world),
        GraniteServiceVersion20100801: cloudWatchHandler(alarms, region.world),
        Logs_20140328: logsHandler(services.logs, region.world),
      },
      query: region.query,
      forms: {
        [CLOUDFORMATION_VERSION]: {
          service: 'CloudFormation',
          handler: cloudFormationHandler(stacks, s3, region.world),
        },
        [IAM_VERSION]: { service: 'IAM', handler: iamHandler(permissions, region.world) },
        [SNS_VERSION]: { service: 'SNS', handler: snsHandler(topics, region.world) },
        [STS_VERSION]: { service: 'STS', handler: stsHandler(credentials, region.world) },
      },
      lambda: lambdaHandler(lambda, services.eventSources, region.world),
      s3: s3Handler(s3, credentials, clock, services),
    },
    async stop() {
      clock.stop();
      await lambda.stop();
    },
  };
}
