import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { deployWorld, type DeployWorld } from './deploy-world.ts';

const STAGE = ['--stage', 'trial', '--region', 'us-east-1'];
const param = (...pairs: readonly string[]) => pairs.flatMap((pair) => ['--param', pair]);
const HERE = 'subnet-0123456789abcdef0';
const TOPIC = 'arn:aws:sns:us-east-1:123456789012:operators';

/** What a deploy leaves, as far as the host asks for it. */
const MAIN = {
  Parameters: { AlarmTopic: { Type: 'String', Default: '' } },
  Resources: {
    Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'monitoring' } },
    SidecarPolicy: {
      Type: 'AWS::IAM::ManagedPolicy',
      Properties: { PolicyDocument: { Version: '2012-10-17', Statement: [] } },
    },
  },
  Outputs: { BucketName: { Value: { Ref: 'Bucket' } }, SidecarPolicyArn: { Value: { Ref: 'SidecarPolicy' } } },
};

function deployMain({ account }: DeployWorld): void {
  const template = { AWSTemplateFormatVersion: '2010-09-09', ...MAIN };
  const source = { template, body: JSON.stringify(template), parameters: { AlarmTopic: '' }, tags: {} };
  account.stacks.create('prometheus-on-emr-trial', source, 'ROLLBACK');
}

/** Every release of the host, of a few bytes, locked in the checkout. */
async function lockHost({ checkout, env }: DeployWorld): Promise<void> {
  for (const file of globSync('infra/host/*/release.lock', { cwd: checkout })) {
    const path = join(checkout, file);
    const { artifacts, unlocked = {}, ...lock } = JSON.parse(await readFile(path, 'utf8')) as Lock;
    const files = {
      ...unlocked,
      ...Object.fromEntries(Object.entries(artifacts).map(([key, one]) => [key, one.file])),
    };
    const made: Record<string, object> = {};
    for (const [key, name] of Object.entries(files)) {
      const bytes = `not ${name}`;
      await writeFile(join(env['PROMETHEUS_ON_EMR_ARTIFACTS'] ?? '', name), bytes);
      made[key] = { file: name, sha256: createHash('sha256').update(bytes).digest('hex') };
    }
    await writeFile(path, JSON.stringify({ ...lock, artifacts: made }));
  }
}
interface Lock {
  readonly artifacts: Readonly<Record<string, { readonly file: string }>>;
  readonly unlocked?: Readonly<Record<string, string>>;
}

test('deploy:host refuses what is missing or wrong with field and fix, makes the host, changes nothing when nothing changed, and replaces the instance when the configuration did', async () => {
  const world = await deployWorld();
  const { account, npmRun, checkout } = world;
  const deploy = (...pairs: readonly string[]) => npmRun('deploy:host', ...STAGE, ...param(...pairs));
  const status = () => account.stacks.all().map(({ name, status: is }) => `${name} ${is}`);

  const early = await deploy(`subnet=${HERE}`);
  expect([early.code, early.stderr]).toEqual([1, expect.stringContaining('nothing is deployed as stage trial')]);
  deployMain(world);
  const wrong = await deploy('subnet=subnet-00000000', 'grafanaCidr=0.0.0.0/0', `alertTopic=${TOPIC}`);
  expect(wrong.code).toBe(1);
  for (const line of [
    'subnet is subnet-00000000: there is no such subnet',
    'grafanaCidr is 0.0.0.0/0, the whole internet',
    `alertTopic is ${TOPIC}: there is no such topic`,
  ])
    expect(wrong.stderr).toContain(line);
  const shapes = await deploy('subnet=here', 'volumeGib=5', 'instanceType=m5.large', 'grafanaCidr=10.0.0.0');
  for (const line of [
    '--param subnet is "here"',
    '--param volumeGib: no such parameter; did you mean volumeGiB?',
    '--param instanceType is "m5.large"',
    '--param grafanaCidr is "10.0.0.0"',
  ])
    expect(shapes.stderr).toContain(line);
  expect((await deploy()).stderr).toContain('subnet is not given: --param subnet=subnet-…');
  expect(status()).toEqual(['prometheus-on-emr-trial CREATE_COMPLETE']);

  await lockHost(world);
  const first = await deploy(`subnet=${HERE}`, 'grafanaCidr=10.1.0.0/16');
  expect([first.code, first.stderr]).toEqual([0, expect.stringContaining('artifacts/host/')]);
  expect(status()).toContain('prometheus-on-emr-trial--host CREATE_COMPLETE');
  const keys = account.s3.list('monitoring', { prefix: 'artifacts/' }).objects.map(({ key }) => key);
  expect(keys.map((key) => key.split('/')[1] ?? '').toSorted()).toEqual([
    'alertmanager',
    'grafana',
    'host',
    'nodejs',
    'prometheus',
  ]);
  expect(keys.filter((key) => /amd64|x64/.test(key))).toEqual([]);
  const host = account.stacks.find('prometheus-on-emr-trial--host');
  const template = () =>
    host?.resources.get('LaunchTemplate')?.properties as { LaunchTemplateData: { UserData: string } };
  const userData = () => Buffer.from(template().LaunchTemplateData.UserData, 'base64').toString();
  expect(userData()).toContain(`s3://monitoring/${keys.find((key) => key.startsWith('artifacts/host/'))}`);
  const group = account.compute.securityGroups.find(/prometheusSecurityGroup=(sg-\w+)/.exec(first.stdout)?.[1] ?? '');
  expect(group?.ingress).toEqual([{ from: 3000, to: 3000, source: { cidr: '10.1.0.0/16' }, description: 'Grafana' }]);

  const before = userData();
  const again = await deploy();
  expect([again.code, again.stdout]).toEqual([0, first.stdout]);
  expect(again.stderr).toContain('no instance is replaced');
  expect(again.stderr).toContain('grafanaCidr stays 10.1.0.0/16, as it is deployed');

  const config = join(checkout, 'infra/prometheus/prometheus.yml');
  await writeFile(config, `${await readFile(config, 'utf8')}# changed\n`);
  const elsewhere = await deploy('subnet=subnet-0123456789abcdef1', 'volumeGiB=50');
  expect(elsewhere.stderr).toMatch(/in us-east-1b, but the data volume vol-\w+ is in us-east-1a/);
  expect(elsewhere.stderr).toContain('volumeGiB is 50, but the data volume has 100: EBS volumes only grow');
  const volume = host?.resources.get('Data')?.physicalId;
  expect(await deploy('volumeGiB=200')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(`${volume} (200 GiB)`),
  });
  expect(userData()).not.toBe(before);
}, 120_000);
