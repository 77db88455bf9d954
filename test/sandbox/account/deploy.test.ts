import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, onTestFailed, onTestFinished, test } from 'vitest';
import { packagedStack } from '../../../scripts/package/packaged-stack.ts';
import { createAccount } from '../../../sandbox/account/account.ts';
import { realClock, virtualClock } from '../../../sandbox/account/clock.ts';
import { QUICK } from '../../../sandbox/account/compute.ts';
import { deployTemplate } from '../../../sandbox/account/deploy.ts';
import { openFace } from '../../../sandbox/account/face.ts';
import { packagedRunner } from '../../../sandbox/account/lambda-package.ts';
import { inProcess, type Report } from '../../../sandbox/account/lambda.ts';
import { createTls } from '../../../sandbox/account/tls.ts';
import type { Settings } from '../../../shared/core/settings.ts';
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

let folder = '';
beforeAll(async () => {
  folder = await packagedStack(process.env);
});

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

  test('whose queue has no policy loses its events to the rule’s dead-letter queue', async () => {
    const { account, clock, invoked, bodies } = deployed((resources) => delete resources['Policy']);
    account.events.publish(emrEvent);
    await clock.advance(2000);
    expect([invoked, bodies('dead')]).toEqual([[], [JSON.stringify(emrEvent)]]);
  });

  test.each([
    ['two queues', [{ 'Fn::GetAtt': ['Bells', 'Arn'] }, { 'Fn::GetAtt': ['Dead', 'Arn'] }]],
    ['another queue', { 'Fn::GetAtt': ['Dead', 'Arn'] }],
  ])('whose queue has a policy that speaks of %s is refused, as SQS does', (_name, Resource) => {
    const change = (resources: Resources) => {
      const policy = JSON.stringify(resources['Policy']);
      resources['Policy'] = JSON.parse(
        policy.replace('"Resource":{"Fn::GetAtt":["Bells","Arn"]}', `"Resource":${JSON.stringify(Resource)}`),
      ) as Resources[string];
    };
    expect(() => deployed(change)).toThrow(/Invalid value for the parameter Policy/);
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
      /does not model Topic \(AWS::SNS::Topic\)/,
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
    const runner = packagedRunner({
      folder: '/',
      account,
      endpoint,
      s3Endpoint: endpoint,
      onLine: () => {},
    });
    expect(() => deployTemplate(template, { account, endpoint, runner })).toThrow(
      /sweep: Lambda reserves the variables AWS_REGION/,
    );
  });
});

test('the packaged bundles meet a launched cluster: record, order and a URL that serves the artifact', async () => {
  const { account, stack, reports, denied, tls } = await deployPackaged();
  const bucket = stack.outputs['BucketName'] ?? '';
  const settings = JSON.parse(await readFile(join(folder, 'on-event/settings.json'), 'utf8')) as Settings;
  const artifacts = settings.exporters.flatMap((exporter) => Object.values(exporter.artifacts));
  for (const key of artifacts) account.s3.put(bucket, key, { body: `content of ${key}` });
  account.compute.ec2.watch(({ id, state }) => {
    if (state === 'running') account.compute.agents.ping(id, { PlatformType: 'Linux' });
  });

  const groups = [{ role: 'MASTER', instanceType: 'm5.xlarge', market: 'ON_DEMAND', count: 1 }] as const;
  const id = account.compute.emr.launch({ name: 'nightly', groups });

  const sent = () => account.compute.commands.commands().map(({ parameters }) => parameters['UrlAmd64']?.[0]);
  await expect
    .poll(() => [...denied, ...sent()], { interval: 100 })
    .toEqual([expect.stringContaining('X-Amz-Signature')]);
  const artifact = await download(sent()[0] ?? '', tls.ca);
  expect(artifacts.map((key) => `content of ${key}`)).toContain(artifact);
  const record = Buffer.from(account.s3.get(bucket, `clusters/${id}.json`).body).toString();
  expect(JSON.parse(record)).toMatchObject({ clusterId: id, name: 'nightly' });
  expect(reports.filter(({ error }) => error !== undefined)).toEqual([]);
  expect(denied).toEqual([]);
});

/** The account as the demo opens it, on loopback: HTTPS for S3 (documents take https URLs only), HTTP for the rest. */
async function deployPackaged() {
  const reports: Report[] = [];
  const lines: string[] = [];
  onTestFailed(() => void process.stderr.write(`${lines.join('\n')}\n`));
  const timings = { ...QUICK, provision: 500, bootstrap: 500 };
  const denied: string[] = [];
  const account = createAccount({
    clock: realClock(),
    timings,
    onReport: (report) => reports.push(report),
    onDenied: (message) => denied.push(message),
  });
  const tls = await createTls('127.0.0.1');
  const [http, https] = await Promise.all([
    openFace({ handlers: account.handlers, port: 0 }),
    openFace({ handlers: account.handlers, port: 0, tls }),
  ]);
  const caFile = join(await mkdtemp(join(tmpdir(), 'account-ca-')), 'ca.pem');
  await writeFile(caFile, tls.ca);
  onTestFinished(async () => {
    await account.stop();
    await Promise.all([http.close(), https.close(), rm(dirname(caFile), { recursive: true })]);
  });
  const endpoints = { endpoint: http.url, s3Endpoint: https.url, caFile };
  const runner = packagedRunner({
    folder,
    account,
    ...endpoints,
    onLine: (_name, line) => lines.push(line),
  });
  const template: unknown = JSON.parse(
    await readFile(join(folder, 'cloudformation-template-update-stack.json'), 'utf8'),
  );
  const stack = deployTemplate(template, { account, endpoint: http.url, runner, parameters: { ExistingBucket: '' } });
  return { account, stack, reports, denied, tls };
}

/** `fetch` takes no certificate authority. */
const download = (url: string, ca: string): Promise<string> =>
  new Promise((resolve, reject) => {
    get(url, { ca }, (response) => void text(response).then(resolve, reject)).on('error', reject);
  });
