import { expect, test } from 'vitest';
import type { DeployedStack } from '../../../scripts/aws/stack.ts';
import { checkHost } from '../../../scripts/host/check-host.ts';
import type { HostParameter } from '../../../scripts/host/host-template.ts';
import { cliWorld } from '../cli-world.ts';

const TOPIC = 'arn:aws:sns:us-east-1:123456789012:operators';
const NOTHING: Readonly<Record<HostParameter, string>> = {
  subnet: 'subnet-0123456789abcdef0',
  instanceType: 't4g.medium',
  volumeGiB: '100',
  dataVolume: '',
  retentionDays: '90',
  alertTopic: '',
  grafanaCidr: '',
  grafanaSecurityGroup: '',
  targetGroup: '',
  rootUrl: '',
};

async function world() {
  const { account } = await cliWorld();
  const said: string[] = [];
  /** What is wrong, empty where the host may be made. */
  const problems = (values: Partial<typeof NOTHING>, before?: DeployedStack, wantedGiB?: number) =>
    checkHost({
      place: { stage: 'trial', region: 'us-east-1' },
      identity: { accountId: '123456789012', partition: 'aws', arn: 'arn:aws:iam::123456789012:user/me' },
      before,
      values: { ...NOTHING, ...values },
      wantedGiB,
      wrong: new Set(),
      say: (line) => void said.push(line),
    }).then(
      () => '',
      (error: unknown) => String(error),
    );
  return { account, said, problems };
}

test("a topic under a key of one's own is taken, one under the key of SNS itself is not, for nobody would be told that the host is silent", async () => {
  const { account, said, problems } = await world();
  account.topics.set(TOPIC, { KmsMasterKeyId: 'alias/on-call' });
  expect(await problems({ alertTopic: TOPIC })).toBe('');
  account.topics.set(TOPIC, { KmsMasterKeyId: 'alias/aws/sns' });
  expect(await problems({ alertTopic: TOPIC })).toContain(
    `alertTopic is "${TOPIC}": it is encrypted with alias/aws/sns, which CloudWatch may not use: take a key of your own whose policy gives cloudwatch.amazonaws.com and the host's role`,
  );
  expect(said).toEqual([]);
  expect(await problems({ alertTopic: TOPIC.replace('123456789012', '999999999999') })).toBe('');
  expect(said).toEqual([expect.stringContaining("its policy must let cloudwatch.amazonaws.com and the host's role")]);
});

test.each(['10.1.0.0/16', '172.16.0.0/12', '192.168.7.1/32', '100.64.0.0/10'])(
  "Grafana's port may be opened to the private network %s",
  async (grafanaCidr) => {
    expect(await (await world()).problems({ grafanaCidr })).toBe('');
  },
);

test.each(['0.0.0.0/0', '0.0.0.0/00', '0.0.0.0/1', '128.0.0.0/1', '8.0.0.0/8', '8.8.8.8/32', '172.16.0.0/11'])(
  "Grafana's port, which has no TLS, is not opened to %s",
  async (grafanaCidr) => {
    expect(await (await world()).problems({ grafanaCidr })).toContain(
      `grafanaCidr is ${grafanaCidr}, which is not wholly private`,
    );
  },
);

test.each([
  'arn:aws:elasticloadbalancing:us-west-2:123456789012:',
  'arn:aws:elasticloadbalancing:us-east-1:999999999999:',
])('a target group of %s is refused: no machine here can be entered into it', async (where) => {
  const targetGroup = `${where}targetgroup/grafana/0123456789abcdef`;
  expect(await (await world()).problems({ targetGroup })).toContain(
    `targetGroup is ${targetGroup}: expected one of this account and Region (arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/…)`,
  );
});

test('behind a load balancer people come by TLS', async () => {
  const { problems } = await world();
  const targetGroup = 'arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/grafana/0123456789abcdef';
  expect(await problems({ targetGroup, rootUrl: 'https://grafana.example.com' })).toBe('');
  expect(await problems({ targetGroup, rootUrl: 'http://grafana.example.com' })).toContain('without TLS behind a load');
});

const VOLUME = { id: 'vol-00000001', zone: 'us-east-1a', attachedTo: [], isEncrypted: true };

test.each([
  ['attached to a machine that is not the host', { attachedTo: ['i-00000001'] }, ', which is attached to i-00000001: '],
  ['open to several machines', { isMultiAttach: true }, ', which several machines may write at a time (Multi-Attach)'],
  ['going away', { status: 'deleting' }, ', whose state is deleting: it has to be available'],
  ["under another account's key", { kmsKeyId: 'arn:aws:kms:us-east-1:999999999999:key/1' }, ', whose key arn:aws:kms:'],
  ['in another zone', { zone: 'us-east-1b' }, ' in us-east-1b, but subnet subnet-0123456789abcdef0 is in us-east-1a'],
] as const)(
  "a volume that is %s is refused before the former machine is ended, one's own and the stack's",
  async (_, change, text) => {
    const { account, problems } = await world();
    account.compute.network.addVolume(VOLUME);
    expect(await problems({ dataVolume: VOLUME.id })).toBe('');
    expect(await problems({}, deployedWith(VOLUME.id))).toBe('');
    account.compute.network.addVolume({ ...VOLUME, ...change });
    expect(await problems({ dataVolume: VOLUME.id })).toContain(`dataVolume is ${VOLUME.id}${text}`);
    expect(await problems({}, deployedWith(VOLUME.id))).toContain(`the data volume is ${VOLUME.id}${text}`);
  },
);

