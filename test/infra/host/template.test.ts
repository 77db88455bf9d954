import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createAccount } from '../../../sandbox/account/account.ts';
import { QUICK } from '../../../sandbox/account/compute.ts';
import { inProcess } from '../../../sandbox/account/lambda.ts';
import { sessionOf } from '../../../sandbox/account/principals.ts';
import { virtualClock } from '../../../sandbox/account/clock.ts';
import { readTemplate } from '../../../sandbox/account/template.ts';
import { readSource } from '../../../sandbox/account/template-yaml.ts';
import { HOST_PARAMETERS } from './parameters.ts';

const TOPIC = HOST_PARAMETERS.AlertTopic;
const KEY = 'arn:aws:kms:us-east-1:123456789012:key/1';

const body = await readFile('infra/host/template.yml', 'utf8');
const template = readTemplate(readSource(body));

const SITE = { endpoint: 'https://aws', runner: () => inProcess(async () => ({})) };

function deployed(parameters: Readonly<Record<string, string>> = {}) {
  const account = createAccount({ clock: virtualClock(new Date('2026-01-01')), timings: QUICK });
  account.permissions.putManagedPolicy(HOST_PARAMETERS.SidecarPolicyArn, { Version: '2012-10-17', Statement: [] });
  const source = { template, body, parameters: { ...HOST_PARAMETERS, ...parameters }, tags: {} };
  const stack = account.stacks.apply('host', source, SITE);
  const resource = (id: string) => {
    const { physicalId, properties } = stack.resources.get(id) ?? {};
    return { id: physicalId ?? '', properties };
  };
  return { account, resource };
}

const { account, resource } = deployed();
// As of a key whose policy lets IAM decide.
const owner = { AWS: 'arn:aws:iam::123456789012:root' };
account.permissions.grantStatement({ Effect: 'Allow', Principal: owner, Action: 'kms:*', Resource: '*' }, [KEY]);
const role = `arn:aws:iam::123456789012:role/${resource('Role').id}`;
const ec2 = (what: string): string => `arn:aws:ec2:us-east-1:123456789012:${what}`;
const secret = resource('GrafanaPassword').id;
const HERE = { 'aws:ResourceAccount': '123456789012' };
const EAST = { 'aws:RequestedRegion': 'us-east-1' };
const OURS = { 'aws:ResourceTag/prometheus-on-emr-host': 'host' };
const VIA_SNS = {
  'kms:ViaService': 'sns.us-east-1.amazonaws.com',
  'kms:EncryptionContext:aws:sns:topicArn': TOPIC,
};
const VIA_EC2 = { 'kms:ViaService': 'ec2.us-east-1.amazonaws.com' };
const FOR_EC2 = { ...VIA_EC2, 'kms:GrantIsForAWSResource': 'true' };
const data = ec2(`volume/${resource('Data').id}`);
const verdict = (action: string, on: string, context = {}) =>
  account.permissions.verdict(sessionOf(role, 'i-1'), { action, resource: on, context });

const MAY = [
  ['s3:GetObject', 'arn:aws:s3:::monitoring/artifacts/host/0/host.tar.gz', HERE],
  ['secretsmanager:GetSecretValue', secret, {}],
  ['cloudwatch:GetMetricData', '*', EAST],
  ['cloudwatch:ListMetrics', '*', EAST],
  ['cloudwatch:PutMetricData', '*', { 'cloudwatch:namespace': 'PrometheusOnEmrHost' }],
  ['ec2:AttachVolume', data, {}],
  ['ec2:AttachVolume', ec2('instance/i-1'), OURS],
  ['ssm:UpdateInstanceInformation', '*', {}],
  ['ssmmessages:CreateControlChannel', '*', {}],
  ['ssmmessages:CreateDataChannel', '*', {}],
  ['ssmmessages:OpenControlChannel', '*', {}],
  ['ssmmessages:OpenDataChannel', '*', {}],
  ['sns:Publish', TOPIC, {}],
  ['kms:Decrypt', KEY, VIA_SNS],
  ['kms:GenerateDataKey', KEY, VIA_SNS],
  ['kms:CreateGrant', KEY, FOR_EC2],
  ['kms:Decrypt', KEY, VIA_EC2],
  ['kms:DescribeKey', KEY, VIA_EC2],
] as const;

