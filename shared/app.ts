import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { EC2Client } from '@aws-sdk/client-ec2';
import { EMRClient } from '@aws-sdk/client-emr';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { counted } from './aws/count-calls.ts';
import { ec2Fleet } from './aws/ec2-fleet.ts';
import { emrClusters } from './aws/emr-clusters.ts';
import { s3Artifacts } from './aws/s3-artifacts.ts';
import { s3Records } from './aws/s3-records.ts';
import { s3Targets } from './aws/s3-targets.ts';
import { sqsDoorbells } from './aws/sqs-doorbells.ts';
import { ssmCommands } from './aws/ssm-commands.ts';
import { type Container, createBudget } from './budget.ts';
import { policy } from './core/policy.ts';
import { retired } from './core/retire.ts';
import type { App } from './ports.ts';
import { readConfig, type Env } from './runtime/config.ts';
import { readSettings } from './runtime/read-settings.ts';
import { log, meter } from './runtime/telemetry.ts';

/**
 * The composition root: each client exists once per container, for the SDK's adaptive retry keeps its rate on the
 * client (SendCommand excepts itself, aws/ssm-send.ts). Without time limits a silent connection would hold a run until
 * Lambda ends it.
 */
export function createApp(env: Env, container: Container): App {
  const deployed = readSettings(new URL('settings.json', import.meta.url)); // beside the bundle
  const config = readConfig(env, deployed);
  const settings = config.isRetiring ? retired(deployed) : deployed;
  const client = {
    region: config.region,
    retryMode: 'adaptive',
    maxAttempts: 8,
    requestHandler: {
      connectionTimeout: 3000,
      requestTimeout: 5000,
      throwOnRequestTimeout: true,
      socketTimeout: 10_000,
    },
  } as const;
  const now = () => new Date();
  const s3 = counted(new S3Client(client), meter);
  const budget = createBudget(container, now);
  return {
    clusters: emrClusters(counted(new EMRClient(client), meter), (operation) => budget.spend(operation)),
    fleet: ec2Fleet(counted(new EC2Client(client), meter)),
    commands: ssmCommands(counted(new SSMClient(client), meter)),
    doorbells: sqsDoorbells(counted(new SQSClient(client), meter), config.doorbellQueueUrl),
    records: s3Records(s3, config.bucket),
    targets: s3Targets(s3, config.bucket),
    artifacts: s3Artifacts(s3, config.bucket, settings.exporters),
    budget,
    memory: { records: new Map(), looks: new Map(), waiting: new Map() },
    settings,
    policy: policy(settings.policies),
    documents: config.documents,
    log,
    meter,
    writer: randomUUID(),
    now,
    newOrderId: () => `order-${randomUUID()}`,
    random: Math.random,
    sleep: (milliseconds) => setTimeout(milliseconds),
  };
}
