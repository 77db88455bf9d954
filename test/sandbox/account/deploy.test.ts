import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { packagedStack } from '../../../scripts/packaged-stack.ts';
import { createAccount } from '../../../sandbox/account/account.ts';
import { realClock, virtualClock } from '../../../sandbox/account/clock.ts';
import { QUICK } from '../../../sandbox/account/compute.ts';
import { deployTemplate } from '../../../sandbox/account/deploy.ts';
import { openFace } from '../../../sandbox/account/face.ts';
import { packagedRunner } from '../../../sandbox/account/lambda-package.ts';
import { inProcess, type Report } from '../../../sandbox/account/lambda.ts';
import { smallTemplate } from './small-template.ts';

const START = new Date('2026-11-22T10:00:00Z');
const endpoint = 'http://127.0.0.1:4566';
const emrEvent = { source: 'aws.emr', 'detail-type': 'EMR Cluster State Change', detail: { clusterId: 'j-1' } };
type Resources = Record<string, { Type: string; Properties?: Record<string, unknown> }>;

function deployed(change: (resources: Resources) => void = () => {}, run: (name: string) => unknown = () => null) {
  const clock = virtualClock(START);
  const account = createAccount({ clock, timings: QUICK });
  const template = smallTemplate();
  change(template.Resources);
  const invoked: [string, unknown][] = [];
  const runner = (name: string) =>
    inProcess(async (event) => {
      invoked.push([name, event]);
      return await run(name);
    });
  const stack = deployTemplate(template, { account, endpoint, runner });
  const bodies = (queue: string) => account.sqs.bodies(`arn:aws:sqs:us-east-1:123456789012:${queue}`);
  return { clock, account, stack, invoked, bodies };
}

describe('a template', () => {
  test('carries an event through its rule and queue into its function', async () => {
    const { account, clock, invoked, bodies, stack } = deployed();
    account.events.publish(emrEvent);
    account.events.publish({ ...emrEvent, source: 'aws.ec2' });
    await clock.advance(2000);
    expect(invoked).toMatchObject([['on-event', { Records: [{ body: JSON.stringify(emrEvent) }] }]]);
    expect(bodies('bells')).toEqual([]);
    expect(stack.outputs).toEqual({ Bells: 'http://127.0.0.1:4566/123456789012/bells' });
  });

  test('runs its schedule each minute, and does not repeat what failed when it says so', async () => {
    const { clock, invoked } = deployed(undefined, () => Promise.reject(new Error('down')));
    await clock.advance(190_000);
    expect(invoked.map(([name]) => name)).toEqual(['sweep', 'sweep', 'sweep']);
  });

  test('whose queue policy leaves the rule out loses its events to the rule’s dead-letter queue', async () => {
    const { account, clock, invoked, bodies } = deployed((resources) => {
      const withoutBells = JSON.stringify(resources['Policy']).replace('{"Fn::GetAtt":["Bells","Arn"]},', '');
      resources['Policy'] = JSON.parse(withoutBells) as Resources[string];
    });
    account.events.publish(emrEvent);
    await clock.advance(2000);
    expect([invoked, bodies('dead')]).toEqual([[], [JSON.stringify(emrEvent)]]);
  });

  test('whose schedule has no permission never runs its function', async () => {
    const { clock, invoked, account } = deployed((resources) => delete resources['SweepPermission']);
    await clock.advance(61_000);
    expect([invoked, account.events.dropped.length]).toEqual([[], 1]);
  });

  test.each<[string, (resources: Resources) => void, RegExp]>([
    [
      'an unknown resource type',
      (all) => (all['Topic'] = { Type: 'AWS::SNS::Topic' }),
      /not modelled: Topic \(AWS::SNS::Topic\)/,
    ],
    [
      'an unknown property',
      (all) => (all['Bells'] = { Type: 'AWS::SQS::Queue', Properties: { FifoQueue: true } }),
      /Bells.*FifoQueue/s,
    ],
    [
      'an event pattern that EventBridge refuses',
      (all) => Object.assign(all['EmrRule']?.Properties ?? {}, { EventPattern: { source: [{ like: 'x' }] } }),
      /Unrecognized match type like/,
    ],
    [
      'a document that SSM refuses',
      (all) =>
        (all['Doc'] = { Type: 'AWS::SSM::Document', Properties: { Name: 'x', DocumentType: 'Command', Content: {} } }),
      /schemaVersion/,
    ],
  ])('with %s does not deploy', (_name, change, reason) => {
    expect(() => deployed(change)).toThrow(reason);
  });

  test('that sets a variable of Lambda’s own does not deploy', () => {
    const account = createAccount({ clock: virtualClock(START), timings: QUICK });
    const template = smallTemplate();
    Object.assign(template.Resources.Sweep.Properties.Environment.Variables, { AWS_REGION: 'eu-west-1' });
    const credentials = account.credentials.issue();
    const runner = packagedRunner({
      folder: '/',
      region: 'us-east-1',
      credentials,
      endpoint,
      s3Endpoint: endpoint,
      onLine: () => {},
    });
    expect(() => deployTemplate(template, { account, endpoint, runner })).toThrow(
      /sweep: Lambda reserves the variables AWS_REGION/,
    );
  });
});

test(
  'the packaged stack meets a launched cluster: its bundles write the record and order the install',
  { timeout: 90_000 },
  async () => {
    const folder = await packagedStack(process.env);
    const reports: Report[] = [];
    const lines: string[] = [];
    const account = createAccount({
      clock: realClock(),
      timings: { ...QUICK, provision: 500, bootstrap: 500 },
      onReport: (report) => reports.push(report),
    });
    const face = await openFace({ handlers: account.handlers, port: 0 });
    onTestFinished(async () => {
      await account.stop();
      await face.close();
    });
    const runner = packagedRunner({
      folder,
      region: account.region,
      credentials: account.credentials.issue(),
      endpoint: face.url,
      s3Endpoint: face.url,
      onLine: (name, line) => lines.push(`${name} ${line}`),
    });
    const template: unknown = JSON.parse(
      await readFile(join(folder, 'cloudformation-template-update-stack.json'), 'utf8'),
    );
    const { outputs } = deployTemplate(template, {
      account,
      endpoint: face.url,
      runner,
      parameters: { ExistingBucket: '' },
    });

    const id = account.compute.emr.launch({
      name: 'nightly',
      groups: [{ role: 'MASTER', instanceType: 'm5.xlarge', market: 'ON_DEMAND', count: 1 }],
    });

    const record = () => {
      try {
        return JSON.parse(
          Buffer.from(account.s3.get(outputs['BucketName'] ?? '', `clusters/${id}.json`).body).toString(),
        ) as unknown;
      } catch {
        return lines.join('\n');
      }
    };
    await expect
      .poll(record, { timeout: 60_000, interval: 200 })
      .toMatchObject({ clusterId: id, name: 'nightly', state: 'WAITING' });
    expect(reports.filter(({ error }) => error !== undefined)).toEqual([]);
  },
);