const MAY_NOT = [
  ['s3:PutObject', 'arn:aws:s3:::monitoring/artifacts/host/0/host.tar.gz', HERE],
  ['s3:GetObject', 'arn:aws:s3:::monitoring/artifacts/host/0/host.tar.gz', { 'aws:ResourceAccount': '210987654321' }],
  ['s3:GetObject', 'arn:aws:s3:::monitoring-of-others/artifacts/x', HERE],
  ['s3:GetObject', 'arn:aws:s3:::monitoring/ended/j-1.json', HERE],
  ['secretsmanager:GetSecretValue', `${secret}x`, {}],
  ['secretsmanager:PutSecretValue', secret, {}],
  ['ec2:AttachVolume', ec2('volume/vol-1'), {}],
  ['ec2:AttachVolume', ec2('instance/i-1'), {}],
  ['ec2:AttachVolume', ec2('instance/i-1'), { 'aws:ResourceTag/prometheus-on-emr-host': 'other' }],
  ['cloudwatch:PutMetricData', '*', { 'cloudwatch:namespace': 'PrometheusOnEmr' }],
  ['ec2:DetachVolume', data, {}],
  ['ec2:CreateTags', ec2('instance/i-1'), OURS],
  ['sns:Publish', `${TOPIC}2`, {}],
  ['kms:Decrypt', KEY, { ...VIA_SNS, 'kms:ViaService': 's3.us-east-1.amazonaws.com' }],
  ['kms:Decrypt', KEY, { ...VIA_SNS, 'kms:EncryptionContext:aws:sns:topicArn': `${TOPIC}2` }],
  ['kms:Decrypt', KEY, {}],
  ['kms:CreateGrant', KEY, { 'kms:GrantIsForAWSResource': 'true' }],
  ['kms:CreateGrant', KEY, { ...FOR_EC2, 'kms:GrantIsForAWSResource': 'false' }],
  ['ssm:SendCommand', '*', {}],
  ['ssm:GetParameter', '*', {}],
  ['cloudwatch:GetMetricData', '*', { 'aws:RequestedRegion': 'eu-west-1' }],
] as const;

test.each(MAY)('the host may %s on %s', (action, on, context) => {
  expect(verdict(action, on, context)).toBe('Allowed');
});

test.each(MAY_NOT)('the host may not %s on %s', (action, on, context) => {
  expect(verdict(action, on, context)).toBe('ImplicitlyDenied');
});

test('the host has no right but those above and SidecarPolicy, and EC2 alone assumes its role', () => {
  const { Policies, ManagedPolicyArns } = resource('Role').properties as {
    readonly Policies: readonly { PolicyDocument: { Statement: readonly { Action: string | readonly string[] }[] } }[];
    readonly ManagedPolicyArns: readonly string[];
  };
  const granted = Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement.flatMap(({ Action }) => Action));
  expect(new Set(granted)).toEqual(new Set(MAY.map(([action]) => action)));
  expect(ManagedPolicyArns).toEqual([HOST_PARAMETERS.SidecarPolicyArn]);
  expect(account.permissions.mayAssume('ec2.amazonaws.com', role)).toBe(true);
  expect(account.permissions.mayAssume('ssm.amazonaws.com', role)).toBe(false);
});

test('without a topic the host may publish to none', () => {
  const without = deployed({ AlertTopic: '' });
  const principal = sessionOf(`arn:aws:iam::123456789012:role/${without.resource('Role').id}`, 'i-1');
  const asked = { action: 'sns:Publish', resource: TOPIC };
  expect(without.account.permissions.verdict(principal, asked)).toBe('ImplicitlyDenied');
});

test('nothing gets in but Grafana from where it is said, IMDS wants a token, every disk is encrypted, and there is no key pair', () => {
  const group = (world: ReturnType<typeof deployed>) =>
    world.account.compute.securityGroups
      .find(world.resource('SecurityGroup').id)
      ?.ingress.map(({ from, to, source }) => [from, to, source]);
  expect(group(deployed())).toEqual([]);
  const groups = deployed({ GrafanaCidr: '10.1.0.0/16', GrafanaSecurityGroup: 'sg-0123456789abcdef0' });
  expect(group(groups)).toEqual([
    [3000, 3000, { cidr: '10.1.0.0/16' }],
    [3000, 3000, { group: 'sg-0123456789abcdef0' }],
  ]);
  const { LaunchTemplateData: launch } = resource('LaunchTemplate').properties as {
    readonly LaunchTemplateData: Readonly<Record<string, unknown>>;
  };
  expect(launch).toMatchObject({
    MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1 },
    BlockDeviceMappings: [{ Ebs: { Encrypted: true } }],
    ImageId: expect.stringMatching(/^ami-/),
  });
  expect(Object.keys(launch)).not.toContain('KeyName');
  expect(resource('Data').properties).toMatchObject({ Encrypted: true });
});