test('a volume that the former machine has is taken', async () => {
  const { account, problems } = await world();
  const tags = { 'prometheus-on-emr-host': 'prometheus-on-emr-trial--host' };
  const { id } = account.compute.ec2.launch({ instanceType: 't4g.medium', market: 'ON_DEMAND', tags });
  account.compute.network.addVolume({ ...VOLUME, attachedTo: [id] });
  expect(await problems({}, deployedWith(VOLUME.id))).toBe('');
});

const SIZED = { ...VOLUME, sizeGiB: 200 };
const TO_300 = { targetGiB: 300 };
test.each([
  ['as large as it is', 200, SIZED, ''],
  ['larger', 300, SIZED, ''],
  ['larger, when all changes of it have ended', 400, { ...SIZED, modification: { ...TO_300, state: 'completed' } }, ''],
  ['as large as EBS is making it', 300, { ...SIZED, modification: { ...TO_300, state: 'modifying' } }, ''],
  ['smaller', 199, SIZED, ' of 200 GiB, but volumeGiB is 199, and EBS volumes only grow: leave it out'],
  [
    'smaller than EBS is making it',
    250,
    { ...SIZED, modification: { ...TO_300, state: 'modifying' } },
    ' of 300 GiB, but volumeGiB is 250',
  ],
  [
    'larger while EBS still changes it',
    400,
    { ...SIZED, modification: { ...TO_300, state: 'optimizing' } },
    ', which EBS still changes (optimizing, to 300 GiB), but volumeGiB is 400, and one change ends before the next: leave it out until aws ec2 describe-volumes-modifications --region us-east-1 --volume-ids vol-00000001 says completed',
  ],
] as const)(
  "a volume is wanted %s: what counts is its size, not what the stack was told, the stack's and one's own",
  async (_, wanted, volume, text) => {
    const { account, problems } = await world();
    account.compute.network.addVolume(volume);
    const [own, stacks] = [
      await problems({ dataVolume: VOLUME.id }, undefined, wanted),
      await problems({}, deployedWith(VOLUME.id), wanted),
    ];
    expect([own, stacks].map((said) => said === '')).toEqual([text === '', text === '']);
    expect(own).toContain(text && `dataVolume is ${VOLUME.id}${text}`);
    expect(stacks).toContain(text && `the data volume is ${VOLUME.id}${text}`);
  },
);

test('an empty dataVolume does not put a new volume in the place of the one with the data', async () => {
  const { account, problems } = await world();
  account.compute.network.addVolume(VOLUME);
  const before = deployedWith(VOLUME.id);
  const parameters = { ...before.parameters, DataVolumeId: VOLUME.id };
  expect(await problems({ dataVolume: '' }, { ...before, parameters })).toContain(
    `dataVolume is empty, and a new volume without any data would take the place of ${VOLUME.id}: leave it out`,
  );
  expect(await problems({ dataVolume: VOLUME.id }, { ...before, parameters })).toBe('');
});

test('a data volume that somebody has deleted is named', async () => {
  expect(await (await world()).problems({}, deployedWith('vol-00000009'))).toContain(
    'the data volume is vol-00000009: there is no such volume in us-east-1',
  );
});

test('a type that the zone does not have is refused with the list of those that it has', async () => {
  const { problems } = await world();
  expect(await problems({ instanceType: 'r7g.large' })).toBe('');
  expect(await problems({ instanceType: 'r7g.large', subnet: 'subnet-0123456789abcdef1' })).toContain(
    'instanceType is r7g.large, which EC2 does not offer in us-east-1b, the zone of subnet-0123456789abcdef1; what it does: aws ec2 describe-instance-type-offerings --region us-east-1',
  );
});

test("where disks are under a key of the account's own, it is said who has to be let in", async () => {
  const { account, problems, said } = await world();
  expect(await problems({})).toBe('');
  expect(said).toEqual([]);
  account.compute.network.encryptWith('arn:aws:kms:us-east-1:123456789012:key/1');
  expect(await problems({})).toBe('');
  expect(said).toEqual([
    expect.stringMatching(/key\/1, not looked at: its policy must let AWSServiceRoleForAutoScaling/),
  ]);
});

function deployedWith(volume: string): DeployedStack {
  return {
    id: 'arn:aws:cloudformation:us-east-1:123456789012:stack/prometheus-on-emr-trial--host/1',
    name: 'prometheus-on-emr-trial--host',
    status: 'UPDATE_COMPLETE',
    parameters: { DataVolumeId: '', VolumeGiB: '100' },
    outputs: { DataVolume: volume },
  };
}
