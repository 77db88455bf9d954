import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { administrator, roleOf } from '../../../sandbox/account/principals.ts';
import { BUCKET, hostTerminal } from './host-terminal.ts';

const HERE = 'subnet-0123456789abcdef0';
const ELSEWHERE = 'subnet-0123456789abcdef1';
const TOPIC = 'arn:aws:sns:us-east-1:123456789012:operators';
const ME = roleOf(administrator('123456789012'));

test('a host without the deployment that it watches is refused, with the command that makes it', async () => {
  const { deploy } = await hostTerminal();
  const { failed } = await deploy(`subnet=${HERE}`);
  expect(failed).toContain(
    'nothing is deployed as stage trial in us-east-1: deploy first (npm run deploy -- --stage trial',
  );
});

test('what is missing or wrong is said with its name and what mends it, and nothing is created', async () => {
  const { deploy, deployMain, status, account } = await hostTerminal();
  deployMain();
  account.compute.network.addVolume({
    id: 'vol-00000001',
    zone: 'us-east-1b',
    attachedTo: ['i-1'],
    isEncrypted: false,
  });
  expect((await deploy()).failed).toContain('subnet is not given: --param subnet=subnet-…');
  const both = await deploy(
    'subnet=here',
    'volumeGib=5',
    'instanceType=m5.large',
    'grafanaCidr=0.0.0.0/0',
    'volumeGiB=99999',
    'retentionDays=9999',
    'targetGroup=mine',
    `alertTopic=${TOPIC}`,
  );
  expect(both.failed?.split('\n').slice(2)).toEqual([
    expect.stringMatching(
      /^--param subnet is "here": expected a subnet's id, such as subnet-0123456789abcdef0 \(Where/,
    ),
    '--param volumeGib: no such parameter; did you mean volumeGiB? (docs/host.md lists them)',
    expect.stringMatching(/^--param instanceType is "m5.large": expected a type of Graviton, such as t4g.medium \(/),
    '--param volumeGiB is "99999": expected a whole number from 10 to 16384, such as 200 (Size of the data volume; it may grow, and never shrinks)',
    expect.stringMatching(/^--param retentionDays is "9999": expected a whole number from 1 to 3650, such as 90 \(/),
    expect.stringMatching(/^--param targetGroup is "mine": expected its ARN, such as arn:aws:/),
    expect.stringMatching(/^grafanaCidr is 0.0.0.0\/0, which is not wholly private/),
    expect.stringMatching(/^alertTopic is .*: there is no such topic/),
  ]);
  const account1 = await deploy(
    'subnet=subnet-00000000',
    'grafanaCidr=0.0.0.0/0',
    `alertTopic=${TOPIC}`,
    'grafanaSecurityGroup=sg-00000000',
  );
  for (const line of [
    'subnet is subnet-00000000: there is no such subnet in us-east-1; those that there are: aws ec2 describe-subnets',
    "grafanaCidr is 0.0.0.0/0, which is not wholly private, and Grafana's port speaks plain HTTP",
    `alertTopic is "${TOPIC}": there is no such topic: aws sns create-topic --name operators`,
    'grafanaSecurityGroup is sg-00000000: there is no such group in us-east-1',
  ])
    expect(account1.failed).toContain(line);
  const places = await deploy(
    'subnet=subnet-0123456789abcdef2',
    'grafanaCidr=10.0.0.300/8',
    'dataVolume=vol-00000001',
    `alertTopic=${TOPIC.replace('east', 'west')}`,
    'grafanaSecurityGroup=sg-0123456789abcdef0',
  );
  for (const line of [
    'grafanaCidr is 10.0.0.300/8: expected a network such as 10.1.0.0/16',
    'dataVolume is vol-00000001 in us-east-1b, but subnet subnet-0123456789abcdef2 is in us-east-1a',
    'dataVolume is vol-00000001, which is attached to i-1: detach it first',
    'dataVolume is vol-00000001, which is not encrypted',
    'alertTopic is "arn:aws:sns:us-west-1:123456789012:operators": expected a topic of us-east-1',
    'grafanaSecurityGroup is sg-0123456789abcdef0 of vpc-0123456789abcdef0, but the host will be in vpc-0123456789abcdef1',
  ])
    expect(places.failed).toContain(line);
  expect((await deploy(`subnet=${HERE}`, 'dataVolume=vol-00000009')).failed).toContain(
    'dataVolume is vol-00000009: there is no such volume',
  );
  expect(status()).toBeUndefined();
});

test('it makes the host of this checkout, again changes nothing, and what changed is a new instance with the same data, by the rights that docs/host.md lists and no other', async () => {
  const { account, root, deploy, deployMain, resource, status, userData } = await hostTerminal();
  deployMain();
  const first = await deploy(`subnet=${HERE}`, 'grafanaCidr=10.1.0.0/16');
  expect([first.failed, status()]).toEqual([undefined, 'CREATE_COMPLETE']);
  const keys = account.s3.list(BUCKET, { prefix: 'artifacts/' }).objects.map(({ key }) => key);
  const names = keys.map((key) => key.split('/')[1] ?? '');
  expect(names.toSorted()).toEqual(['alertmanager', 'grafana', 'host', 'nodejs', 'prometheus']);
  expect(keys.filter((key) => /amd64|x64/.test(key))).toEqual([]);
  expect(userData()).toContain(`s3://${BUCKET}/${keys.find((key) => key.startsWith('artifacts/host/'))}`);
  const group = account.compute.securityGroups.find(/prometheusSecurityGroup=(sg-\w+)/.exec(first.printed)?.[1] ?? '');
  expect(group?.ingress).toEqual([{ from: 3000, to: 3000, source: { cidr: '10.1.0.0/16' }, description: 'Grafana' }]);

  const [before, volume] = [userData(), resource('Data')?.physicalId];
  const again = await deploy();
  expect([again.failed, again.printed]).toEqual([undefined, first.printed]);
  expect(again.said).toContain('no instance is replaced');
  expect(again.said).toContain('grafanaCidr stays 10.1.0.0/16, as it is deployed');
  expect(userData()).toBe(before);

  const wide = await deploy('grafanaCidr=10.2.0.0');
  expect(wide.failed).toContain('--param grafanaCidr is "10.2.0.0": expected');
  expect(wide.said).not.toContain('grafanaCidr stays');
  expect(wide.said).toContain(`subnet stays ${HERE}, as it is deployed`);

  const { failed } = await deploy(`subnet=${ELSEWHERE}`, 'volumeGiB=50');
  expect(failed).toContain(
    `the data volume is ${volume} in us-east-1a, but subnet ${ELSEWHERE} is in us-east-1b: both have to be in one`,
  );
  expect(failed).toContain(`the data volume is ${volume} of 100 GiB, but volumeGiB is 50, and EBS volumes only grow`);

  const grown = await deploy('volumeGiB=200');
  expect([grown.failed, grown.printed]).toEqual([undefined, expect.stringContaining(`${volume} (200 GiB)`)]);
  expect(grown.said).toContain(`${volume} grows from 100 to 200 GiB, and its file system`);
  expect(grown.said).toContain('no instance is replaced');
  expect(account.compute.network.volumes.get(volume ?? '')?.sizeGiB).toBe(200);
  expect([userData(), resource('Data')?.properties]).toEqual([before, expect.objectContaining({ Size: '100' })]);

  const config = join(root, 'infra/prometheus/prometheus.yml');
  await writeFile(config, `${await readFile(config, 'utf8')}# changed\n`);
  const changed = await deploy();
  expect([changed.failed, changed.printed]).toEqual([undefined, expect.stringContaining(`${volume} (200 GiB)`)]);
  expect(userData()).not.toBe(before);

  const { network } = account.compute;
  const now = network.volumes.get(volume ?? '');
  if (now !== undefined) network.addVolume({ ...now, modification: { state: 'completed', targetGiB: 200 } });
  account.faults.arm(
    { kind: 'error', status: 400, code: 'VolumeModificationRateExceeded' },
    { operation: 'ModifyVolume' },
  );
  const tooOften = await deploy('volumeGiB=300', 'retentionDays=30');
  expect(tooOften.failed).toMatch(
    `Volume failed\n\nvolumeGiB is 300, but ${volume} stays at 200 for now: ec2:ModifyVolume: VolumeModificationRateExceeded`,
  );

  account.stacks.failNext('LaunchTemplate', 'You are not authorized to perform: ec2:CreateLaunchTemplateVersion');
  const refused = await deploy('retentionDays=30');
  expect(refused.failed).toMatch(
    /LaunchTemplate \(AWS::EC2::LaunchTemplate\): You are not authorized.*\nThe stack prometheus-on-emr-trial--host is UPDATE_ROLLBACK_COMPLETE: what was deployed before is in force\.\n.*then npm run deploy:host -- --stage trial/,
  );

  const asked = account.permissions.decisions().flatMap((one) => (roleOf(one.principal) === ME ? one.action : []));
  const listed = await ownRights();
  expect([...new Set(asked)].filter((action) => !listed.includes(action))).toEqual([]);
  // What IAM asks nobody for; of a bucket without checksums; of parameters that are not given here.
  const spare = new Set([
    'sts:GetCallerIdentity',
    's3:GetObject',
    'ec2:DescribeInstances',
    'ec2:DescribeSecurityGroups',
    'sns:GetTopicAttributes',
  ]);
  expect(listed.filter((action) => !asked.includes(action) && !spare.has(action))).toEqual([]);
});

/** Of docs/host.md, whose actions leave out the service that the one before has named. */
async function ownRights(): Promise<readonly string[]> {
  const [, row = ''] = /^\| the command +\| (.*) \|$/m.exec(await readFile('docs/host.md', 'utf8')) ?? [];
  let service = '';
  return [...row.matchAll(/`([\w:]+)`/g)].map(([, word = '']) => {
    const [prefix = '', name] = word.split(':');
    if (name === undefined) return `${service}:${word}`;
    service = prefix;
    return word;
  });
}