test('the data volume outlives the stack, and one of your own takes its place', () => {
  const { Data } = template.Resources;
  expect([Data?.DeletionPolicy, Data?.UpdateReplacePolicy]).toEqual(['RetainExceptOnCreate', 'Retain']);
  const own = deployed({ DataVolumeId: 'vol-0123456789abcdef0' });
  expect(own.resource('Data').id).toBe('');
  const { LaunchTemplateData: launch } = own.resource('LaunchTemplate').properties as {
    readonly LaunchTemplateData: { readonly UserData: string };
  };
  expect(Buffer.from(launch.UserData, 'base64').toString()).toContain('bootstrap.sh vol-0123456789abcdef0 "$INSTANCE"');
});

test('a host that says nothing rings at the topic, by the heartbeats that it sends', async () => {
  const { properties } = resource('HostSilent');
  expect(properties).toMatchObject({
    AlarmName: 'prometheus-on-emr-dev-HostSilent',
    AlarmDescription: expect.stringMatching(/ docs\/runbooks\/HostSilent\.md$/),
    TreatMissingData: 'breaching',
    AlarmActions: [TOPIC],
    OKActions: [TOPIC],
  });
  const { Namespace, MetricName, Dimensions } = properties as {
    readonly Namespace: string;
    readonly MetricName: string;
    readonly Dimensions: readonly { readonly Name: string; readonly Value: string }[];
  };
  const script = await readFile('infra/host/heartbeat.sh', 'utf8');
  expect(script).toContain(`--namespace ${Namespace} --metric-name ${MetricName} `);
  expect(script).toContain(`--dimensions "${Dimensions[0]?.Name}=$HOST" `);
  expect(Dimensions).toEqual([{ Name: 'Host', Value: 'host' }]);
});

test('a machine whose installation fails tells CloudFormation, and ends itself half an hour later for the group to make another', async () => {
  const { LaunchTemplateData: launch } = resource('LaunchTemplate').properties as {
    readonly LaunchTemplateData: { readonly UserData: string; readonly InstanceInitiatedShutdownBehavior: string };
  };
  expect(launch.InstanceInitiatedShutdownBehavior).toBe('terminate');
  const folder = await mkdtemp(join(tmpdir(), 'user-data-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const stubs = { curl: 'exit 22', shutdown: 'echo "shutdown $*"', 'cfn-signal': 'echo "cfn-signal $*"' };
  for (const [name, script] of Object.entries(stubs))
    await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const script = Buffer.from(launch.UserData, 'base64').toString().replaceAll('/opt/aws/bin/', `${folder}/`);
  const { status, stdout } = spawnSync('bash', ['-c', script], {
    env: { PATH: `${folder}:/usr/bin:/bin` },
    encoding: 'utf8',
  });
  expect(status).not.toBe(0);
  expect(stdout.split('\n')).toEqual([
    expect.stringMatching(/^cfn-signal --success false .*--resource Host/),
    'shutdown -h +30 not installed; shutdown -c keeps this machine',
    '',
  ]);
});

test('the user data names everything that the installer wants, and no secret, and keeps it where nothing empties the folder', () => {
  const { LaunchTemplateData: launch } = resource('LaunchTemplate').properties as {
    readonly LaunchTemplateData: { readonly UserData: string };
  };
  const script = Buffer.from(launch.UserData, 'base64').toString();
  expect(script).not.toMatch(/\$\{(?!\w*:-)/);
  expect(script).toContain('cd /opt/');
  expect(script).not.toMatch(/tmp\//);
  for (const option of [
    'bucket monitoring',
    'region us-east-1',
    'stage dev',
    'account 123456789012',
    'name host',
    `secret '${secret}'`,
    `topic '${TOPIC}'`,
    'retention-days 90',
  ])
    expect(script).toContain(`--${option}`);
});
