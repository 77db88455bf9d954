import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onEvent } from '../../functions/on-event.ts';
import { sweep } from '../../functions/sweep.ts';
import { createAccount } from '../../sandbox/account/account.ts';
import { virtualClock } from '../../sandbox/account/clock.ts';
import { QUICK } from '../../sandbox/account/compute.ts';
import { deployTemplate } from '../../sandbox/account/deploy.ts';
import { inProcess } from '../../sandbox/account/lambda.ts';
import { admitAs } from '../../sandbox/account/admit.ts';
import { sessionOf } from '../../sandbox/account/principals.ts';
import { computePorts } from '../../sandbox/account/ports.ts';
import { scriptedNodes } from '../../sandbox/account/scripted-nodes.ts';
import { toArn } from '../../sandbox/account/sqs-wire.ts';
import { packagedStack } from '../../scripts/package/packaged-stack.ts';
import { type Container, createBudget } from '../../shared/budget.ts';
import type { ClusterId, InstanceId } from '../../shared/core/model.ts';
import { policy } from '../../shared/core/policy.ts';
import type { App } from '../../shared/ports.ts';
import { readConfig } from '../../shared/runtime/config.ts';
import { readSettings } from '../../shared/runtime/read-settings.ts';
import { storage } from '../fakes/storage.ts';

const ignore = (): void => undefined;

/** By osls's name of the function, `prometheus-on-emr-<stage>-<kind>`. */
const kindOf = (name: string): Container => (name.endsWith('sweep') ? 'sweep' : 'on-event');

/** The packaged template on a virtual clock; its functions run in this process, over the account's ports. */
export async function deployInProcess() {
  const folder = await packagedStack(process.env);
  const settings = readSettings(new URL(`file://${folder}/on-event/settings.json`));
  const template: unknown = JSON.parse(
    await readFile(join(folder, 'cloudformation-template-update-stack.json'), 'utf8'),
  );
  const clock = virtualClock(new Date('2026-11-22T12:00:00Z'));
  const account = createAccount({ clock, timings: QUICK });
  const errors: string[] = [];
  let batches = 0;
  let orders = 0;
  function appOf(name: string, writer: string, env: Readonly<Record<string, string>>, role: string): App {
    const place = { AWS_REGION: account.region, AWS_LAMBDA_FUNCTION_NAME: name };
    const { bucket, documents, doorbellQueueUrl } = readConfig({ ...env, ...place }, settings);
    const budget = createBudget(kindOf(name), () => clock.now());
    const queue = toArn(doorbellQueueUrl, account.region);
    const ring = (id: ClusterId, delay?: number) => account.sqs.send(queue, JSON.stringify({ clusterId: id }), delay);
    const admit = admitAs(account.permissions, sessionOf(role, name), {
      accountId: account.accountId,
      region: account.region,
      tagsOf: (id) => account.compute.ec2.instance(id as InstanceId)?.tags ?? {},
      hasObject: (_bucket, key) => account.s3.find(bucket, key) !== undefined,
    });
    return {
      ...computePorts(account.compute, (operation) => budget.spend(operation), admit),
      ...storage(account.s3, bucket, account.compute.world, settings.exporters, admit),
      doorbells: {
        async ring(ids, delay) {
          admit.call('AmazonSQS', 'SendMessageBatch', { QueueUrl: doorbellQueueUrl });
          for (const id of ids) ring(id, delay);
        },
      },
      settings,
      documents,
      policy: policy(settings.policies),
      log: {
        info: ignore,
        warn: ignore,
        error: (message, fields) => void errors.push(`${message}: ${String(fields['error'])}`),
      },
      budget,
      memory: { records: new Map(), looks: new Map(), waiting: new Map() },
      meter: { count: ignore, gauge: ignore },
      writer,
      now: () => clock.now(),
      newOrderId: () => `order-${(orders += 1)}`,
      random: () => 0.5,
      sleep: async () => undefined, // the clock waits for the function
    };
  }
  const stack = deployTemplate(template, {
    account,
    endpoint: 'http://127.0.0.1:4566',
    runner(name, { Environment, Role }) {
      const [one, other] = ['one', 'other'].map((writer) => appOf(name, writer, Environment?.Variables ?? {}, Role));
      if (one === undefined || other === undefined) throw new Error(name);
      if (!name.endsWith('on-event')) return inProcess((event) => sweep(event, one));
      // A standard queue may hand a message to two consumers at the same moment: here it always does.
      return inProcess(async (event) => {
        batches += 1;
        const [answer] = await Promise.all([onEvent(event as never, one), onEvent(event as never, other)]);
        return answer;
      });
    },
  });
  const bucket = stack.outputs['BucketName'] ?? '';
  for (const { artifacts } of settings.exporters)
    for (const key of Object.values(artifacts)) account.s3.put(bucket, key, { body: 'binary' });
  scriptedNodes(account.compute);
  return { account, clock, bucket, errors, batches: () => batches };
}
