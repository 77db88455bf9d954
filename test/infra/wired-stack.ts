import { EC2Client } from '@aws-sdk/client-ec2';
import { EMRClient } from '@aws-sdk/client-emr';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { Agent } from 'node:https';
import { onTestFinished } from 'vitest';
import { backfill } from '../../functions/backfill.ts';
import { onEvent } from '../../functions/on-event.ts';
import { sweep } from '../../functions/sweep.ts';
import { createAccount } from '../../sandbox/account/account.ts';
import { virtualClock } from '../../sandbox/account/clock.ts';
import { QUICK } from '../../sandbox/account/compute.ts';
import { deployTemplate } from '../../sandbox/account/deploy.ts';
import { openFace } from '../../sandbox/account/face.ts';
import { mayLog } from '../../sandbox/account/lambda-package.ts';
import { inProcess, type Runner } from '../../sandbox/account/lambda.ts';
import { sessionOf } from '../../sandbox/account/principals.ts';
import type { LambdaFunction } from '../../sandbox/account/template-resources.ts';
import { createTls } from '../../sandbox/account/tls.ts';
import { ec2Fleet } from '../../shared/aws/ec2-fleet.ts';
import { emrClusters } from '../../shared/aws/emr-clusters.ts';
import { s3Artifacts } from '../../shared/aws/s3-artifacts.ts';
import { s3Records } from '../../shared/aws/s3-records.ts';
import { s3Targets } from '../../shared/aws/s3-targets.ts';
import { sqsDoorbells } from '../../shared/aws/sqs-doorbells.ts';
import { ssmCommands } from '../../shared/aws/ssm-commands.ts';
import { type Container, createBudget } from '../../shared/budget.ts';
import { policy } from '../../shared/core/policy.ts';
import type { App, Budget } from '../../shared/ports.ts';
import { readConfig } from '../../shared/runtime/config.ts';
import { readSettings } from '../../shared/runtime/read-settings.ts';
import { packaged, template as packagedTemplate, type Template } from './template.ts';

const PLENTY: Budget = {
  wait: () => 0,
  spend: () => undefined,
  waitForLook: () => 0,
  spendLook: () => undefined,
  alone: (look) => look(),
};

const FUNCTIONS = ['on-event', 'sweep', 'backfill'] as const satisfies readonly Container[];

/**
 * The packaged template on a virtual clock. Its functions run in this process, and call the account as they call AWS:
 * our adapters, real SDK clients, each with the credentials of its function's role.
 */
export async function wiredStack(template: Template = packagedTemplate) {
  // Requests are signed on the real clock.
  const clock = virtualClock(new Date());
  const denied: string[] = [];
  const account = createAccount({ clock, timings: QUICK, onDenied: (message) => denied.push(message) });
  const tls = await createTls('127.0.0.1');
  const face = await openFace({ handlers: account.handlers, port: 0, tls });
  const agent = new Agent({ ca: tls.ca, keepAlive: true });
  onTestFinished(async () => {
    await account.stop();
    agent.destroy();
    await face.close();
  });
  const settings = readSettings(new URL(`file://${packaged}/on-event/settings.json`));
  const errors: string[] = [];
  let orders = 0;

  function clientsOf(role: string, name: string) {
    const credentials = account.credentials.issue(sessionOf(role, name));
    const requestHandler = { httpsAgent: agent };
    return { endpoint: face.url, region: account.region, credentials, requestHandler, maxAttempts: 1 };
  }
  function appOf(kind: Container, name: string, { Role, Environment }: LambdaFunction): App {
    const place = { AWS_REGION: account.region, AWS_LAMBDA_FUNCTION_NAME: name };
    const { bucket, documents, doorbellQueueUrl } = readConfig({ ...Environment?.Variables, ...place }, settings);
    const client = clientsOf(Role, name);
    const s3 = new S3Client({ ...client, forcePathStyle: true });
    // Only the consumers can put off what there is no room for; the others would wait for a clock that waits for them.
    const budget = kind === 'on-event' ? createBudget(kind, () => clock.now()) : PLENTY;
    const say = (message: string, fields: Readonly<Record<string, unknown>>) =>
      void errors.push(`${kind}: ${message}: ${String(fields['error'])}`);
    return {
      clusters: emrClusters(new EMRClient(client), (operation) => budget.spend(operation)),
      fleet: ec2Fleet(new EC2Client(client)),
      commands: ssmCommands(new SSMClient(client)),
      doorbells: sqsDoorbells(new SQSClient(client), doorbellQueueUrl),
      records: s3Records(s3, bucket),
      targets: s3Targets(s3, bucket),
      artifacts: s3Artifacts(s3, bucket, settings.exporters),
      budget,
      memory: { records: new Map(), looks: new Map(), waiting: new Map() },
      settings,
      policy: policy(settings.policies),
      documents,
      log: { info: () => undefined, warn: say, error: say },
      meter: { count: () => undefined, gauge: () => undefined },
      writer: `${kind}-${(orders += 1)}`,
      now: () => clock.now(),
      newOrderId: () => `order-${(orders += 1)}`,
      random: () => 0.5,
      sleep: async () => undefined, // the clock waits for the function
    };
  }
  const run = (kind: Container, event: unknown, app: App): Promise<unknown> => {
    if (kind === 'on-event') return onEvent(event as never, app);
    return kind === 'sweep' ? sweep(event, app) : backfill(event, app);
  };
  const apps = new Map<string, App>();
  const runner = (name: string, made: LambdaFunction): Runner => {
    const kind = FUNCTIONS.find((one) => name.endsWith(one)) ?? 'sweep';
    return inProcess(async (event) => {
      mayLog(account, made.Role, name);
      const app = apps.get(name) ?? appOf(kind, name, made);
      apps.set(name, app);
      return await run(kind, event, app);
    });
  };
  const stack = deployTemplate(template, { account, stack: 'prometheus-on-emr-dev', endpoint: face.url, runner });
  const bucket = stack.outputs['BucketName'] ?? '';
  for (const { artifacts } of settings.exporters)
    for (const key of Object.values(artifacts)) account.s3.put(bucket, key, { body: 'binary' });
  return {
    account,
    clock,
    bucket,
    denied,
    errors,
    /** Of each function: its name, and the ARN of its role. */
    roles: Object.values(stack.functions).map((arn) => {
      const { name, configuration } = account.lambda.find(arn);
      return [name, configuration?.Role ?? ''] as const;
    }),
    backfill: (event: object) => account.lambda.invoke(stack.functions['BackfillLambdaFunction'] ?? '', event),
  };
}
