import { expect, test } from 'vitest';
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
  const problems = (values: Partial<typeof NOTHING>) =>
    checkHost({
      place: { stage: 'trial', region: 'us-east-1' },
      identity: { accountId: '123456789012', partition: 'aws', arn: 'arn:aws:iam::123456789012:user/me' },
      before: undefined,
      values: { ...NOTHING, ...values },
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

test('behind a load balancer people come by TLS', async () => {
  const { problems } = await world();
  const targetGroup = 'arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/grafana/0123456789abcdef';
  expect(await problems({ targetGroup, rootUrl: 'https://grafana.example.com' })).toBe('');
  expect(await problems({ targetGroup, rootUrl: 'http://grafana.example.com' })).toContain('without TLS behind a load');
});
